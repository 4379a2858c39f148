import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { kernelFiles } from "../../lib/process/cgroup_files.ts";
import { OwnCgroups } from "../../lib/process/cgroup.ts";
import type { OsProcess } from "../../lib/process/os_process.ts";
import { isLiving, parseStat } from "../../lib/process/process_table.ts";
import { createProcessTable, createSpawn } from "../../lib/process/spawn.ts";
import { straysOf } from "../../lib/process/tree.ts";
import { end, PidsFile, standInSpec, until } from "../stand_in/stand_in.ts";
import {
  isWithoutCgroup,
  named,
  oldKernel,
  shell,
  spawnIn,
  TestCgroup,
} from "./test_cgroup.ts";

const ignore = isWithoutCgroup;
const clock = systemClock;

/** Each process starts the next and ends, for less than a minute in all. */
const HOP =
  '[ "$2" -gt 0 ] || exit; sleep 0.001; sh -c "$1" sh "$1" $(($2 - 1)) &';
/** Nothing of the run's environment, session or group is kept. */
const STORM = shell(
  'sleep 0.1; exec env -i setsid sh -c "$1" sh "$1" 15000',
  HOP,
);

/** A program whose first process has ended; a helper without its environment, session and group lives on. */
async function fledIn(
  cgroup: TestCgroup,
  pids: PidsFile,
): Promise<OsProcess> {
  const process = spawnIn(cgroup)(
    standInSpec(["--clear-env-escape", "--leave", "--pids-file", pids.path]),
  );
  await process.exited;
  await until("the fled one is there", () => pids.all().length === 3);
  return process;
}

Deno.test({
  name: named(
    "LinuxProcess finds and kills who cleared its environment and fled, in the run's cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    using pids = new PidsFile();
    const process = await fledIn(cgroup, pids);
    const fled = pids.living();
    assertEquals(fled.length, 1);
    await until(
      "it alone remains",
      async () =>
        `${(await process.remaining()).map(({ pid }) => pid)}` ===
          `${fled}`,
    );
    await end(process);
    assertEquals(pids.living(), []);
    await until("the cgroup is gone", () => cgroup.names().length === 0);
  },
});

Deno.test({
  name: named(
    "LinuxProcess asks politely who cleared its environment and fled, in the run's cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    using pids = new PidsFile();
    const process = await fledIn(cgroup, pids);
    process.signal("SIGTERM");
    await until("it has obeyed", () => pids.living().length === 0);
    await end(process);
  },
});

for (
  const [kernel, files] of [["", kernelFiles], ["old", oldKernel]] as const
) {
  Deno.test({
    name: named(
      `LinuxProcess kills a fled program that changes its pid all the time${
        kernel === "" ? "" : ", on a kernel without cgroup.kill as well"
      }`,
    ),
    ignore,
    async fn() {
      await using cgroup = new TestCgroup();
      const process = spawnIn(cgroup, { files })(STORM);
      await process.exited;
      const seen = new Set<number>();
      await until("it has had some pids", () => {
        for (const pid of cgroup.pids()) seen.add(pid);
        return seen.size > 5;
      });
      await end(process);
      assertEquals([...cgroup.pids()], []);
      await until("the cgroup is gone", () => cgroup.names().length === 0);
    },
  });
}

async function sleepers(life: string): Promise<number[]> {
  const { entries } = await createProcessTable(clock).read();
  return entries.filter((it) => it.name === "sleep" && isLiving(it))
    .map(({ pid }) => pid)
    .filter((pid) => commandLine(pid).includes(life));
}

function commandLine(pid: number): string {
  try {
    return kernelFiles.read(`/proc/${pid}/cmdline`);
  } catch {
    return "";
  }
}

Deno.test({
  name: named(
    "LinuxProcess proves a tree gone that is killed before, while and after it enters its cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const spawn = spawnIn(cgroup);
    for (const restMs of [-1, 0, 1, 2, 5, 10, 20, 40]) {
      // Told apart from the sleep of anybody else by its odd duration.
      const life = `20.${crypto.getRandomValues(new Uint32Array(1))}`;
      const process = spawn(
        shell('env -i setsid sleep "$1" & sleep 20 & sleep 20', life),
      );
      if (restMs >= 0) await clock.sleep(restMs);
      if (restMs === 2) Deno.kill(process.pid, "SIGKILL");
      await end(process);
      assertEquals(await sleepers(life), []);
    }
    await until("the cgroups are gone", () => cgroup.names().length === 0);
  },
});

Deno.test({
  name: named(
    "LinuxProcess sweeps who moved into the controller's own cgroup, if that is the controller's alone",
  ),
  ignore,
  async fn() {
    for (const isAlone of [true, false]) {
      await using cgroup = new TestCgroup();
      const cgroups = new OwnCgroups(cgroup.path, kernelFiles, isAlone);
      const spawn = createSpawn({ clock, cgroups });
      const life = `30.${crypto.getRandomValues(new Uint32Array(1))}`;
      const process = spawn(shell(
        `setsid sh -c 'echo 0 >"$1"; exec env -i sleep "$2"' sh "$@" & sleep 0.4`,
        `${cgroup.path}/cgroup.procs`,
        life,
      ));
      await process.exited;
      const remaining = await process.remaining();
      assertEquals(
        remaining.map(({ name }) => name),
        isAlone ? ["sleep"] : [],
      );
      await end(process);
      const left = await sleepers(life);
      assertEquals(left.length, isAlone ? 0 : 1);
    }
  },
});

Deno.test("straysOf() leaves leaders alone, and helper programs with what they start", () => {
  const entry = (pid: number, ppid: number, mark?: string) => {
    const parsed = parseStat(
      `${pid} (x) S ${ppid} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5000 0`,
    );
    if (parsed === undefined) throw new Error("Cannot parse the entry");
    return { ...parsed, mark };
  };
  const entries = [
    entry(100, 1),
    entry(200, 100),
    entry(300, 100, "helper"),
    // It has more rights than we do, so its mark cannot be read.
    entry(301, 300),
    entry(400, 100),
    entry(401, 1),
    entry(500, 1, "rig/a/1.1/run"),
    entry(600, 1),
  ];
  const pids = new Set([200, 300, 301, 400, 401, 500]);
  assertEquals(straysOf(pids, new Set([200]), entries), [400, 401]);
});
