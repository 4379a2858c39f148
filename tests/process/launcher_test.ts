import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { NO_CGROUPS } from "../../lib/process/cgroup.ts";
import { launchedInto } from "../../lib/process/launcher.ts";
import type { SpawnSpec } from "../../lib/process/os_process.ts";
import { createSpawn } from "../../lib/process/spawn.ts";
import { end, standInSpec, until } from "../stand_in/stand_in.ts";
import {
  isWithoutCgroup,
  named,
  shell,
  spawnIn,
  TestCgroup,
} from "./test_cgroup.ts";

const ignore = isWithoutCgroup;
const CYCLES = 40;

/** Leaves group, session, parent and environment at once: nothing is left to know it by. */
const FLEE =
  `(setsid sh -c 'echo $$ >>"$1"; exec env -i sleep 61' sh "$1" & ) & `;

/** The output of a program that ends by itself. */
async function outputOf(
  spec: SpawnSpec,
  cgroup?: TestCgroup,
): Promise<string[]> {
  const lines: string[] = [];
  const spawn = cgroup === undefined
    ? createSpawn({ clock: systemClock, cgroups: NO_CGROUPS })
    : spawnIn(cgroup);
  const process = spawn({ ...spec, onLine: (line) => lines.push(line) });
  await process.exited;
  await end(process);
  let count = -1;
  await until("all is read", async () => {
    const before = count;
    count = lines.length;
    await systemClock.sleep(20);
    return count === before;
  });
  return lines;
}

Deno.test({
  name: named(
    "LinuxProcess holds a program from its first instruction on: who flees at once is gone as well",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const path = await Deno.makeTempFile();
    const alive: number[] = [];
    let fled = 0;
    for (let count = 0; count < CYCLES; count += 1) {
      const process = spawnIn(cgroup)(shell(`${FLEE.repeat(2)} wait`, path));
      await process.exited;
      await end(process);
      const pids = Deno.readTextFileSync(path).split("\n").filter((it) =>
        it !== ""
      );
      fled += pids.length;
      alive.push(...pids.map(Number).filter(isSleeper));
      Deno.writeTextFileSync(path, "");
    }
    for (const pid of alive) Deno.kill(pid, "SIGKILL");
    await Deno.remove(path);
    assertEquals(alive, []);
    assertEquals(fled > 0, true);
  },
});

function isSleeper(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.includes("(sleep)") && !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

Deno.test({
  name: named(
    "LinuxProcess hands arguments and environment on as they are, in a cgroup and without",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const env = {
      "odd.name": "a b",
      PWD: "/somewhere",
      A: "$(echo no) `echo no` ; & '\"\n2",
      "KOLIKKO_Ä": "ä",
    };
    const mark = "m1";
    const args = ["-c", 'printf "%s|" "$0" "$@"; exec env', "x", ""]
      .concat("$(echo no)", "`echo no`", "; echo no", "a  b", "*", "--", "=");
    const spec = { ...shell(""), args, env, mark };
    // A shell in the test itself would change what it was handed.
    const printed = { ...shell(""), exec: "env", args: [], env, mark };
    for (const one of [spec, printed]) {
      const within = await outputOf(one, cgroup);
      const without = await outputOf(one);
      assertEquals(within.toSorted(), without.toSorted());
    }
  },
});

Deno.test({
  name: named(
    "LinuxProcess tells in words what the system refuses to start in a cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const folder = await Deno.makeTempDir();
    const write = (name: string, text: string) => {
      const path = `${folder}/${name}`;
      Deno.writeTextFileSync(path, text, { mode: 0o755 });
      return path;
    };
    const cases: [exec: string, words: string][] = [
      [
        // Where one that is named relative to a folder is, nobody looks before.
        write("lost", "#!no/such/interpreter\n"),
        "an interpreter or a library loader that it names is missing",
      ],
      [write("closed", `#!${folder}\n`), "this user may not run it"],
      [write("sound", "#!/bin/sh\necho 'sound: 1'\nexit 127\n"), ""],
    ];
    for (const [exec, words] of cases) {
      const lines: string[] = [];
      const process = spawnIn(cgroup)({
        ...standInSpec([]),
        exec,
        args: [],
        onLine: (line) => lines.push(line),
      });
      const exit = await process.exited;
      if (words === "") assertEquals(exit, { kind: "code", code: 127 });
      else {
        assertEquals(exit.kind, "not_started");
        const reason = exit.kind === "not_started" ? exit.reason : "";
        assertStringIncludes(reason, `Cannot start "stand-in" as "${exec}"`);
        assertStringIncludes(reason, words);
        assertEquals(lines, []);
      }
      await end(process);
    }
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: named("LinuxProcess starts nothing that cannot enter its cgroup"),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const spawn = createSpawn({
      clock: systemClock,
      cgroups: {
        ...NO_CGROUPS,
        create: () => ({
          ...NO_CGROUPS.create(""),
          path: `${cgroup.path}/gone`,
        }),
      },
    });
    const lines: string[] = [];
    const process = spawn({
      ...shell("echo it runs"),
      onLine: (line) => lines.push(line),
    });
    const exit = await process.exited;
    await end(process);
    assertEquals(lines, []);
    assertStringIncludes(
      exit.kind === "not_started" ? exit.reason : exit.kind,
      "it cannot be put into its cgroup",
    );
  },
});

Deno.test({
  name: 'launchedInto() starts the program itself, with a "=" in its path, too',
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ suffix: "=x" });
    const path = `${folder}/miner`;
    Deno.writeTextFileSync(path, '#!/bin/sh\necho "$@"; env\n', {
      mode: 0o755,
    });
    for (const name of ["odd.name", "EVEN"]) {
      const what = launchedInto(folder, {
        path,
        args: ["/bin/false", "-x"],
        env: { [name]: "1" },
      });
      const { stdout } = await new Deno.Command(what.path, {
        args: what.args,
        clearEnv: true,
        env: { [name]: "1" },
      }).output();
      const said = new TextDecoder().decode(stdout).split("\n");
      assertEquals(said[0], "/bin/false -x");
      assertEquals(name.includes(".") || said.includes("EVEN=1"), true);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
