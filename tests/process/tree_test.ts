import { assertEquals } from "@std/assert";
import {
  identity,
  type ProcessEntry,
} from "../../lib/process/process_table.ts";
import { membersOf, type Tree } from "../../lib/process/tree.ts";

const CONTROLLER = 50;
const LEADER = 100;

const TREE: Tree = {
  pid: LEADER,
  startTicks: 1000,
  endTicks: undefined,
  mark: "m1",
  held: new Set(),
  known: new Set(),
  controllerPid: CONTROLLER,
};

/** A stranger, unless told otherwise. */
function process(pid: number, but: Partial<ProcessEntry> = {}): ProcessEntry {
  return {
    pid,
    ppid: 1,
    pgid: pid,
    sid: pid,
    state: "S",
    threads: 1,
    startTicks: 1500,
    name: "it",
    kernel: false,
    mark: undefined,
    ...but,
  };
}

const leader = process(LEADER, {
  ppid: CONTROLLER,
  startTicks: 1000,
  mark: "m1",
});
const inGroup = { pgid: LEADER, sid: LEADER };

function pids(tree: Partial<Tree>, ...entries: ProcessEntry[]): number[] {
  return membersOf({ ...TREE, ...tree }, entries).map((entry) => entry.pid);
}

Deno.test("membersOf() finds the leader, its group, its session, its mark and their children", () => {
  assertEquals(
    pids(
      {},
      process(60),
      leader,
      process(101, { ...inGroup }),
      process(102, { sid: LEADER }),
      process(103, { mark: "m1" }),
      process(105, { ppid: 104, startTicks: 1502 }),
      process(104, { ppid: 103, startTicks: 1501 }),
      process(106, { mark: "m2" }),
    ),
    [100, 101, 102, 103, 105, 104],
  );
});

Deno.test("membersOf() never takes the controller, init, kernel threads or what is older than the tree", () => {
  assertEquals(
    pids(
      {},
      process(CONTROLLER, { mark: "m1", ...inGroup }),
      process(51, { ppid: CONTROLLER }),
      process(1, { mark: "m1" }),
      process(70, { ...inGroup, kernel: true }),
      process(71, { mark: "m1", startTicks: 999 }),
      process(72, { ppid: 71 }),
    ),
    [],
  );
});

Deno.test("membersOf() takes no stranger who got the leader's pid", () => {
  const stranger = process(LEADER, { startTicks: 5000 });
  const child = process(101, { ppid: LEADER, ...inGroup, startTicks: 5001 });
  assertEquals(pids({ endTicks: 3000 }, stranger, child), []);
  assertEquals(pids({}, stranger, child), []);
  assertEquals(
    pids({ startTicks: undefined, endTicks: 3000 }, stranger, child),
    [],
  );
});

Deno.test("membersOf() still knows those who were marked after the leader's pid went to a stranger", () => {
  const stranger = process(LEADER, { startTicks: 5000 });
  const escaped = process(103, { mark: "m1" });
  assertEquals(pids({ endTicks: 3000 }, stranger, escaped), [103]);
});

Deno.test("membersOf() takes of the group, once the leader has ended, who started before that", () => {
  const before = process(101, { ...inGroup, startTicks: 2999 });
  const after = process(102, { ...inGroup, startTicks: 3001 });
  assertEquals(pids({ endTicks: 3000 }, before), [101]);
  assertEquals(pids({ endTicks: 3000 }, after), []);
});

Deno.test("membersOf() takes the whole group while a sure member has held its number", () => {
  const sure = process(101, { ...inGroup, mark: "m1" });
  const late = process(102, { ...inGroup, startTicks: 4000 });
  assertEquals(pids({ endTicks: 3000 }, sure, late), [101, 102]);
});

Deno.test("membersOf() knows earlier members by pid and start, and by nothing less", () => {
  const member = process(103);
  const known = new Set([identity(member)]);
  const end = { endTicks: 3000, known };
  assertEquals(pids(end, member), [103]);
  assertEquals(pids(end, process(103, { startTicks: 1501 })), []);
});

Deno.test("membersOf() takes no child that is older than its parent: the parent's pid was given anew", () => {
  const parent = process(103, { mark: "m1", startTicks: 4000 });
  assertEquals(
    pids({}, parent, process(104, { ppid: 103, startTicks: 2000 })),
    [103],
  );
});

Deno.test("membersOf() follows children through a process that has the leader's pid as zombie", () => {
  const zombie = { ...leader, state: "Z", mark: undefined };
  const child = process(101, { ...inGroup });
  assertEquals(pids({}, zombie, child), [100, 101]);
});

Deno.test("membersOf() takes who is in the cgroup of the run, whatever else it has got rid of, and its children", () => {
  const held = new Set([101, 900]);
  assertEquals(
    pids(
      { held },
      process(101),
      process(102, { ppid: 101, startTicks: 1501 }),
      process(103),
      // Older than the run: it cannot be of it.
      process(900, { startTicks: 900 }),
    ),
    [101, 102],
  );
});
