import { assertEquals } from "@std/assert";
import { localAfter } from "../../lib/core/local.ts";
import { local, MIN, S } from "./make.ts";

const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

Deno.test("localAfter() goes over minutes, midnight and the end of the week", () => {
  const table: [string, number, string][] = [
    ["Wed 12:00", 0, "Wed 12:00"],
    ["Wed 12:00:59.999", 1, "Wed 12:01"],
    ["Wed 12:00:59.998", 1, "Wed 12:00:59.999"],
    ["Wed 23:59:59.999", 1, "Thu 00:00"],
    ["Sat 23:59:59", S, "Sun 00:00"],
    ["Sun 00:00", -1, "Sat 23:59:59.999"],
    ["Mon 08:30", 8 * DAY + 1, "Tue 08:30:00.001"],
    ["Mon 08:30", -15 * DAY, "Sun 08:30"],
  ];
  for (const [from, aheadMs, expected] of table) {
    const { weekday, minuteOfDay, msOfMinute } = localAfter(
      local(from),
      aheadMs,
    );
    assertEquals(
      { weekday, minuteOfDay, msOfMinute: Math.round(msOfMinute) },
      local(expected),
      `${from} ${aheadMs}`,
    );
  }
});

Deno.test("localAfter() jumps with the clock on the wall, at its millisecond", () => {
  const shifts: [string, number, number, string, string][] = [
    ["Sun 01:59", MIN, HOUR, "Sun 01:59:59.999", "Sun 03:00"],
    ["Sun 02:59", MIN, -HOUR, "Sun 02:59:59.999", "Sun 02:00"],
    // Lord Howe Island moves by half an hour.
    ["Sun 01:00", HOUR, HOUR / 2, "Sun 01:59:59.999", "Sun 02:30"],
    // Where it moves at midnight a day may begin at one, or come back.
    ["Sat 23:00", HOUR, HOUR, "Sat 23:59:59.999", "Sun 01:00"],
    ["Sat 23:00", HOUR, -HOUR, "Sat 23:59:59.999", "Sat 23:00"],
  ];
  for (const [from, inMs, byMs, before, after] of shifts) {
    const moment = { ...local(from), shift: { inMs, byMs } };
    assertEquals(localAfter(moment, inMs - 1), local(before), from);
    assertEquals(localAfter(moment, inMs), local(after), from);
  }
});

Deno.test("localAfter() knows of one jump alone", () => {
  const moment = { ...local("Sun 01:00"), shift: { inMs: HOUR, byMs: HOUR } };
  assertEquals(localAfter(moment, HOUR).shift, undefined);
});
