/** Quiet hours where the clock on the wall jumps; `tests/clock_test.ts` has real zones. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { statusMessage } from "../../lib/core/message.ts";
import { quietForMs } from "../../lib/core/quiet_hours.ts";
import type { LocalMoment, QuietWindow } from "../../lib/core/types.ts";
import { crashed, desired, facts, local, MIN, observed } from "./make.ts";

const HOUR = 60 * MIN;

/** "22:00-06:00", beginning on every day. */
function daily(text: string): QuietWindow {
  const [from = 0, to = 0] = text.split("-").map((time) => {
    const { minuteOfDay } = local(`Wed ${time}`);
    return minuteOfDay;
  });
  const days = [0, 1, 2, 3, 4, 5, 6];
  return { days, fromMinute: from, toMinute: to };
}

/** A moment from which the clock on the wall jumps after `inMs`. */
function before(at: string, inMs: number, byMs: number): LocalMoment {
  return { ...local(at), shift: { inMs, byMs } };
}

interface Row {
  readonly windows: readonly string[];
  readonly at: LocalMoment;
  readonly expected: number | undefined;
}

function check(rows: readonly Row[]): void {
  for (const { windows, at, expected } of rows) {
    const actual = quietForMs(windows.map(daily), at);
    assertEquals(actual, expected, `${windows} at ${JSON.stringify(at)}`);
  }
}

Deno.test("quietForMs() leaves out the hour that the clock leaves out in spring", () => {
  // On Sunday 02:00 becomes 03:00.
  const eve = before("Sat 23:00", 3 * HOUR, HOUR);
  const last = before("Sun 01:59:59.999", 1, HOUR);
  check([
    { windows: ["22:00-06:00"], at: eve, expected: 6 * HOUR },
    { windows: ["22:00-02:00"], at: eve, expected: 3 * HOUR },
    { windows: ["22:00-02:30"], at: eve, expected: 3 * HOUR },
    { windows: ["22:00-01:59"], at: eve, expected: 3 * HOUR - MIN },
    { windows: ["22:00-03:00"], at: eve, expected: 3 * HOUR },
    { windows: ["22:00-03:01"], at: eve, expected: 3 * HOUR + MIN },
    { windows: ["22:00-02:00", "03:00-04:00"], at: eve, expected: 4 * HOUR },
    { windows: ["22:00-02:00", "03:01-04:00"], at: eve, expected: 3 * HOUR },
    // A window within the hour that is left out never comes.
    { windows: ["02:15-02:45"], at: last, expected: undefined },
    { windows: ["02:15-02:45"], at: local("Sun 03:00"), expected: undefined },
    // One that begins within it begins at the jump.
    { windows: ["02:30-05:00"], at: last, expected: undefined },
    { windows: ["02:30-05:00"], at: local("Sun 03:00"), expected: 2 * HOUR },
    { windows: ["22:00-06:00"], at: last, expected: 1 + 3 * HOUR },
    { windows: ["00:00-24:00"], at: eve, expected: Infinity },
  ]);
});

Deno.test("quietForMs() is quiet twice in the hour that comes twice in autumn", () => {
  // On Sunday 03:00 becomes 02:00.
  const eve = before("Sat 23:00", 4 * HOUR, -HOUR);
  const last = before("Sun 02:59:59.999", 1, -HOUR);
  check([
    { windows: ["22:00-06:00"], at: eve, expected: 8 * HOUR },
    { windows: ["22:00-02:00"], at: eve, expected: 3 * HOUR },
    { windows: ["22:00-02:30"], at: eve, expected: 3.5 * HOUR },
    { windows: ["22:00-03:00"], at: eve, expected: 5 * HOUR },
    { windows: ["22:00-02:59"], at: eve, expected: 4 * HOUR - MIN },
    // It ends within the hour that comes twice, and so ends twice.
    { windows: ["22:00-02:30"], at: last, expected: undefined },
    { windows: ["22:00-02:30"], at: local("Sun 02:00"), expected: HOUR / 2 },
    // It begins within it: between is a rest until its beginning comes again.
    {
      windows: ["02:30-05:00"],
      at: before("Sun 02:30", HOUR / 2, -HOUR),
      expected: HOUR / 2,
    },
    { windows: ["02:30-05:00"], at: last, expected: 1 },
    { windows: ["02:30-05:00"], at: local("Sun 02:00"), expected: undefined },
    { windows: ["02:30-05:00"], at: local("Sun 02:30"), expected: 2.5 * HOUR },
    // One that lies within it comes twice.
    {
      windows: ["02:15-02:45"],
      at: before("Sun 02:15", 45 * MIN, -HOUR),
      expected: HOUR / 2,
    },
    { windows: ["02:15-02:45"], at: local("Sun 02:15"), expected: HOUR / 2 },
  ]);
});

Deno.test("quietForMs() follows a jump of half an hour, and one at midnight", () => {
  check([
    // Lord Howe Island: 02:00 becomes 02:30, or 01:30.
    {
      windows: ["01:45-02:15"],
      at: before("Sun 01:50", 10 * MIN, HOUR / 2),
      expected: 10 * MIN,
    },
    {
      windows: ["01:45-02:45"],
      at: before("Sun 01:50", 10 * MIN, HOUR / 2),
      expected: 25 * MIN,
    },
    {
      windows: ["01:00-02:15"],
      at: before("Sun 01:50", 10 * MIN, -HOUR / 2),
      expected: 55 * MIN,
    },
    {
      windows: ["01:45-02:15"],
      at: before("Sun 01:50", 10 * MIN, -HOUR / 2),
      expected: 10 * MIN,
    },
    // Where it jumps at midnight the day begins at one, or the evening comes twice.
    {
      windows: ["23:00-00:30"],
      at: before("Sat 23:30", 30 * MIN, HOUR),
      expected: 30 * MIN,
    },
    {
      windows: ["23:30-00:30"],
      at: before("Sat 23:30", 30 * MIN, -HOUR),
      expected: 30 * MIN,
    },
  ]);
});

Deno.test("quietForMs() takes no notice of a jump after its end", () => {
  const at = before("Sat 12:00", 14 * HOUR, HOUR);
  check([
    { windows: ["11:00-13:00"], at, expected: HOUR },
    { windows: ["13:00-14:00"], at, expected: undefined },
    {
      windows: ["11:00-13:00"],
      at: before("Sat 12:00", HOUR + 1, HOUR),
      expected: HOUR,
    },
  ]);
});

Deno.test("statusMessage() names the time that the clock on the wall will show", () => {
  const quietHours = [daily("22:00-02:30")];
  const night = desired({ word: "on", commands: [{ quietHours }] });
  const locked = desired({ word: "on" });
  const message = (wish: typeof night, at: LocalMoment, some = facts()) => {
    const seen = observed([some], at);
    const decision = decide(wish, seen, MIN);
    const picture = { observed: seen, desired: wish, decision, now: MIN };
    return statusMessage({ ...picture, commandTopic: "h" });
  };
  const spring = before("Sat 23:00", 3 * HOUR, HOUR);
  assertEquals(message(night, spring), "a keeps its quiet hours until 03:00");
  const autumn = before("Sat 23:00", 4 * HOUR, -HOUR);
  assertEquals(message(night, autumn), "a keeps its quiet hours until 02:30");
  // What is a span of time, and no time of day, ends an hour later on the wall.
  const failed = crashed(MIN, { failures: 5 });
  const late = before("Sun 01:45", 15 * MIN, HOUR);
  assertEquals(
    message(locked, late, failed),
    "a failed 5 times in a row (exit code 1): locked out until 03:15",
  );
});
