import { assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { NO_CGROUPS } from "../../lib/process/cgroup.ts";
import { kernelFiles } from "../../lib/process/cgroup_files.ts";
import {
  type ProcessTable,
  TableRefused,
} from "../../lib/process/process_table.ts";
import { createProcessTable, createSpawn } from "../../lib/process/spawn.ts";
import { end, PidsFile, standInSpec, until } from "../stand_in/stand_in.ts";
import {
  filesBut,
  isWithoutCgroup,
  named,
  shell,
  spawnIn,
  TestCgroup,
} from "./test_cgroup.ts";

const ignore = isWithoutCgroup;
const clock = systemClock;

/** The machine's own table, no look at which is ever sharp. */
function blurred(): ProcessTable {
  const own = createProcessTable(clock);
  return {
    read: async (since) => ({ ...await own.read(since), isSharp: false }),
  };
}

Deno.test({
  name: named(
    "LinuxProcess takes an empty cgroup for the proof where no look is ever sharp",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const table = blurred();
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
      // It has left the group before its parent ends.
      shell("env -i setsid sleep 30 & sleep 0.4"),
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

Deno.test({
  name: named(
    "LinuxProcess takes the cgroup for the proof where no look is allowed, or processes are hidden",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const own = createProcessTable(clock);
    const refused: ProcessTable = {
      read: () => Promise.reject(new TableRefused("there is no /proc")),
    };
    const hiding: ProcessTable = {
      async read(since) {
        const look = await own.read(since);
        const entries = look.entries.filter(({ pid }) => pid === Deno.pid);
        return { ...look, entries, isSharp: false, hidden: "some are hidden" };
      },
    };
    for (const table of [refused, hiding]) {
      const process = spawnIn(cgroup, { table })(
        shell("env -i setsid sleep 30 & sleep 0.2"),
      );
      await process.exited;
      const remaining = await process.remaining();
      assertEquals(remaining.map(({ name }) => name), ["sleep"]);
      await end(process);
      assertEquals([...cgroup.pids()], []);
    }
  },
});
