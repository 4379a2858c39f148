import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { FakeClock } from "./fake_clock.ts";

Deno.test("FakeClock.advance() wakes sleepers in the order of their moments", async () => {
  const clock = new FakeClock();
  const woken: string[] = [];
  async function sleeper(name: string, ms: number): Promise<void> {
    await clock.sleep(ms);
    woken.push(`${name} at ${clock.now()}`);
  }
  const all = [sleeper("c", 30), sleeper("a", 10), sleeper("b", 10)];
  assertEquals(clock.nextDue(), 10);
  await clock.advance(29);
  assertEquals(woken, ["a at 10", "b at 10"]);
  assertEquals(clock.nextDue(), 30);
  await clock.advance(1);
  await Promise.all(all);
  assertEquals(woken, ["a at 10", "b at 10", "c at 30"]);
  assertEquals(clock.nextDue(), undefined);
});

Deno.test("FakeClock.sleep() ends at once when it is aborted and is forgotten", async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const slept = clock.sleep(1000, abort.signal);
  abort.abort();
  await slept;
  await clock.sleep(1000, abort.signal);
  assertEquals(clock.nextDue(), undefined);
  assertEquals(clock.now(), 0);
});

Deno.test("FakeClock.local() follows the time over midnight and the end of the week", async () => {
  const clock = new FakeClock({ local: { weekday: 6, minuteOfDay: 1439 } });
  await clock.advance(59_999);
  assertEquals(clock.local(), {
    weekday: 6,
    minuteOfDay: 1439,
    msOfMinute: 59_999,
  });
  await clock.advance(1);
  assertEquals(clock.local(), { weekday: 0, minuteOfDay: 0, msOfMinute: 0 });
  clock.setLocal({ weekday: 0, minuteOfDay: 180 });
  await clock.advance(60_000);
  assertEquals(clock.local(), { weekday: 0, minuteOfDay: 181, msOfMinute: 0 });
});

Deno.test("FakeClock.setWall() steps the wall clock and leaves now() alone", async () => {
  const clock = new FakeClock({ now: 500, wall: 1000 });
  await clock.advance(10);
  assertEquals([clock.now(), clock.wall()], [510, 1010]);
  clock.setWall(0);
  await clock.advance(10);
  assertEquals([clock.now(), clock.wall()], [520, 10]);
});

Deno.test("FakeClock.advance() passes a week of ten thousand sleeps in under a second", async () => {
  const clock = new FakeClock();
  const started = performance.now();
  const week = 7 * 86_400_000;
  let sleeps = 0;
  async function loop(everyMs: number): Promise<void> {
    while (clock.now() < week) {
      await clock.sleep(everyMs);
      sleeps++;
    }
  }
  const loops = [loop(60_000), loop(600_000)];
  await clock.advance(week);
  await Promise.all(loops);
  assert(sleeps > 10_000);
  assertLess(performance.now() - started, 1000);
});

Deno.test("FakeClock.advance() fails instead of hanging on a loop that sleeps 0 ms", async () => {
  const clock = new FakeClock();
  let running = true;
  async function hot(): Promise<void> {
    while (running) await clock.sleep(0);
  }
  const loop = hot();
  await assertRejects(() => clock.advance(1), Error, "Time stands still");
  running = false;
  await clock.advance(0);
  await loop;
});
