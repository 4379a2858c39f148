import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { NO_CGROUPS } from "../../lib/process/cgroup.ts";
import { oomKills } from "../../lib/process/oom_kills.ts";
import type { OsProcess, Spawn } from "../../lib/process/os_process.ts";
import { createSpawn } from "../../lib/process/spawn.ts";
import { end, PidsFile, standInSpec, until } from "../stand_in/stand_in.ts";

const ignore = Deno.build.os !== "linux";
const spawn = createSpawn({ clock: systemClock });

/** Starts a tree and waits until all its processes are there. */
async function startTree(
  flags: readonly string[],
  pids: PidsFile,
  count: number,
): Promise<OsProcess> {
  const process = spawn(standInSpec(["--pids-file", pids.path, ...flags]));
  await until(`${count} processes are there`, () => pids.all().length >= count);
  return process;
}

Deno.test({
  name:
    "LinuxProcess gives the lines of both outputs, and how the program ended",
  ignore,
  async fn() {
    const lines: string[] = [];
    const process = spawn(standInSpec(
      ["--print", "\x1b[32mgreen\x1b[0m\tline", "--exit-after", "1ms"]
        .concat("--code", "3"),
      { onLine: (line) => lines.push(line) },
    ));
    assertEquals(await process.exited, { kind: "code", code: 3 });
    await until("the line is there", () => lines.length > 0);
    assertEquals(lines, ["green line"]);
    assertEquals(await process.remaining(), []);
    process.release();
  },
});

Deno.test({
  name:
    "LinuxProcess passes the environment on with the mark and without our secrets",
  ignore,
  async fn() {
    Deno.env.set("KOLIKKO_MQTT_PASSWORD", "secret");
    Deno.env.set("NOTIFY_SOCKET", "/run/it");
    try {
      const lines: string[] = [];
      const process = spawn({
        ...standInSpec([], {
          env: { ADDED: "yes", EMPTY: "" },
          mark: "m1",
          onLine: (line) => lines.push(line),
        }),
        exec: "env",
        args: [],
      });
      await process.exited;
      await until("all is printed", () => lines.length > 3);
      const env = lines.join("\n");
      assert(/^KOLIKKO_MARK=m1$/m.test(env), env);
      assert(/^ADDED=yes$/m.test(env) && /^EMPTY=$/m.test(env), env);
      assert(/^PATH=./m.test(env), env);
      assert(!/secret|NOTIFY_SOCKET/.test(env), env);
      await end(process);
    } finally {
      Deno.env.delete("KOLIKKO_MQTT_PASSWORD");
      Deno.env.delete("NOTIFY_SOCKET");
    }
  },
});

Deno.test({
  name:
    "LinuxProcess asks the whole tree politely, those included that left its group",
  ignore,
  async fn() {
    using pids = new PidsFile();
    const process = await startTree(["--fork", "2", "--escape"], pids, 5);
    process.signal("SIGINT");
    assertEquals(await process.exited, { kind: "signal", signal: "SIGINT" });
    await until(
      "nothing is left",
      async () => (await process.remaining()).length === 0,
    );
    assertEquals(pids.living(), []);
    process.release();
  },
});

Deno.test({
  name: "LinuxProcess names what lives while the tree ignores what it is asked",
  ignore,
  async fn() {
    using pids = new PidsFile();
    const process = await startTree(
      ["--ignore", "SIGINT,SIGTERM", "--fork", "1"],
      pids,
      2,
    );
    process.signal("SIGINT");
    process.signal("SIGTERM");
    const remaining = await process.remaining();
    assertEquals(
      remaining.map((it) => it.pid).sort(),
      pids.living().sort(),
    );
    assertEquals(remaining.every((it) => it.name === "deno"), true);
    await end(process);
    assertEquals(pids.living(), []);
    assertEquals(await process.exited, { kind: "signal", signal: "SIGKILL" });
  },
});

Deno.test({
  name: "LinuxProcess kills a tree that forks, respawns and flees",
  ignore,
  async fn() {
    using pids = new PidsFile();
    const process = await startTree(
      ["--fork", "2", "--escape", "--respawn", "20ms", "--ignore", "SIGTERM"],
      pids,
      6,
    );
    const before = systemClock.now();
    await end(process);
    const tookMs = systemClock.now() - before;
    assertEquals(pids.living(), []);
    assert(tookMs < 3000, `took ${tookMs} ms`);
  },
});

Deno.test({
  name: "LinuxProcess finds those that the first process left behind",
  ignore,
  async fn() {
    using pids = new PidsFile();
    const process = await startTree(
      ["--fork", "1", "--escape", "--hold-pipe", "--leave", "--code", "7"],
      pids,
      4,
    );
    assertEquals(await process.exited, { kind: "code", code: 7 });
    const remaining = await process.remaining();
    assertEquals(
      remaining.map((it) => it.pid).sort(),
      pids.living().sort(),
    );
    assertEquals(remaining.length, 2);
    await end(process);
    assertEquals(pids.living(), []);
  },
});

Deno.test({
  name:
    "LinuxProcess knows an orphan without mark and group again that a look has seen as a child",
  ignore,
  async fn() {
    using pids = new PidsFile();
    const process = await startTree(["--clear-env-child"], pids, 2);
    assertEquals((await process.remaining()).length, 2);
    Deno.kill(process.pid, "SIGKILL");
    await process.exited;
    const orphans = pids.all().filter((pid) => pid !== process.pid);
    const left = await process.remaining();
    assertEquals(left.map((it) => it.pid), orphans);
    await end(process);
    assertEquals(pids.living(), []);
  },
});

Deno.test({
  name: "LinuxProcess leaves other programs alone",
  ignore,
  async fn() {
    using pids = new PidsFile();
    using others = new PidsFile();
    const other = await startTree(["--escape"], others, 3);
    const process = await startTree(["--escape"], pids, 3);
    await end(process);
    assertEquals(pids.living(), []);
    assertEquals(others.living().length, 2);
    await end(other);
  },
});

Deno.test({
  name: "LinuxProcess may be signalled and killed again after the end",
  ignore,
  async fn() {
    const process = spawn(standInSpec(["--exit-after", "1ms"]));
    await process.exited;
    process.signal("SIGINT");
    await Promise.all([process.kill(), process.kill()]);
    await end(process);
    process.signal("SIGTERM");
    await end(process);
  },
});

Deno.test({
  name:
    "LinuxProcess drains a flood and whoever fails at a line does not stop it",
  ignore,
  async fn() {
    let lines = 0;
    const process = spawn(standInSpec(
      ["--flood", "lines", "--bytes", "5000000"],
      {
        onLine: (_, leftOut = 0) => {
          lines += 1 + leftOut;
          throw new Error("full");
        },
      },
    ));
    assertEquals(await process.exited, { kind: "code", code: 0 });
    await until("all lines are read or counted", () => lines >= 50_000);
    await end(process);
  },
});

Deno.test({
  name: "LinuxProcess tells a program that was killed as memory ran out",
  ignore,
  async fn() {
    // Killed by the kernel, by somebody else, by ourselves; and one that ended in order.
    const cases = [
      ["kill -KILL $$", 1, true],
      ["kill -KILL $$", 0, undefined],
      ["sleep 30", 1, undefined],
      ["exit 0", 1, undefined],
    ] as const;
    for (const [script, more, memoryWasShort] of cases) {
      let kills = 5;
      const spawnIt = createSpawn({
        clock: systemClock,
        cgroups: NO_CGROUPS,
        oomKills: () => kills,
      });
      const process = runScript(spawnIt, script);
      kills += more;
      if (script.startsWith("sleep")) await process.kill();
      const exit = await process.exited;
      assertEquals(
        exit.kind === "signal" ? exit.memoryWasShort : undefined,
        memoryWasShort,
      );
      await end(process);
    }
    assertEquals(typeof oomKills(), "number");
  },
});

function runScript(spawnIt: Spawn, script: string): OsProcess {
  const spec = standInSpec([]);
  return spawnIt({ ...spec, exec: "sh", args: ["-c", script] });
}
