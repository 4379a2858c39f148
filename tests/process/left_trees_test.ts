import { assert, assertEquals } from "@std/assert";
import {
  type LeftRun,
  leftRuns,
  type Signs,
} from "../../lib/process/left_runs.ts";
import { LeftTrees } from "../../lib/process/left_trees.ts";
import type { ProcessEntry } from "../../lib/process/process_table.ts";
import { Random } from "../simulation/random.ts";
import { OWN, process, SELF, SIGNS, START } from "./left_entries.ts";

function members(
  entries: readonly ProcessEntry[],
  but: Partial<Signs> = {},
): number[] {
  const signs = { ...SIGNS, ...but };
  const look = { ticks: 9000, isSharp: true, entries: [SELF, ...entries] };
  const { runs } = leftRuns(signs, look.entries);
  return seenBy(new LeftTrees(runs, { ...signs, look }), look.entries);
}

function seenBy(trees: LeftTrees, entries: readonly ProcessEntry[]): number[] {
  const { members } = trees.see({ ticks: 9000, isSharp: true, entries });
  return members.map(({ pid }) => pid).sort((one, other) => one - other);
}

Deno.test("LeftTrees finds the session and the children of what was left behind", () => {
  const mark = "rig/one/60.600/r1";
  const entries = [
    process(100, { mark }),
    process(101, { sid: 100, pgid: 100 }),
    process(102, { sid: 100, pgid: 102 }),
    process(103, { ppid: 101, startTicks: 1001 }),
    process(200),
    process(201, { ppid: 100, startTicks: 999 }),
  ];
  assertEquals(members(entries), [100, 101, 102, 103]);
  const [leader, ...orphans] = entries;
  const marked = process(104, { mark, sid: 100, pgid: 104 });
  assertEquals(leader?.pid, 100);
  assertEquals(members([marked, ...orphans]), [101, 102, 103, 104]);
});

Deno.test("LeftTrees leaves a session alone that a living stranger leads, or that is our own", () => {
  const mark = "rig/one/60.600/r1";
  const inShell = process(100, { mark, sid: 90, pgid: 100 });
  const entries = [process(90), inShell, process(101, { sid: 90, pgid: 90 })];
  assertEquals(members(entries), [100]);
  const beside = process(100, { mark, sid: OWN, pgid: OWN });
  const sibling = process(101, { sid: OWN, pgid: OWN });
  assertEquals(members([beside, sibling]), [100]);
});

Deno.test("LeftTrees follows a member whose parent, mark and group are gone", () => {
  const mark = "rig/one/60.600/r1";
  const before = [
    SELF,
    process(100, { mark }),
    process(101, { ppid: 100, startTicks: 1001 }),
  ];
  const look = { ticks: 9000, isSharp: true, entries: before };
  const { runs } = leftRuns(SIGNS, before);
  const trees = new LeftTrees(runs, { ...SIGNS, look });
  assertEquals(seenBy(trees, before), [100, 101]);
  const orphan = process(101, { startTicks: 1001 });
  assertEquals(seenBy(trees, [SELF, orphan]), [101]);
  const stranger = process(101, { startTicks: 9001 });
  assertEquals(seenBy(trees, [SELF, stranger]), []);
});

Deno.test("LeftTrees names the groups in which nobody else is", () => {
  const mark = "rig/one/60.600/r1";
  const entries = [
    SELF,
    process(100, { mark }),
    process(101, { ppid: 100, startTicks: 1001, sid: 90, pgid: 90 }),
    process(102, { sid: 90, pgid: 90 }),
  ];
  const look = { ticks: 9000, isSharp: true, entries };
  const { runs } = leftRuns(SIGNS, entries);
  const { members, groups } = new LeftTrees(runs, { ...SIGNS, look }).see(look);
  assertEquals(members.map(({ pid }) => pid), [100, 101]);
  assertEquals([...groups], [100]);
});

/** A small machine, so that numbers meet by chance. */
function randomEntry(random: Random, pid: number): ProcessEntry {
  const marks = [
    ...["rig/one/60.600/r1", "rig/two/61.601/r2", "rig/two/r3"],
    ...["rig2/one/60.600/r4", "old/one/60.600/r5", "rig", ""],
  ];
  const isZombie = random.chance(0.1);
  return process(pid, {
    ppid: random.int(0, 30),
    pgid: random.int(0, 30),
    sid: random.int(0, 30),
    startTicks: random.int(0, 5),
    state: isZombie ? "Z" : "S",
    kernel: random.chance(0.05),
    // Who has ended has no environment any more.
    mark: !isZombie && random.chance(0.3) ? random.pick(marks) : undefined,
  });
}

/** All that hangs together with what has a sign, told in the simplest way. */
function connected(
  entries: readonly ProcessEntry[],
  sure: readonly LeftRun[],
): Set<number> {
  const pids = new Set(sure.flatMap((run) => run.sure).map(({ pid }) => pid));
  for (let before = -1; before !== pids.size;) {
    before = pids.size;
    const ofSet = entries.filter(({ pid }) => pids.has(pid));
    const numbers = new Set(ofSet.flatMap(({ pid, sid }) => [pid, sid]));
    for (const { pid, ppid, pgid, sid } of entries) {
      const isNear = pids.has(ppid) || numbers.has(pgid) || numbers.has(sid);
      if (isNear) pids.add(pid);
    }
  }
  return pids;
}

Deno.test("leftRuns() never takes a process that agrees in no point", () => {
  let taken = 0;
  for (let seed = 1; seed <= 3000; seed += 1) {
    const random = new Random(seed);
    const others = Array.from({ length: 25 }, (_, at) => at)
      .filter(() => random.chance(0.7))
      .map((pid) => randomEntry(random, pid));
    const own = process(26, { ppid: random.int(0, 25), startTicks: 9 });
    const entries = [...others, own];
    const signs: Signs = {
      ...SIGNS,
      controllerPid: own.pid,
      caught: random.chance(0.2)
        ? [{ pid: random.int(0, 26), command: "two" }]
        : [],
      record: Array.from({ length: random.int(0, 3) }, () => ({
        ...START,
        pid: random.int(0, 26),
        startTicks: random.int(0, 9),
        mark: random.pick(["rig/two/60.600/r1", "old/one/60.600/r5", ""]),
        boot: random.pick(["b1", "b1", "b2", ""]),
      })),
    };
    const { runs } = leftRuns(signs, entries);
    for (const { pid, startTicks, mark } of runs.flatMap((it) => it.sure)) {
      const byMark = mark?.startsWith("rig/") ||
        signs.record.some((it) => mark !== undefined && it.mark === mark);
      const byRecord = signs.record.some((it) =>
        it.pid === pid && it.startTicks === startTicks && it.boot === "b1" &&
        (mark === undefined || mark === it.mark)
      );
      const isCaught = signs.caught.some((it) => it.pid === pid);
      assert(
        byMark || byRecord || isCaught,
        `seed ${seed}: ${pid} has no sign`,
      );
    }
    const look = { ticks: 9, isSharp: true, entries };
    const pids = seenBy(new LeftTrees(runs, { ...signs, look }), entries);
    const near = connected(entries, runs);
    taken += pids.length;
    for (const pid of pids) {
      assert(near.has(pid), `seed ${seed}: ${pid} is a stranger`);
      assert(pid > 1 && pid !== own.pid && pid !== own.ppid, `seed ${seed}`);
    }
    for (const { pid } of runs.flatMap((it) => it.sure)) {
      assert(pids.includes(pid), `seed ${seed}: ${pid} is forgotten`);
    }
  }
  assert(taken > 1000, `only ${taken} were taken: the tables are too tame`);
});
