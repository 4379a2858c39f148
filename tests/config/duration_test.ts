import { assertEquals, assertThrows } from "@std/assert";
import { parseDuration } from "../../lib/config/duration.ts";

Deno.test("parseDuration() reads every unit, alone and together", () => {
  const table: [string, number][] = [
    ["500ms", 500],
    ["0s", 0],
    ["3s", 3000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1h30m", 5_400_000],
    ["1m500ms", 60_500],
    ["1d2h3m4s5ms", 93_784_005],
    ["3650d", 315_360_000_000],
    ["never", Infinity],
  ];
  for (const [text, ms] of table) assertEquals(parseDuration(text), ms, text);
});

Deno.test("parseDuration() refuses what is not one", () => {
  const table = [
    "",
    " ",
    "5",
    "5 m",
    "5min",
    "5M",
    "-5s",
    "+5s",
    "1.5h",
    "1e3s",
    "30m1h",
    "5s5s",
    "m",
    "Never",
    "5s ",
    "٣s",
    "Infinity",
    "3651d",
    "99999999999999999999d",
  ];
  for (const text of table) {
    assertThrows(() => parseDuration(text), SyntaxError, "it must", text);
  }
});
