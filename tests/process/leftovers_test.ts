import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { HelperTable } from "../../lib/process/helper_table.ts";
import {
  type ProcessTable,
  TableRefused,
} from "../../lib/process/process_table.ts";
import { ProcfsTable, readStartTicks } from "../../lib/process/procfs_table.ts";
import { PidsFile, standInSpec, until } from "../stand_in/stand_in.ts";
import { DEAD, LeftBehind, lives, STAY, stopHard } from "./left_behind.ts";

const ignore = Deno.build.os !== "linux";
/** Root can write there which pid the next process gets, less one. */
/** A start is counted in hundredths of a second. */
const TICK_MS = 10;
/** Somebody who is not us. */
const NOBODY = 65534;
const mayBeOthers = !ignore && Deno.uid() === 0;
const LAST_PID = "/proc/sys/kernel/ns_last_pid";
const TABLES: readonly (readonly [string, () => ProcessTable])[] = [
  ["/proc", () => new ProcfsTable(systemClock)],
  ["helper programs", () => new HelperTable(systemClock)],
];

for (const [name, createTable] of TABLES) {
  Deno.test({
    name:
      `findLeftovers() finds by ${name} what carries our mark, and its process stops it`,
    ignore,
    async fn() {
      await using left = new LeftBehind();
      const table = createTable();
      const mark = { KOLIKKO_MARK: left.mark("two") };
      const child = left.start(`sleep 60 & ${STAY}`, mark);
      const other = left.start(STAY);
      await until(
        "both are there",
        async () => (await left.find({ table })).leftovers[0]?.count === 2,
      );
      const leftover = await left.findOne({ table });
      assertEquals(leftover.command, "two");
      assertEquals(leftover.process.pid, child.pid);
      const remaining = await leftover.process.remaining();
      assertEquals(remaining.map((it) => it.name), ["sleep", "sleep"]);

      leftover.process.signal("SIGINT");
      leftover.process.signal("SIGTERM");
      await child.status;
      assertEquals(await leftover.process.remaining(), []);
      assertEquals(await leftover.process.exited, {
        kind: "signal",
        signal: "SIGTERM",
      });
      leftover.process.release();
      assert(lives(other.pid));
      assertEquals((await left.find({ table })).leftovers, []);
    },
  });
}

for (const [name, createTable] of TABLES) {
  Deno.test({
    name:
      `findLeftovers() leaves alone what another user marked, and believes no controller of it, by ${name}` +
      (mayBeOthers ? "" : " (ignored: only root can start it)"),
    ignore: ignore || !mayBeOthers,
    async fn() {
      await using left = new LeftBehind();
      const table = createTable();
      const init = { pid: 1, startTicks: readStartTicks(1) ?? 0 };
      const marks = [DEAD, init, { pid: 1, startTicks: 0 }]
        .map((controller) => left.mark("one", controller));
      const [miner] = marks.map((KOLIKKO_MARK) =>
        left.start(STAY, { KOLIKKO_MARK }, NOBODY)
      );
      const ours = left.start(STAY, { KOLIKKO_MARK: left.mark("one") });
      await until(
        "ours is there",
        async () => (await left.find({ table })).leftovers.length > 0,
      );
      const found = await left.find({ table });
      assertEquals(found.rival, undefined);
      assertEquals(
        found.leftovers.map(({ process, count }) => [process.pid, count]),
        [[ours.pid, 1]],
      );
      // A miner that runs as another user stands in our own record.
      const start = left.recordOf("one", miner?.pid ?? 0);
      const record = [{ ...start, mark: marks[0] ?? "" }];
      assertEquals((await left.findOne({ table, record })).count, 2);
    },
  });
}

Deno.test({
  name:
    "findLeftovers() finds who fled from its session, and what lost its leader",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const env = { KOLIKKO_MARK: left.mark("one") };
    const fled = `setsid sh -c 'echo $$ > $PIDS/fled; ${STAY}' &`;
    const wiped = `env -i sh -c 'echo $$ > '$PIDS'/wiped; ${STAY}' &`;
    const kept = `sh -c 'echo $$ > $PIDS/kept; ${STAY}' &`;
    const leader = left.start(`${fled} ${wiped} ${kept}`, env);
    const pids = [
      await left.pidOf("fled"),
      await left.pidOf("wiped"),
      await left.pidOf("kept"),
    ];
    await leader.status;
    const leftover = await left.findOne();
    assertEquals(leftover.count, 3);
    await stopHard(leftover);
    assertEquals(pids.filter(lives), []);
  },
});

Deno.test({
  name:
    "findLeftovers() finds by the record what wiped its environment, and its children",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const child = left.start(
      `exec env -i sh -c 'setsid sh -c "echo \\$\\$ > '$PIDS'/fled; ${STAY}" & sleep 60'`,
      { KOLIKKO_MARK: left.mark("one") },
    );
    const fled = await left.pidOf("fled");
    assertEquals((await left.find()).leftovers, []);
    const record = [left.recordOf("two", child.pid)];
    const leftover = await left.findOne({ record });
    assertEquals([leftover.command, leftover.process.pid], ["two", child.pid]);
    await stopHard(leftover);
    assertEquals([child.pid, fled].filter(lives), []);
  },
});

Deno.test({
  name: "findLeftovers() finds what was caught in a cgroup, and nothing beside",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const child = left.start(STAY);
    const other = left.start(STAY);
    const caught = [{ pid: child.pid, command: "two" }];
    const leftover = await left.findOne({ caught });
    assertEquals([leftover.command, leftover.count], ["two", 1]);
    await stopHard(leftover);
    assertEquals([child.pid, other.pid].filter(lives), [other.pid]);
  },
});

Deno.test({
  name: "LeftoverProcess wakes who is frozen, so that it can obey",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const env = { KOLIKKO_MARK: left.mark("one") };
    const child = left.start(
      // Frozen while it starts another it would wait for that one, and not look frozen.
      `trap 'exit 0' TERM; sleep 60 & echo $$ > $PIDS/it; wait`,
      env,
    );
    await left.pidOf("it");
    Deno.kill(-child.pid, "SIGSTOP");
    const { process } = await left.findOne();
    process.signal("SIGTERM");
    assertEquals((await child.status).code, 0);
    // Its helper has been asked as well, and may take a moment longer.
    for (let looks = 0; looks < 200; looks += 1) {
      if ((await process.remaining()).length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEquals(await process.remaining(), []);
    await process.exited;
    process.release();
  },
});

Deno.test({
  name: "LeftoverProcess kills who ignores what it is asked",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const env = { KOLIKKO_MARK: left.mark("one") };
    const child = left.start(
      `trap '' INT TERM; echo $$ > $PIDS/it; sleep 60; ${STAY}`,
      env,
    );
    await left.pidOf("it");
    const leftover = await left.findOne();
    leftover.process.signal("SIGINT");
    leftover.process.signal("SIGTERM");
    const remaining = await leftover.process.remaining();
    assert(remaining.some(({ pid }) => pid === child.pid));
    await stopHard(leftover);
    assertEquals(await leftover.process.exited, {
      kind: "signal",
      signal: "SIGKILL",
    });
    assertEquals(lives(child.pid), false);
  },
});

Deno.test({
  name: "LeftoverProcess kills a tree that forks, respawns and flees",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    using pids = new PidsFile();
    const flags = ["--fork", "1", "--escape", "--respawn", "20ms"]
      .concat("--ignore", "SIGTERM", "--pids-file", pids.path);
    const { exec, args } = standInSpec(flags);
    const quoted = [exec, ...args].map((it) => `'${it}'`).join(" ");
    left.start(`exec ${quoted}`, { KOLIKKO_MARK: left.mark("one") });
    await until("the tree is there", () => pids.all().length >= 5);
    await stopHard(await left.findOne());
    assertEquals(pids.living(), []);
  },
});

Deno.test({
  name: "findLeftovers() leaves strangers alone: other rigs, names, boots",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const others = [
      left.start(STAY, { KOLIKKO_MARK: left.mark("one", DEAD, "other") }),
      left.start(STAY, { KOLIKKO_MARK: `${left.rig}2/one/1.1/x` }),
      left.start(STAY, { NOT_KOLIKKO_MARK: left.mark("one") }),
      left.start(`exec sh -c 'sleep 60' ${left.mark("one")}`),
    ];
    const pids = others.map(({ pid }) => pid);
    const record = [
      left.recordOf("one", pids[0] ?? 0),
      left.recordOf("one", pids[1] ?? 0, { startTicks: 1 }),
      left.recordOf("one", pids[2] ?? 0, { boot: "another" }),
      left.recordOf("one", pids[3] ?? 0, { startTicks: NaN, pid: NaN }),
    ];
    assertEquals(await left.find({ record }), {
      leftovers: [],
      rival: undefined,
      blind: undefined,
    });
    assertEquals(pids.filter(lives), pids);
  },
});

Deno.test({
  name: "findLeftovers() leaves a stranger alone that has got a recorded pid",
  ignore: ignore || !canChoosePids(),
  async fn() {
    await using left = new LeftBehind();
    const child = left.start(STAY);
    const record = [left.recordOf("one", child.pid)];
    assertEquals((await left.findOne({ record })).count, 1);
    Deno.kill(child.pid, "SIGKILL");
    await child.status;
    // Whoever starts within the same tick cannot be told apart.
    await systemClock.sleep(2 * TICK_MS);
    await until("a stranger has the pid", () => {
      Deno.writeTextFileSync(LAST_PID, String(child.pid - 1));
      return left.start(`sleep 60 & ${STAY}`).pid === child.pid;
    });
    assertEquals((await left.find({ record })).leftovers, []);
    assert(lives(child.pid));
    assert(readStartTicks(child.pid) !== record[0]?.startTicks);
  },
});

Deno.test({
  name:
    "LeftoverProcess leaves a stranger alone that gets the pid after it was found",
  ignore: ignore || !canChoosePids(),
  async fn() {
    await using left = new LeftBehind();
    const env = { KOLIKKO_MARK: left.mark("one") };
    const child = left.start(STAY, env);
    const { process } = await left.findOne();
    Deno.kill(child.pid, "SIGKILL");
    await child.status;
    // Whoever starts within the same tick cannot be told apart.
    await systemClock.sleep(2 * TICK_MS);
    await until("a stranger has the pid", () => {
      Deno.writeTextFileSync(LAST_PID, String(child.pid - 1));
      return left.start(`sleep 60 & ${STAY}`).pid === child.pid;
    });
    process.signal("SIGTERM");
    assertEquals(await process.remaining(), []);
    await process.exited;
    await process.kill();
    process.release();
    assert(lives(child.pid));
  },
});

Deno.test({
  name: "findLeftovers() tells of a controller that lives, and takes nothing",
  ignore,
  async fn() {
    await using left = new LeftBehind();
    const { pid } = left.start(STAY);
    const known = { pid, startTicks: readStartTicks(pid) ?? 0 };
    for (const controller of [known, { pid, startTicks: 0 }]) {
      const env = { KOLIKKO_MARK: left.mark("two", controller) };
      const child = left.start(STAY, env);
      const found = await left.find();
      assertEquals(found.leftovers, []);
      assertEquals(found.rival, { pid, command: "two" });
      Deno.kill(child.pid, "SIGKILL");
      await child.status;
    }
  },
});

Deno.test("findLeftovers() says why nothing can be known, and tries again before it does", async () => {
  await using left = new LeftBehind();
  let reads = 0;
  const failing = (error: Error): ProcessTable => ({
    read() {
      reads += 1;
      return Promise.reject(error);
    },
  });
  const refused = await left.find({ table: failing(new TableRefused("no")) });
  assertEquals([refused.leftovers, reads], [[], 1]);
  assertEquals(refused.blind, "no");
  const broken = await left.find({ table: failing(new Error("broken")) });
  assertStringIncludes(broken.blind ?? "", "broken");
  assertEquals(reads, 6);
});

/** Only root, and only where the kernel offers it. */
function canChoosePids(): boolean {
  try {
    Deno.writeTextFileSync(LAST_PID, Deno.readTextFileSync(LAST_PID));
    return true;
  } catch {
    return false;
  }
}
