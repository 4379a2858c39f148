import { assert, assertEquals } from "@std/assert";
import { drain } from "../../lib/process/child.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";

/** A pipe that answers at once, as one that is always full. */
function pipe(chunkAt: (count: number) => string | undefined) {
  let reads = 0;
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const chunk = chunkAt(reads);
      reads += 1;
      if (chunk === undefined) {
        controller.close();
        controller.byobRequest?.respond(0);
      } else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
  return { stream, reads: () => reads };
}

/** Work takes time on it, which a test says. */
class BusyClock extends FakeClock {
  workedMs = 0;

  override now(): number {
    return super.now() + this.workedMs;
  }
}

Deno.test("drain() rests while a pipe is always full, and reads the newest few hundred lines a second", async () => {
  const clock = new FakeClock();
  const over = new AbortController();
  const flood = pipe((count) => {
    // Without a rest this would never end.
    if (count > 10_000) throw new Error("Nothing else gets its turn");
    return `old ${count}\n`.repeat(2_000) + `new ${count}\n`;
  });
  let lines = 0;
  let leftOut = 0;
  let latest = "";
  const drained = drain(
    flood.stream,
    (line, before = 0) => {
      lines += 1;
      leftOut += before;
      latest = line;
    },
    over.signal,
    clock,
  );
  await clock.advance(10_000);
  const reads = flood.reads();
  assert(reads > 250 && reads <= 520, `${reads} reads in ten seconds`);
  assertEquals(latest, `new ${reads - 1}`);
  assert(lines > 2_000 && lines <= 1_000 + 3_000, `${lines} lines passed`);
  assertEquals(lines + leftOut, reads * 2_001);
  over.abort();
  await drained;
});

Deno.test("drain() gives all else its turn when lines take their time", async () => {
  const clock = new BusyClock();
  const worked: number[] = [];
  const { stream } = pipe((count) =>
    count === 0 ? "x\n".repeat(900) : undefined
  );
  let lines = 0;
  const drained = drain(
    stream,
    () => {
      lines += 1;
      clock.workedMs += 1;
    },
    new AbortController().signal,
    clock,
  );
  await settle();
  for (let turn = 0; turn < 450; turn += 1) {
    worked.push(lines);
    await clock.advance(20);
  }
  await drained;
  assertEquals(worked.slice(0, 3), [2, 4, 6]);
  assertEquals(lines, 900);
});

Deno.test("drain() reads the pieces of a program's start without a rest", async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const { stream } = pipe((count) => count < 9 ? `line ${count}\n` : undefined);
  // Nobody advances the clock.
  await drain(
    stream,
    (line) => lines.push(line),
    new AbortController().signal,
    clock,
  );
  assertEquals(lines.length, 9);
  assertEquals(clock.nextDue(), undefined);
});

Deno.test("drain() reads what is left of a flood, its last lines included", async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const { stream } = pipe((count) =>
    count < 200
      ? "rate\n".repeat(3_000)
      : count === 200
      ? "out of memory\n"
      : undefined
  );
  const drained = drain(
    stream,
    (line) => void lines.push(line),
    new AbortController().signal,
    clock,
  );
  await clock.advance(5_000);
  await drained;
  assertEquals(lines.at(-1), "out of memory");
});
