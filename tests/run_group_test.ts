import { assertEquals, assertRejects } from "@std/assert";
import { runGroup } from "../lib/run_group.ts";

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

Deno.test("runGroup() stops the rest when the first part ends, and awaits them", async () => {
  const ended: string[] = [];
  const waiting = async (signal: AbortSignal) => {
    await untilAborted(signal);
    await Promise.resolve();
    ended.push("waiting");
  };
  await runGroup(
    [waiting, () => Promise.resolve()],
    new AbortController().signal,
  );
  assertEquals(ended, ["waiting"]);
});

Deno.test("runGroup() throws the first failure after all have ended", async () => {
  let others = 0;
  const waiting = async (signal: AbortSignal) => {
    await untilAborted(signal);
    others += 1;
    throw new Error("second");
  };
  const failing = () => Promise.reject(new Error("first"));
  await assertRejects(
    () => runGroup([waiting, failing], new AbortController().signal),
    Error,
    "first",
  );
  assertEquals(others, 1);
});

Deno.test("runGroup() ends when the signal from outside is aborted", async () => {
  const stop = new AbortController();
  const group = runGroup([untilAborted, untilAborted], stop.signal);
  stop.abort();
  await group;
});
