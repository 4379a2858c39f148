import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { openKernel32 } from "../../lib/process/kernel32.ts";
import type { RecordedStart } from "../../lib/process/left_runs.ts";
import { makeMark, type ProcessId } from "../../lib/process/mark.ts";
import { controllerId, startTicksOf } from "../../lib/process/process_id.ts";
import { guardController } from "../../lib/process/windows_job.ts";
import { findWindowsLeftovers } from "../../lib/process/windows_leftovers.ts";
import { elsewhere, lives, pidsIn, start, until } from "./windows_helpers.ts";

const guard = guardController();
const opened = openKernel32();

function recordOf(
  pid: number,
  controller: ProcessId = { pid: 0x7ffffff0, startTicks: 1 },
): RecordedStart {
  return {
    command: "two",
    mark: makeMark({ rig: "rig", command: "two", controller, run: "r1" }),
    pid,
    startTicks: startTicksOf(pid, guard) ?? 0,
    boot: "",
  };
}

function find(record: readonly RecordedStart[]) {
  const commands = ["one", "two"];
  const clock = systemClock;
  return findWindowsLeftovers({ commands, record, clock, opened });
}

Deno.test({
  name: "findWindowsLeftovers() says elsewhere why it can match nothing",
  ignore: !elsewhere,
  fn() {
    const found = find([recordOf(Deno.pid)]);
    assertEquals(found.leftovers, []);
    assertEquals(found.blind, "job objects exist on Windows alone");
  },
});

Deno.test({
  name:
    "findWindowsLeftovers() finds a recorded tree, and its process kills it all",
  ignore: elsewhere,
  async fn() {
    const lines: string[] = [];
    const others: string[] = [];
    const { child, drained } = start(lines, "tree", "2");
    const other = start(others, "tree", "0");
    await until("all speak", () => pidsIn([...lines, ...others]).length === 4);

    const { leftovers, rival, blind } = find([recordOf(child.pid)]);
    assertEquals([leftovers.length, rival, blind], [1, undefined, undefined]);
    const [leftover] = leftovers;
    assert(leftover !== undefined);
    assertEquals([leftover.command, leftover.count], ["two", 3]);
    const { process } = leftover;
    assert(process.killOnly);
    const remaining = await process.remaining();
    assertEquals(
      remaining.map(({ pid }) => pid).toSorted(),
      pidsIn(lines).toSorted(),
    );

    await process.kill();
    await child.status;
    await drained;
    await until("none is left", async () => {
      return (await process.remaining()).length === 0;
    });
    assertEquals((await process.exited).kind, "signal");
    process.release();
    process.release();
    assertEquals(pidsIn(lines).filter(lives), []);
    assert(lives(other.child.pid));
    other.child.kill("SIGKILL");
    await other.child.status;
    await other.drained;
  },
});

Deno.test({
  name: "findWindowsLeftovers() finds what is born while it is killed",
  ignore: elsewhere,
  async fn() {
    const lines: string[] = [];
    const { child, drained } = start(lines, "tree", "2");
    // Found while the first process is still loading.
    const [leftover] = find([recordOf(child.pid)]).leftovers;
    assert(leftover !== undefined);
    await until("all speak", () => pidsIn(lines).length === 3);
    await leftover.process.kill();
    await child.status;
    await drained;
    await until("none is left", async () => {
      return (await leftover.process.remaining()).length === 0;
    });
    leftover.process.release();
    assertEquals(pidsIn(lines).filter(lives), []);
  },
});

Deno.test({
  name:
    "findWindowsLeftovers() leaves alone what agrees in the pid only, ourselves, and damage",
  ignore: elsewhere,
  async fn() {
    const lines: string[] = [];
    const { child, drained } = start(lines, "tree", "0");
    await until("it speaks", () => pidsIn(lines).length === 1);
    const right = recordOf(child.pid);
    const found = find([
      { ...right, startTicks: right.startTicks + 1 },
      { ...right, startTicks: 0 },
      { ...right, pid: NaN },
      { ...right, pid: -1, mark: "" },
      { ...right, pid: 0x7ffffff0 },
      recordOf(Deno.pid),
    ]);
    assertEquals(found, { leftovers: [], rival: undefined, blind: undefined });
    assert(lives(child.pid));
    child.kill("SIGKILL");
    await child.status;
    await drained;
  },
});

Deno.test({
  name:
    "findWindowsLeftovers() tells of the controller that started them, if it lives",
  ignore: elsewhere,
  async fn() {
    const lines: string[] = [];
    const { child, drained } = start(lines, "tree", "0");
    const rival = start([], "tree", "0");
    await until("it speaks", () => pidsIn(lines).length === 1);
    const { pid } = rival.child;
    const living = { pid, startTicks: startTicksOf(pid, guard) ?? 0 };
    const found = find([recordOf(child.pid, living)]);
    assertEquals(found.leftovers, []);
    assertEquals(found.rival, { pid, command: "two" });

    const earlier = { ...controllerId(guard), startTicks: 1 };
    const [leftover] = find([recordOf(child.pid, earlier)]).leftovers;
    assertEquals(leftover?.count, 1);
    leftover?.process.release();
    for (const one of [child, rival.child]) {
      one.kill("SIGKILL");
      await one.status;
    }
    await Promise.all([drained, rival.drained]);
  },
});
