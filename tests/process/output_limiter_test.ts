import { assertEquals } from "@std/assert";
import { OutputLimiter } from "../../lib/process/output_limiter.ts";
import { FakeClock } from "../fakes/fake_clock.ts";

function limiter(linesPerS: number, burst: number) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const sink = (line: string) => void lines.push(line);
  return {
    clock,
    lines,
    limiter: new OutputLimiter({ clock, sink, linesPerS, burst }),
  };
}

Deno.test("OutputLimiter passes everything up to the burst", () => {
  const { lines, limiter: it } = limiter(2, 3);
  for (const line of ["a", "b", "c"]) it.push(line);
  it.flush();
  assertEquals(lines, ["a", "b", "c"]);
});

Deno.test("OutputLimiter says once how many lines it left out", async () => {
  const { clock, lines, limiter: it } = limiter(2, 3);
  for (let count = 0; count < 10; count += 1) it.push(`${count}`);
  assertEquals(lines, ["0", "1", "2"]);
  await clock.advance(500);
  it.push("too early");
  await clock.advance(500);
  it.push("x");
  it.push("y");
  it.push("z");
  it.flush();
  assertEquals(lines, [
    "0",
    "1",
    "2",
    "(8 lines left out: more than 2 in a second)",
    "x",
    "y",
    "(1 line left out: more than 2 in a second)",
  ]);
});

Deno.test("OutputLimiter lets a flood through at the given rate only", async () => {
  const { clock, lines, limiter: it } = limiter(200, 1000);
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (let count = 0; count < 100; count += 1) it.push("flood");
    await clock.advance(10);
  }
  const passed = lines.filter((line) => line === "flood").length;
  assertEquals(passed > 2500 && passed <= 3000, true, `${passed} passed`);
  assertEquals(
    lines.length - passed <= 10,
    true,
    `${lines.length - passed} counts`,
  );
});

Deno.test("OutputLimiter counts what was left out before it, and stays shut for as long", async () => {
  const { clock, lines, limiter: it } = limiter(2, 3);
  it.push("a");
  it.push("b", 40);
  it.push("c");
  it.push("d", 7);
  await clock.advance(1_000);
  it.push("e");
  assertEquals(lines, [
    "a",
    "(40 lines left out: more than 2 in a second)",
    "b",
    "c",
    "(8 lines left out: more than 2 in a second)",
    "e",
  ]);
});
