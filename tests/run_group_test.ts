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
  await runGroup([waiting, () => Promise.resolve()], () => {});
  assertEquals(ended, ["waiting"]);
});

Deno.test("runGroup() tells of each failure at once, and throws the first after all have ended", async () => {
  let others = 0;
  const told: string[] = [];
  const waiting = async (signal: AbortSignal) => {
    await untilAborted(signal);
    others += 1;
    throw new Error("second");
  };
  const failing = () => Promise.reject(new Error("first"));
  await assertRejects(
    () =>
      runGroup([waiting, failing], (error) => told.push(`${error} ${others}`)),
    Error,
    "first",
  );
  assertEquals(told, ["Error: first 0", "Error: second 1"]);
});
