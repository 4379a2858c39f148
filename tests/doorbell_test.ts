import { assertEquals } from "@std/assert";
import { Doorbell } from "../lib/doorbell.ts";
import { FakeClock, settle } from "./fakes/fake_clock.ts";

async function waits(
  clock: FakeClock,
  wait: Promise<void>,
  ms: number,
): Promise<boolean> {
  let over = false;
  void wait.then(() => over = true);
  await clock.advance(ms);
  await settle();
  return !over;
}

Deno.test("Doorbell.wait() ends at a ring, or after its time", async () => {
  const clock = new FakeClock();
  const bell = new Doorbell();
  assertEquals(await waits(clock, bell.wait(100, clock), 99), true);
  bell.ring();
  assertEquals(await waits(clock, bell.wait(100, clock), 0), false);
  const second = bell.wait(100, clock);
  assertEquals(await waits(clock, second, 99), true);
  assertEquals(await waits(clock, second, 1), false);
});

Deno.test("Doorbell.wait() misses no ring that came before it, and counts many as one", async () => {
  const clock = new FakeClock();
  const bell = new Doorbell();
  bell.ring();
  bell.ring();
  assertEquals(await waits(clock, bell.wait(100, clock), 0), false);
  const second = bell.wait(100, clock);
  assertEquals(await waits(clock, second, 50), true);
  await clock.advance(50);
});

Deno.test("Doorbell.wait() ends when its signal is aborted", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const wait = new Doorbell().wait(100, clock, stop.signal);
  stop.abort();
  assertEquals(await waits(clock, wait, 0), false);
});
