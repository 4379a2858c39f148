import { assertEquals } from "@std/assert";
import { Doorbell } from "../lib/doorbell.ts";
import { InputBuffer } from "../lib/input_buffer.ts";
import { FakeClock } from "./fakes/fake_clock.ts";

function make() {
  const clock = new FakeClock({ now: 1_000 });
  const input = new InputBuffer({ clock, doorbell: new Doorbell() });
  return { clock, input };
}

Deno.test("InputBuffer.put() keeps the latest word, and since when it is the same", async () => {
  const { clock, input } = make();
  input.put("on");
  await clock.advance(10);
  input.put("on");
  assertEquals(input.read().word, { demand: "on", at: 1_010, since: 1_000 });
  await clock.advance(10);
  input.put("off");
  assertEquals(input.read().word, { demand: "off", at: 1_020, since: 1_020 });
});

Deno.test("InputBuffer.refuse() leaves the word, and the next word clears the remark", () => {
  const { input } = make();
  input.put("on");
  input.refuse("no");
  assertEquals(input.read().word?.demand, "on");
  assertEquals(input.read().notice, "no");
  input.put("on");
  assertEquals(input.read().notice, undefined);
});

Deno.test("InputBuffer.forget() drops the word until there is a fresh one", () => {
  const { input } = make();
  input.put("on");
  input.forget({ kind: "silent", forMs: 5 });
  assertEquals(input.read().word, undefined);
  assertEquals(input.read().forgotten?.kind, "silent");
  input.put("on");
  assertEquals(input.read().forgotten, undefined);
  // A forgotten word begins anew: the time it was on before does not count.
  assertEquals(input.read().word?.since, 1_000);
});

Deno.test("InputBuffer.lost() and heard() keep the gap, and tell how long it was", async () => {
  const { clock, input } = make();
  input.lost();
  input.heard();
  input.lost();
  await clock.advance(5);
  input.lost();
  assertEquals(input.read().deaf, { from: 1_000, to: undefined });
  await clock.advance(5);
  assertEquals(input.heard(), 10);
  assertEquals(input.read().deaf, { from: 1_000, to: 1_010 });
  assertEquals(input.heard(), 0);
  input.lost();
  assertEquals(input.read().deaf, { from: 1_010, to: undefined });
});

Deno.test("InputBuffer.heard() keeps no gap from before the first connection", async () => {
  const { clock, input } = make();
  input.lost();
  assertEquals(input.read().deaf, { from: 1_000, to: undefined });
  await clock.advance(60_000);
  assertEquals(input.heard(), 60_000);
  assertEquals(input.read().deaf, undefined);
});

Deno.test("InputBuffer.contested() keeps since when, whatever the latest reason is", async () => {
  const { clock, input } = make();
  input.contested("the broker closed the connection");
  await clock.advance(5);
  input.contested("another client");
  const since = 1_000;
  assertEquals(input.read().rival, { reason: "another client", since });
  input.contested(undefined);
  assertEquals(input.read().rival, undefined);
});

Deno.test("InputBuffer.lost() does not begin a fight again that was over", async () => {
  for (const heardMs of [299_999, 300_000]) {
    const { clock, input } = make();
    input.lost();
    input.heard();
    input.lost();
    input.contested("another client");
    input.heard();
    await clock.advance(heardMs);
    input.lost();
    assertEquals(input.read().rival !== undefined, heardMs < 300_000);
  }
});

Deno.test("InputBuffer.thermostat() counts from the first offline", async () => {
  const { clock, input } = make();
  input.thermostat("online");
  assertEquals(input.read().thermostatOffline, undefined);
  input.thermostat("offline");
  await clock.advance(5);
  input.thermostat("offline");
  assertEquals(input.read().thermostatOffline?.from, 1_000);
  input.thermostat("online");
  assertEquals(input.read().thermostatOffline, { from: 1_000, to: 1_005 });
});

Deno.test("InputBuffer.shutdownFailed() leaves heat off until there is a fresh word", () => {
  const { input } = make();
  input.put("on");
  input.shutdown();
  input.shutdownBegun();
  input.shutdownFailed("no right");
  assertEquals(input.read().shutdown, "no");
  assertEquals(input.read().word, undefined);
  assertEquals(input.read().forgotten?.kind, "shutdown_failed");
});

Deno.test("InputBuffer.put() calls a shutdown off only where the machine is still there after a minute", async () => {
  const { clock, input } = make();
  input.shutdown();
  input.put("on");
  assertEquals(input.read().shutdown, "asked");
  input.shutdownBegun();
  await clock.advance(59_999);
  input.put("on");
  assertEquals(input.read().shutdown, "begun");
  await clock.advance(1);
  input.put("on");
  assertEquals(input.read().shutdown, "no");
});

Deno.test("InputBuffer.end() never steps back from force", () => {
  const { input } = make();
  input.end("stop");
  input.end("force");
  input.end("stop");
  assertEquals(input.read().ending, "force");
});

Deno.test("InputBuffer.awake() notices a suspended machine, and a wait that took too long", async () => {
  const { clock, input } = make();
  input.awake();
  assertEquals(input.read().asleep, undefined);
  clock.suspend(600_000);
  await clock.advance(2_000);
  input.awake();
  assertEquals(input.read().asleep, { from: 3_000 - 600_000, to: 3_000 });
  // A stopped process: the clock went on, and nobody woke up.
  input.rest(clock.now() + 10_000);
  await clock.advance(400_000);
  input.awake();
  assertEquals(input.read().asleep, { from: 13_000, to: 403_000 });
});

Deno.test("InputBuffer.awake() takes neither a busy machine nor a stepped wall clock for sleep", async () => {
  const { clock, input } = make();
  clock.setWall(Date.UTC(2030, 0, 1));
  input.rest(clock.now());
  await clock.advance(4_999);
  input.awake();
  assertEquals(input.read().asleep, undefined);
});

Deno.test("InputBuffer.put() notices a suspended machine before it stamps the word", async () => {
  const { clock, input } = make();
  input.put("on");
  clock.suspend(600_000);
  await clock.advance(1);
  input.put("on");
  const { asleep, word } = input.read();
  assertEquals([asleep?.to, word?.at], [1_001, 1_001]);
});

Deno.test("InputBuffer.put() keeps the last level above 0 for the next ON", async () => {
  const { clock, input } = make();
  const level = () => input.read().word?.level;
  input.put("on");
  assertEquals(level(), undefined);
  input.put("on", 40);
  assertEquals(level(), 40);
  const { since } = input.read().word ?? {};
  await clock.advance(5);
  input.put("on", 60);
  // Another level is the same heat: max_on counts on.
  assertEquals([level(), input.read().word?.since], [60, since]);
  input.put("off");
  assertEquals(level(), undefined);
  input.put("on");
  assertEquals(level(), 60);
  input.put("on", 100);
  assertEquals(level(), undefined);
});

Deno.test("InputBuffer.lost() counts from the moment of which it is told", async () => {
  const { clock, input } = make();
  input.lost();
  input.heard();
  await clock.advance(40_000);
  input.lost(11_000);
  assertEquals(input.read().deaf, { from: 11_000, to: undefined });
  await clock.advance(1_000);
  assertEquals(input.heard(), 31_000);
});

Deno.test("InputBuffer.missed() holds from the first moment until the next word, while heat is wanted", async () => {
  const { clock, input } = make();
  const since = () => input.read().missedSince;
  input.missed(900);
  assertEquals(since(), undefined);
  input.put("on");
  input.missed(950);
  input.missed(1_000);
  assertEquals(since(), 950);
  await clock.advance(5);
  input.put("on");
  assertEquals(since(), undefined);
  input.missed(1_000);
  input.confirm();
  assertEquals(since(), undefined);
  input.missed(1_000);
  input.forget({ kind: "missed", forMs: 1 });
  input.put("on");
  assertEquals(since(), undefined);
});

Deno.test("InputBuffer.stoodMs() takes what comes after a stop for as old as the last look", async () => {
  const { clock, input } = make();
  assertEquals(input.stoodMs(), 0);
  // Stopped since 1 s after the look, for a minute.
  input.rest(clock.now() + 10_000);
  await clock.advance(61_000);
  assertEquals(input.stoodMs(), 61_000);
  // The word is read before the loop has looked: both are told of the same stop.
  input.put("on");
  input.awake();
  assertEquals(input.read().asleep, { from: 11_000, to: 62_000 });
  await clock.advance(4_999);
  assertEquals(input.stoodMs(), 65_999);
  await clock.advance(1);
  assertEquals(input.stoodMs(), 0);
  clock.suspend(60_000);
  assertEquals(input.stoodMs(), 60_000);
});

Deno.test("InputBuffer.sinceMs() counts suspensions, which the monotonic clock does not", async () => {
  const { clock, input } = make();
  await clock.advance(1_000);
  clock.suspend(60_000);
  await clock.advance(1_000);
  assertEquals(input.sinceMs(2_000), 61_000);
  // What was before it is not a part of it.
  await clock.advance(1_000);
  assertEquals(input.sinceMs(3_500), 500);
});

Deno.test("InputBuffer.deleted() counts from the first removal until the next word", () => {
  const clock = new FakeClock({ now: 1_000 });
  const input = new InputBuffer({ clock, doorbell: new Doorbell() });
  input.put("on");
  input.deleted();
  clock.advance(5);
  input.deleted();
  assertEquals(input.read().deletedAt, 1_000);
  input.put("on");
  assertEquals(input.read().deletedAt, undefined);
});

Deno.test("InputBuffer.withdrawn() makes an ON count no more, and leaves all else", () => {
  const clock = new FakeClock();
  const input = new InputBuffer({ clock, doorbell: new Doorbell() });
  input.withdrawn();
  assertEquals(input.read().forgotten, undefined);
  input.put("off");
  input.withdrawn();
  assertEquals(input.read().word?.demand, "off");
  input.put("on");
  input.withdrawn();
  assertEquals(input.read().word, undefined);
  assertEquals(input.read().forgotten, { kind: "withdrawn" });
});

Deno.test("InputBuffer.hold() holds heat from now on for so long", async () => {
  const { clock, input } = make();
  assertEquals(input.read().crashHold, undefined);
  await clock.advance(10);
  input.hold({ forMs: 500, ends: 5 });
  input.put("on");
  assertEquals(input.read().crashHold, { until: 1_510, ends: 5 });
});
