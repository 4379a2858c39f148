import { assertEquals } from "@std/assert";
import {
  dayAndTime,
  exitInWords,
  span,
  timeOfDay,
} from "../../lib/core/words.ts";
import { local, MIN, S } from "./make.ts";

const HOUR = 60 * MIN;

Deno.test("span() says whole units, rounded, and changes the unit at its moment", () => {
  const table: [number, string][] = [
    [0, "0 ms"],
    [1.4, "1 ms"],
    [1.5, "2 ms"],
    [999, "999 ms"],
    [S, "1 s"],
    [1_499, "1 s"],
    [1_500, "2 s"],
    [119 * S, "119 s"],
    [119_499, "119 s"],
    [119_500, "2 min"],
    [2 * MIN, "2 min"],
    [149_499, "2 min"],
    [149_500, "3 min"],
    [119 * MIN, "119 min"],
    [2 * HOUR, "2 h"],
    [2 * HOUR + MIN, "2 h 1 min"],
    [2 * HOUR + 59 * MIN, "2 h 59 min"],
    [3 * HOUR, "3 h"],
    [59 * HOUR + 59 * MIN, "59 h 59 min"],
    [60 * HOUR, "60 h"],
    [1_000 * HOUR, "1000 h"],
    [Infinity, "ever"],
  ];
  for (const [ms, expected] of table) assertEquals(span(ms), expected, `${ms}`);
});

Deno.test("timeOfDay() rounds to the minute, over midnight as well", () => {
  const table: [string, number, string][] = [
    ["Wed 00:00", 0, "00:00"],
    ["Wed 07:05", 0, "07:05"],
    ["Wed 07:05", 29_999, "07:05"],
    ["Wed 07:05", 30_000, "07:06"],
    ["Wed 07:05:29.999", 0, "07:05"],
    ["Wed 07:05:30", 0, "07:06"],
    ["Wed 09:59:30", 0, "10:00"],
    ["Wed 23:59", 29_999, "23:59"],
    ["Wed 23:59", 30_000, "00:00"],
    ["Wed 22:00", 8 * HOUR, "06:00"],
    ["Wed 12:00", 1_000 * HOUR, "04:00"],
  ];
  for (const [at, aheadMs, expected] of table) {
    assertEquals(timeOfDay(local(at), aheadMs), expected, `${at} ${aheadMs}`);
  }
});

Deno.test("dayAndTime() names the day of what is a day away or more", () => {
  const table: [string, number, string][] = [
    ["Fri 19:00", 24 * HOUR - 1, "19:00"],
    ["Fri 19:00", 24 * HOUR, "Sat 19:00"],
    ["Fri 19:00", 60 * HOUR, "Mon 07:00"],
    ["Sat 23:59:29.999", 24 * HOUR, "Sun 23:59"],
    ["Sat 23:59:30", 24 * HOUR, "Mon 00:00"],
    ["Tue 12:00", 144 * HOUR, "Mon 12:00"],
    ["Tue 12:00", 119 * HOUR, "Sun 11:00"],
  ];
  for (const [at, aheadMs, expected] of table) {
    assertEquals(dayAndTime(local(at), aheadMs), expected, `${at} ${aheadMs}`);
  }
  const days = [0, 1, 2, 3, 4, 5, 6].map((day) =>
    dayAndTime(local("Mon 08:00"), (day + 1) * 24 * HOUR).slice(0, 3)
  );
  assertEquals(days, ["Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon"]);
});

Deno.test("timeOfDay() shows what the clock on the wall will show beyond daylight saving", () => {
  const spring = {
    ...local("Sun 01:45"),
    shift: { inMs: 15 * MIN, byMs: HOUR },
  };
  assertEquals(timeOfDay(spring, 14 * MIN), "01:59");
  assertEquals(timeOfDay(spring, 15 * MIN), "03:00");
  assertEquals(timeOfDay(spring, 30 * MIN), "03:15");
  const autumn = {
    ...local("Sun 02:45"),
    shift: { inMs: 15 * MIN, byMs: -HOUR },
  };
  assertEquals(timeOfDay(autumn, 14 * MIN), "02:59");
  assertEquals(timeOfDay(autumn, 15 * MIN), "02:00");
  assertEquals(timeOfDay(autumn, 30 * MIN), "02:15");
});

Deno.test("exitInWords() tells the three ends apart", () => {
  assertEquals(exitInWords({ kind: "code", code: 3 }), "exit code 3");
  assertEquals(
    exitInWords({ kind: "signal", signal: "SIGSEGV" }),
    "ended by SIGSEGV",
  );
  assertEquals(exitInWords({ kind: "not_started", reason: "No x" }), "No x");
  const killed = { kind: "signal", signal: "SIGKILL" } as const;
  assertEquals(
    exitInWords({ ...killed, memoryWasShort: true }),
    "killed as memory ran out: add swap, or let it use less",
  );
});
