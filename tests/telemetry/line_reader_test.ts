import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { LineReader } from "../../lib/telemetry/line_reader.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { Buffered } from "./buffered.ts";
import { freshReading } from "../../lib/core/telemetry.ts";
import type { Reading } from "../../lib/core/reading.ts";

const FOLDER = new URL("../fixtures/stdout/", import.meta.url);
const MIN = 60_000;

function begun(patterns: readonly string[] = []) {
  const clock = new FakeClock();
  const rig = new Buffered(clock, [{ isRead: true, staleAfterMs: 6 * MIN }]);
  const lines = new LineReader({
    index: 0,
    name: "miner",
    clock,
    buffer: rig.buffer,
    patterns,
  });
  rig.begin();
  const reading = (): Reading | undefined =>
    freshReading(rig.told(), clock.now());
  /** The reading after a second, when all that was told is there. */
  const later = async (): Promise<Reading | undefined> => {
    const over = new AbortController();
    const running = lines.run(over.signal);
    await clock.advance(1_000);
    over.abort();
    await running;
    return reading();
  };
  return { clock, rig, lines, reading, later };
}

for (const { name } of Deno.readDirSync(FOLDER)) {
  if (!name.endsWith(".log")) continue;
  Deno.test(`LineReader reads ${name} as recorded`, async () => {
    const { lines, later } = begun();
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    for (const line of text.split("\n")) lines.push(line);
    const expected = new URL(name.replace(".log", ".expected.json"), FOLDER);
    assertEquals(
      JSON.parse(JSON.stringify(await later() ?? null)),
      JSON.parse(await Deno.readTextFile(expected)),
    );
  });
}

const RATE = "speed 10s/60s/15m 10.0 10.0 n/a H/s max 10.0 H/s";

Deno.test("LineReader puts what it was told into the buffer once a second, and rings no more often", async () => {
  const { clock, rig, lines, reading } = begun();
  const over = new AbortController();
  const running = lines.run(over.signal);
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (const part of [1, 2, 3, 4, 5]) {
      lines.push(`Total: ${ms}.${part} H/s`);
      lines.push("Share accepted");
    }
    await clock.advance(10);
  }
  assert(rig.rings >= 10 && rig.rings <= 11, `rang ${rig.rings} times`);
  await clock.advance(1_000);
  assertEquals(reading()?.hashrateHs, 9_990.5);
  assertEquals(reading()?.accepted, 5_000);
  const rings = rig.rings;
  await clock.advance(60_000);
  assertEquals(rig.rings, rings);
  over.abort();
  await running;
});

Deno.test("LineReader gives a new run nothing that had to wait in the one before", async () => {
  const { clock, rig, lines, reading } = begun();
  const over = new AbortController();
  const running = lines.run(over.signal);
  lines.push("Total: 1 H/s");
  lines.push("Total: 2 H/s");
  rig.end();
  await clock.advance(1);
  rig.begin();
  await clock.advance(5_000);
  assertEquals(reading(), undefined);
  over.abort();
  await running;
});

Deno.test("LineReader holds a rate three times as long as the rest between two, within limits", async () => {
  const table: [number, number][] = [
    [1_000, 3 * MIN],
    [2 * MIN, 6 * MIN],
    [10 * MIN, 15 * MIN],
  ];
  for (const [rest, holdsMs] of table) {
    const { clock, lines, reading } = begun();
    lines.push(RATE);
    await clock.advance(rest);
    lines.push(RATE);
    await clock.advance(holdsMs - 1);
    assertEquals(reading()?.hashrateHs, 10);
    await clock.advance(1);
    assertEquals(reading(), undefined);
  }
});

Deno.test("LineReader takes an old rate for none when a share comes", async () => {
  const { clock, lines, reading } = begun();
  lines.push(RATE);
  await clock.advance(6 * MIN);
  lines.push("accepted (5/1) diff 1 (1 ms)");
  assertEquals([reading()?.hashrateHs, reading()?.accepted], [undefined, 5]);
});

Deno.test("LineReader says that nothing tells a rate, once it should have", async () => {
  const { clock, rig, lines } = begun();
  const over = new AbortController();
  const running = lines.run(over.signal);
  await clock.advance(6 * MIN);
  assertEquals(rig.told().fault, undefined);
  await clock.advance(MIN);
  assertStringIncludes(rig.told().fault ?? "", "No line of miner tells a rate");
  lines.push(RATE);
  assertEquals(rig.told().fault, undefined);
  rig.end();
  await clock.advance(20 * MIN);
  assertEquals(rig.told().fault, undefined);
  over.abort();
  await running;
});

Deno.test("LineReader keeps nothing of an earlier run, nor after the end", async () => {
  const { clock, rig, lines, reading } = begun();
  lines.push("accepted (5/1) diff 1 (1 ms)");
  lines.push(RATE);
  rig.end();
  lines.push("accepted (6/1) diff 1 (1 ms)");
  assertEquals(rig.told().accepted, 5);
  await clock.advance(1);
  rig.begin();
  assertEquals(reading(), undefined);
  lines.push("accepted (2/1) diff 1 (1 ms)");
  assertEquals([reading()?.accepted, reading()?.hashrateHs], [2, undefined]);
  assertEquals(rig.told().accepted, 7);
});

Deno.test("LineReader asks the owner's patterns before its own", async () => {
  const { lines, later } = begun([
    "^rate=(?<hashrate>[\\d.,]+) ?(?<unit>[kMG]?) good=(?<accepted>\\d+) bad=(?<rejected>\\d+)",
    "heat (?<temperature>\\d+) C, (?<power>\\d+) W",
    "speed.* (?<hashrate>\\d+) H",
  ]);
  lines.push("rate=1,5 k good=7 bad=2");
  lines.push("heat 61 C, 120 W");
  const told = await later();
  assertEquals(told?.hashrateHs, 1500);
  assertEquals([told?.accepted, told?.rejected], [7, 2]);
  assertEquals([told?.powerW, told?.temperatures], [
    120,
    [{ device: "device", celsius: 61 }],
  ]);
  lines.push("speed 10s/60s/15m 1 2 3 H/s");
  assertEquals((await later())?.hashrateHs, 3);
});

Deno.test("LineReader takes no pattern that cannot be found in one go", () => {
  assertThrows(
    () => begun(["(?<hashrate>\\d+)(?=x)"]),
    SyntaxError,
    "no look-around",
  );
});

Deno.test("LineReader bears any line", () => {
  const { lines, reading } = begun();
  const pieces = [
    "\x1b[2J",
    "accepted: ",
    "9".repeat(5000),
    "1/2",
    " H/s",
    "Total: ",
    ",",
  ];
  for (let seed = 1, round = 0; round < 5000; round++) {
    seed = (seed * 48271) % 2147483647;
    const line = Array.from(
      { length: seed % 9 },
      (_, index) => pieces[(seed >> index) % pieces.length],
    ).join("");
    lines.push(line);
  }
  const rate = reading()?.hashrateHs ?? 0;
  assertEquals(Number.isFinite(rate) && rate >= 0, true);
});
