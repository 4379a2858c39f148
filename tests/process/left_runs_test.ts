import { assertEquals } from "@std/assert";
import { leftRuns, type Signs } from "../../lib/process/left_runs.ts";
import type { ProcessEntry } from "../../lib/process/process_table.ts";
import { OWN, process, SELF, SIGNS, START } from "./left_entries.ts";

function found(
  entries: readonly ProcessEntry[],
  but: Partial<Signs> = {},
): Record<string, number[]> {
  const { runs, rival } = leftRuns({ ...SIGNS, ...but }, [SELF, ...entries]);
  assertEquals(rival, undefined);
  return Object.fromEntries(
    runs.map((run) => [run.command, run.sure.map(({ pid }) => pid)]),
  );
}

Deno.test("leftRuns() knows a run by the rig in its mark, in both forms", () => {
  const entries = [
    process(100, { mark: "rig/one/60.600/r1" }),
    process(101, { mark: "rig/one/60.600/r1" }),
    process(102, { mark: "rig/two/r2" }),
    process(103, { mark: "rig2/one/60.600/r3" }),
    process(104, { mark: "rig" }),
    process(105, { mark: "" }),
    process(106),
  ];
  assertEquals(found(entries), { one: [100, 101], two: [102] });
});

Deno.test("leftRuns() knows a recorded process by pid, start and boot together", () => {
  const record = [START];
  assertEquals(found([process(100)], { record }), { two: [100] });
  assertEquals(found([process(100, { startTicks: 1001 })], { record }), {});
  assertEquals(found([process(101)], { record }), {});
  assertEquals(found([process(100)], { record, boot: "b2" }), {});
  assertEquals(found([process(100)], { record, boot: undefined }), {});
  const unknownBoot = [{ ...START, boot: "" }];
  assertEquals(found([process(100)], { record: unknownBoot, boot: "" }), {});
});

Deno.test("leftRuns() believes a mark more than the record", () => {
  const record = [START];
  const other = process(100, { mark: "rig2/two/60.600/r9" });
  assertEquals(found([other], { record }), {});
  const same = process(100, { mark: START.mark });
  assertEquals(found([same], { record }), { two: [100] });
});

Deno.test("leftRuns() knows by a recorded mark what a rig of another name has left", () => {
  const record = [{ ...START, mark: "old/two/60.600/r1" }];
  const fled = process(150, { mark: "old/two/60.600/r1" });
  const other = process(151, { mark: "old/two/60.600/r2" });
  assertEquals(found([fled, other], { record }), { two: [150] });
});

Deno.test("leftRuns() believes no mark of another user, unless our own record has it", () => {
  const entries = [
    process(100, { mark: START.mark }),
    process(101, { mark: "rig/one/60.600/r9" }),
    process(102, { mark: "rig/one/60.600/r8" }),
  ];
  const foreign = new Set([100, 101]);
  assertEquals(found(entries, { foreign }), { one: [102] });
  const record = [{ ...START, pid: 99 }];
  assertEquals(found(entries, { foreign, record }), { two: [100], one: [102] });
});

Deno.test("leftRuns() takes no controller from the mark of another user", () => {
  const forged = process(100, { mark: "rig/one/60.600/r1" });
  const living = process(60, { startTicks: 600 });
  const foreign = new Set([100]);
  assertEquals(found([forged, living], { foreign }), {});
});

Deno.test("leftRuns() never takes the system's first process for a controller of unknown start", () => {
  const init = process(1, { ppid: 0, startTicks: 0 });
  const forged = process(100, { mark: "rig/one/1.0/r1" });
  assertEquals(found([init, forged]), { one: [100] });
  // In a container it may be the controller, which tells its start then.
  const main = process(1, { ppid: 0, startTicks: 77 });
  const marked = process(100, { mark: "rig/one/1.77/r1" });
  const { rival } = leftRuns(SIGNS, [SELF, main, marked]);
  assertEquals(rival, { pid: 1, command: "one" });
});

Deno.test("leftRuns() takes what was caught, for the command that it was caught for", () => {
  const caught = [{ pid: 100, command: "two" }, { pid: 1, command: "two" }];
  assertEquals(found([process(100), process(1)], { caught }), { two: [100] });
});

Deno.test("leftRuns() gives the first command what belongs to none", () => {
  const entries = [process(100, { mark: "rig/gone/60.600/r1" })];
  assertEquals(found(entries), { one: [100] });
});

Deno.test("leftRuns() passes over zombies, kernel threads, ourselves and those we come from", () => {
  const mark = "rig/one/60.600/r1";
  const entries = [
    process(400, { mark, ppid: 300 }),
    process(300, { mark }),
    process(101, { mark, state: "Z" }),
    process(102, { mark, kernel: true }),
  ];
  assertEquals(found(entries), {});
  const caught = [{ pid: OWN, command: "one" }];
  assertEquals(found([], { caught }), {});
});

Deno.test("leftRuns() survives a damaged record", () => {
  const record = [
    { ...START, pid: NaN },
    { ...START, pid: 1 },
    { ...START, pid: OWN, startTicks: 5000 },
    { ...START, pid: -100, mark: "" },
    { ...START, startTicks: 0.5, command: "", mark: "///" },
  ];
  const entries = [process(1), process(100, { startTicks: 7 })];
  assertEquals(found(entries, { record }), {});
});

Deno.test("leftRuns() tells of a living controller, and takes nothing then", () => {
  const rival = process(60, { startTicks: 600 });
  const entries = [
    process(100, { mark: "rig/two/60.600/r1" }),
    process(101, { mark: "rig/one/61.600/r2" }),
    rival,
  ];
  assertEquals(leftRuns(SIGNS, [SELF, ...entries]), {
    runs: [],
    rival: { pid: 60, command: "two" },
  });
  const wiped = [process(100), rival];
  assertEquals(
    leftRuns({ ...SIGNS, record: [START] }, [SELF, ...wiped]).rival,
    { pid: 60, command: "two" },
  );
});

Deno.test("leftRuns() takes a stranger that has the controller's pid for no controller", () => {
  const marked = process(100, { mark: "rig/two/60.600/r1" });
  const later = process(60, { startTicks: 601 });
  const dead = process(60, { startTicks: 600, state: "Z" });
  assertEquals(found([marked, later]), { two: [100] });
  assertEquals(found([marked, dead]), { two: [100] });
});

Deno.test("leftRuns() knows a controller of unknown start by being older than what it started", () => {
  const marked = process(100, { mark: "rig/two/60.0/r1", startTicks: 1000 });
  const older = process(60, { startTicks: 600 });
  const younger = process(60, { startTicks: 1001 });
  assertEquals(leftRuns(SIGNS, [SELF, marked, older]).rival?.pid, 60);
  assertEquals(found([marked, younger]), { two: [100] });
});

Deno.test("leftRuns() tells our own runs from those of an earlier controller with our pid", () => {
  const ours = process(700, { mark: "rig/one/500.5000/r1", startTicks: 6000 });
  const blind = process(701, { mark: "rig/one/500.0/r2", startTicks: 6000 });
  const early = process(100, { mark: "rig/two/500.0/r3", startTicks: 1000 });
  const other = process(101, { mark: "rig/two/500.900/r4", startTicks: 1000 });
  assertEquals(found([ours, blind, early]), { two: [100] });
  assertEquals(found([ours, blind, other]), { two: [101] });
});
