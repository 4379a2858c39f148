import { assertEquals, assertThrows } from "@std/assert";
import { parseQuietHours } from "../../lib/config/quiet_hours.ts";

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

Deno.test("parseQuietHours() reads days and times", () => {
  const table: [string, number[], number, number][] = [
    ["Mon-Fri 07:00-19:00", [1, 2, 3, 4, 5], 420, 1140],
    ["Sat,Sun 00:00-24:00", [0, 6], 0, 1440],
    ["22:00-06:00", EVERY_DAY, 1320, 360],
    ["Fri-Mon 12:00-13:30", [0, 1, 5, 6], 720, 810],
    ["sUN 00:00-00:01", [0], 0, 1],
    ["Sunday,tuesday-thu 7:05-8:00", [0, 2, 3, 4], 425, 480],
    ["Mon , Wed - Fri  07:00 - 19:00 ", [1, 3, 4, 5], 420, 1140],
    ["Mon-Mon 20:00-00:00", [1], 1200, 0],
    ["Tue-Mon 20:00-21:00", EVERY_DAY, 1200, 1260],
    ["Mon,Mon-Tue 20:00-21:00", [1, 2], 1200, 1260],
    ["Sat 23:59-24:00", [6], 1439, 1440],
  ];
  for (const [text, days, fromMinute, toMinute] of table) {
    assertEquals(parseQuietHours(text), { days, fromMinute, toMinute }, text);
  }
});

Deno.test("parseQuietHours() says what is wrong", () => {
  const table: [string, string][] = [
    ["", "must look like"],
    ["Mon-Fri", "must look like"],
    ["07:00", "must look like"],
    ["Mon-Fri 7-19", "must look like"],
    ["Mon-Fri 07:00-19:00 Sat", "must look like"],
    ["Mon-Wed-Fri 07:00-19:00", "must look like"],
    ["Mon-Fri07:00-19:00", "must look like"],
    ["07:00-07:00", "same minute"],
    ["Mon 00:00-00:00", `"00:00-24:00"`],
    ["24:00-06:00", "no time 24:00"],
    ["07:60-08:00", "no time 07:60"],
    ["07:00-24:01", "no time 24:01"],
    ["07:00-99:00", "no time 99:00"],
    ["Blub 07:00-19:00", `no day "blub"`],
    ["M 07:00-19:00", `no day "m"`],
    ["Mon, 07:00-19:00", `no day ""`],
    ["Mon- 07:00-19:00", `no day ""`],
    ["Mondays 07:00-19:00", `no day "mondays"`],
    ["Sab-Dom 07:00-19:00", `no day "sab"`],
  ];
  for (const [text, phrase] of table) {
    assertThrows(() => parseQuietHours(text), SyntaxError, phrase, text);
  }
});
