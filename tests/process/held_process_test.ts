import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { NO_CGROUPS, OwnCgroups } from "../../lib/process/cgroup.ts";
import {
  type CgroupFiles,
  kernelFiles,
} from "../../lib/process/cgroup_files.ts";
import type { Spawn, SpawnSpec } from "../../lib/process/os_process.ts";
import type { ProcessTable } from "../../lib/process/process_table.ts";
import { createProcessTable, createSpawn } from "../../lib/process/spawn.ts";
import { end, PidsFile, standInSpec, until } from "../stand_in/stand_in.ts";
import {
  filesBut,
  isWithoutCgroup,
  named,
  oldKernel,
  TestCgroup,
} from "./test_cgroup.ts";

const ignore = isWithoutCgroup;
const clock = systemClock;

interface Around {
  readonly files?: CgroupFiles;
  readonly table?: ProcessTable;
}

function spawnIn(cgroup: TestCgroup, around: Around = {}): Spawn {
  const cgroups = new OwnCgroups(cgroup.path, around.files);
  return createSpawn({ clock, cgroups, ...around });
}

function shell(script: string, ...args: string[]): SpawnSpec {
  return {
    ...standInSpec([]),
    exec: "sh",
    args: ["-c", script, "sh", ...args],
  };
}

/** Each process starts the next and ends, for less than a minute in all. */
const HOP =
  '[ "$2" -gt 0 ] || exit; sleep 0.001; sh -c "$1" sh "$1" $(($2 - 1)) &';
/** Nothing of the run's environment, session or group is kept. */
const STORM = shell(
  'sleep 0.1; exec env -i setsid sh -c "$1" sh "$1" 15000',
  HOP,
);

Deno.test({
  name: named(
    "LinuxProcess finds and kills who cleared its environment and fled, in the run's cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    using pids = new PidsFile();
    const process = spawnIn(cgroup)(
      standInSpec(["--clear-env-escape", "--leave", "--pids-file", pids.path]),
    );
    await process.exited;
    await until("the fled one is there", () => pids.all().length === 3);
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
    const process = spawnIn(cgroup)(
      standInSpec(["--clear-env-escape", "--leave", "--pids-file", pids.path]),
    );
    await process.exited;
    await until("the fled one is there", () => pids.all().length === 3);
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

Deno.test({
  name: named(
    "LinuxProcess puts those into the cgroup that were born before their parent was in it",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    let isFirst = true;
    const born: number[] = [];
    const files = filesBut({
      write(path, text) {
        // A slow kernel: the program has a grandchild before it is moved.
        while (isFirst && born.length < 2) {
          born.push(...childrenOf(born.at(-1) ?? Number(text)));
        }
        isFirst = false;
        kernelFiles.write(path, text);
      },
    });
    const process = spawnIn(cgroup, { files })(
      shell(`sh -c 'sleep 30; true'; true`),
    );
    await until("all are in", () => cgroup.pids().size === 3);
    for (const pid of born) assert(cgroup.pids().has(pid), `${pid}`);
    await end(process);
  },
});

function childrenOf(pid: number): number[] {
  return kernelFiles.read(`/proc/${pid}/task/${pid}/children`).split(" ")
    .filter((it) => it !== "").map(Number);
}

Deno.test({
  name: named(
    "LinuxProcess proves a tree gone that is killed before, while and after it is put in",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const spawn = spawnIn(cgroup);
    for (const restMs of [undefined, 0, 1, 2, 5, 10, 20, 40]) {
      const process = spawn(
        shell("env -i setsid sleep 30 & sleep 30 & sleep 30"),
      );
      if (restMs !== undefined) await clock.sleep(restMs);
      if (restMs === 2) Deno.kill(process.pid, "SIGKILL");
      await end(process);
      assertEquals([...cgroup.pids()], []);
    }
    await until("the cgroups are gone", () => cgroup.names().length === 0);
  },
});

Deno.test({
  name: named(
    "LinuxProcess takes an empty cgroup for the proof where no look is ever sharp",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const own = createProcessTable(clock);
    const table: ProcessTable = {
      read: async (since) => ({ ...await own.read(since), isSharp: false }),
    };
    const without = createSpawn({ clock, table, cgroups: NO_CGROUPS })(
      shell("exit 0"),
    );
    await without.exited;
    await assertRejects(() => without.remaining(), Error, "come and go");
    without.release();
    const process = spawnIn(cgroup, { table })(shell("sleep 0.2"));
    await process.exited;
    assertEquals(await process.remaining(), []);
    process.release();
  },
});

Deno.test({
  name: named(
    "LinuxProcess takes no empty cgroup for a proof that the program was never put into",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const own = createProcessTable(clock);
    const table: ProcessTable = {
      read: async (since) => ({ ...await own.read(since), isSharp: false }),
    };
    const files = filesBut({
      write() {
        throw new Deno.errors.PermissionDenied("Permission denied");
      },
    });
    const process = spawnIn(cgroup, { table, files })(shell("sleep 0.2"));
    await process.exited;
    await assertRejects(() => process.remaining(), Error, "come and go");
    process.release();
  },
});

Deno.test({
  name: named(
    "LinuxProcess does not say that nothing is left while somebody is in the cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const own = createProcessTable(clock);
    let isBlind = true;
    const table: ProcessTable = {
      async read(since) {
        const look = await own.read(since);
        const entries = look.entries.filter(({ pid }) => pid === Deno.pid);
        return isBlind ? { ...look, entries } : look;
      },
    };
    const process = spawnIn(cgroup, { table })(
      shell("env -i setsid sleep 30 & sleep 0.2"),
    );
    await process.exited;
    const remaining = await process.remaining();
    assertEquals(remaining.map(({ name }) => name), ["sleep"]);
    assertEquals(remaining.map(({ pid }) => pid), [...cgroup.pids()]);
    isBlind = false;
    await end(process);
  },
});

Deno.test({
  name: named(
    "LinuxProcess names the program while the cgroup holds somebody who has no pid for us",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    // So it shows those of another pid namespace.
    const files = filesBut({
      read: (path) =>
        path.endsWith("/cgroup.procs") ? "0\n" : kernelFiles.read(path),
    });
    const process = spawnIn(cgroup, { files })(
      shell("sleep 0.2; exec env -i setsid sleep 30"),
    );
    await process.exited;
    assertEquals(await process.remaining(), [{ pid: process.pid, name: "sh" }]);
    await end(process);
  },
});

Deno.test({
  name: named(
    "LinuxProcess falls back to its looks when the cgroup cannot be read any more",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    let isBroken = false;
    const fail = () => {
      if (isBroken) throw new Error("Input/output error (os error 5)");
    };
    const files = filesBut({
      read: (path) => (fail(), kernelFiles.read(path)),
      write: (path, text) => (fail(), kernelFiles.write(path, text)),
      folders: (path) => (fail(), kernelFiles.folders(path)),
    });
    using pids = new PidsFile();
    const process = spawnIn(cgroup, { files })(
      standInSpec(["--fork", "1", "--escape", "--pids-file", pids.path]),
    );
    await until("all are there", () => pids.all().length === 4);
    isBroken = true;
    assertEquals((await process.remaining()).length, 3);
    await end(process);
    assertEquals(pids.living(), []);
    isBroken = false;
    await until("the cgroup is gone", () => cgroup.names().length === 0);
  },
});
