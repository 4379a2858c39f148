import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { LineReader } from "../../lib/telemetry/line_reader.ts";
import { NOTHING_TOLD } from "../../lib/telemetry/telemetry.ts";
import { FakeClock } from "../fakes/fake_clock.ts";

const FOLDER = new URL("../fixtures/stdout/", import.meta.url);
const MIN = 60_000;

function reader(
  patterns: readonly string[] = [],
): { readonly clock: FakeClock; readonly lines: LineReader } {
  const clock = new FakeClock();
  const lines = new LineReader({ name: "miner", clock, patterns });
  lines.begin();
  return { clock, lines };
}

for (const { name } of Deno.readDirSync(FOLDER)) {
  if (!name.endsWith(".log")) continue;
  Deno.test(`LineReader reads ${name} as recorded`, async () => {
    const { lines } = reader();
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    for (const line of text.split("\n")) lines.push(line);
    const expected = new URL(name.replace(".log", ".expected.json"), FOLDER);
    assertEquals(
      JSON.parse(JSON.stringify(lines.told().reading ?? null)),
      JSON.parse(await Deno.readTextFile(expected)),
    );
  });
}

const RATE = "speed 10s/60s/15m 10.0 10.0 n/a H/s max 10.0 H/s";

Deno.test("LineReader holds a rate three times as long as the rest between two, within limits", async () => {
  const table: [number, number][] = [
    [1_000, 3 * MIN],
    [2 * MIN, 6 * MIN],
    [10 * MIN, 15 * MIN],
  ];
  for (const [rest, holdsMs] of table) {
    const { clock, lines } = reader();
    lines.push(RATE);
    await clock.advance(rest);
    lines.push(RATE);
    await clock.advance(holdsMs);
    assertEquals(lines.told().reading?.hashrateHs, 10);
    await clock.advance(1);
    assertEquals(lines.told().reading?.hashrateHs, undefined);
    assertEquals(lines.told().failingSince, rest);
  }
});

Deno.test("LineReader says that nothing tells a rate, once it should have", async () => {
  const { clock, lines } = reader();
  await clock.advance(6 * MIN);
  assertEquals(lines.told(), NOTHING_TOLD);
  await clock.advance(1);
  assertEquals(lines.told().failingSince, 0);
  assertStringIncludes(lines.told().why ?? "", "No line of miner tells a rate");
});

Deno.test("LineReader keeps nothing of an earlier run, nor after the end", () => {
  const { lines } = reader();
  lines.push("accepted (5/1) diff 1 (1 ms)");
  lines.end();
  assertEquals(lines.told(), NOTHING_TOLD);
  lines.push("accepted (6/1) diff 1 (1 ms)");
  assertEquals(lines.told(), NOTHING_TOLD);
  lines.begin();
  assertEquals(lines.told(), NOTHING_TOLD);
});

Deno.test("LineReader asks the owner's patterns before its own", () => {
  const { lines } = reader([
    "^rate=(?<hashrate>[\\d.,]+) ?(?<unit>[kMG]?) good=(?<accepted>\\d+) bad=(?<rejected>\\d+)",
    "heat (?<temperature>\\d+) C, (?<power>\\d+) W",
    "speed.* (?<hashrate>\\d+) H",
  ]);
  lines.push("rate=1,5 k good=7 bad=2");
  lines.push("heat 61 C, 120 W");
  const told = lines.told().reading;
  assertEquals(told?.hashrateHs, 1500);
  assertEquals([told?.accepted, told?.rejected], [7, 2]);
  assertEquals([told?.powerW, told?.temperatures], [
    120,
    [{ device: "device", celsius: 61 }],
  ]);
  lines.push("speed 10s/60s/15m 1 2 3 H/s");
  assertEquals(lines.told().reading?.hashrateHs, 3);
});

Deno.test("LineReader takes no pattern that could take for ever", () => {
  assertThrows(
    () => reader(["(?<hashrate>(\\d+)+)x"]),
    SyntaxError,
    "no repeated",
  );
});

Deno.test("LineReader bears any line", () => {
  const { lines } = reader();
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
  const rate = lines.told().reading?.hashrateHs ?? 0;
  assertEquals(Number.isFinite(rate) && rate >= 0, true);
});
