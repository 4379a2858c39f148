import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { StartError } from "../../lib/process/os_process.ts";
import {
  parseStat,
  type ProcessEntry,
  type ProcessTable,
  TableRefused,
} from "../../lib/process/process_table.ts";
import { createProcessTable, createSpawn } from "../../lib/process/spawn.ts";
import { HelperTable } from "../../lib/process/helper_table.ts";
import { end, PidsFile, standInSpec, until } from "../stand_in/stand_in.ts";

const ignore = Deno.build.os !== "linux";
const spawn = createSpawn({ clock: systemClock });

Deno.test({
  name: "createSpawn() says why a program cannot be started",
  ignore,
  fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const script = `${folder}/script`;
      Deno.writeTextFileSync(script, "#!/no/such/interpreter\n", {
        mode: 0o755,
      });
      const cases: [exec: string, cwd: string, message: string][] = [
        ["no-such-program", folder, "neither in the working directory"],
        [
          script,
          folder,
          'wants the interpreter "/no/such/interpreter", which is not there',
        ],
        [folder, folder, "is a folder"],
        ["env", `${folder}/gone`, `create it or correct "cwd"`],
      ];
      for (const [exec, cwd, message] of cases) {
        const spec = { ...standInSpec([]), exec, cwd };
        assertThrows(() => spawn(spec), StartError, message);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

const refusedTable: ProcessTable = {
  read: () => Promise.reject(new TableRefused("nothing is allowed")),
};

Deno.test({
  name: "LinuxProcess proves by its group alone where no look is allowed",
  ignore,
  async fn() {
    const spawnBlind = createSpawn({ clock: systemClock, table: refusedTable });
    const process = spawnBlind(standInSpec([]));
    assertEquals(await process.remaining(), [
      { pid: process.pid, name: "deno" },
    ]);
    await end(process);
    assertEquals(await process.remaining(), []);
  },
});

Deno.test({
  name:
    "LinuxProcess kills what the first process left in its group where no look is allowed",
  ignore,
  async fn() {
    using pids = new PidsFile();
    const spawnBlind = createSpawn({ clock: systemClock, table: refusedTable });
    const process = spawnBlind(
      standInSpec(["--fork", "1", "--leave", "--pids-file", pids.path]),
    );
    await until("both are there", () => pids.all().length === 2);
    await process.exited;
    assertEquals((await process.remaining()).length, 1);
    await process.kill();
    await until("it is gone", () => pids.living().length === 0);
    process.release();
  },
});

Deno.test({
  name: "LinuxProcess says that it cannot tell when the table cannot be read",
  ignore,
  async fn() {
    let isBroken = true;
    const own = createProcessTable(systemClock);
    const table: ProcessTable = {
      read: (since) =>
        isBroken ? Promise.reject(new Error("no more files")) : own.read(since),
    };
    const process = createSpawn({ clock: systemClock, table })(standInSpec([]));
    process.signal("SIGINT");
    await process.exited;
    await assertRejects(() => process.remaining(), Error, "no more files");
    await process.kill();
    isBroken = false;
    assertEquals(await process.remaining(), []);
    process.release();
  },
});

/** A process that no signal reaches: no system has so high a pid. */
function ghost(mark: string, startTicks: number): ProcessEntry {
  const entry = parseStat(
    `99999999 (ghost) D 1 99999999 99999999 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${startTicks} 0`,
  );
  if (entry === undefined) throw new Error("Cannot parse the ghost");
  return { ...entry, mark };
}

Deno.test({
  name:
    "LinuxProcess keeps naming what it cannot kill, and gives up killing for the moment",
  ignore,
  async fn() {
    const own = createProcessTable(systemClock);
    let startTicks = 1_000_000_000;
    let ghosts = 1;
    const mark = "m1";
    const table: ProcessTable = {
      async read(since) {
        const look = await own.read(since);
        if (ghosts === 0) return look;
        // Each look finds another one, as with a program that forks faster than we look.
        return {
          ...look,
          entries: [...look.entries, ghost(mark, startTicks += 1)],
        };
      },
    };
    const process = createSpawn({ clock: systemClock, table })(
      standInSpec([], { mark }),
    );
    await process.kill();
    await process.exited;
    assertEquals(await process.remaining(), [{ pid: 99999999, name: "ghost" }]);
    ghosts = 0;
    await end(process);
  },
});

Deno.test({
  name:
    "createProcessTable() shows the same processes and marks as the helper programs",
  ignore,
  async fn() {
    const mark = crypto.randomUUID();
    const process = spawn(standInSpec([], { mark }));
    for (
      const table of [
        createProcessTable(systemClock),
        new HelperTable(systemClock),
      ]
    ) {
      const { ticks, entries } = await table.read();
      const found = entries.find((entry) => entry.pid === process.pid);
      assertEquals(found?.mark, mark);
      assertEquals(found?.ppid, Deno.pid);
      assertEquals(found?.pgid, process.pid);
      assertEquals(found?.sid, process.pid);
      const ageTicks = ticks - (found?.startTicks ?? 0);
      assertEquals(ageTicks >= 0 && ageTicks < 500, true, `${ageTicks}`);
      assertEquals(
        entries.filter((entry) => entry.mark === mark).length,
        1,
      );
    }
    await end(process);
  },
});
