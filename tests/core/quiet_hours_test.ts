import { assertEquals } from "@std/assert";
import { quietForMs } from "../../lib/core/quiet_hours.ts";
import type { QuietWindow } from "../../lib/core/types.ts";
import { local, MIN } from "./make.ts";

const HOUR = 60;
const WEEKDAYS = [1, 2, 3, 4, 5];
const OFFICE: QuietWindow = {
  days: WEEKDAYS,
  fromMinute: 7 * HOUR,
  toMinute: 19 * HOUR,
};
const NIGHT: QuietWindow = {
  days: [5, 6],
  fromMinute: 22 * HOUR,
  toMinute: 6 * HOUR,
};

Deno.test("quietForMs() tells how long a window still lasts", () => {
  const table: [string, number | undefined][] = [
    ["Wed 06:59:59.999", undefined],
    ["Wed 07:00", 12 * HOUR * MIN],
    ["Wed 18:59", MIN],
    ["Wed 18:59:59.999", 1],
    ["Wed 19:00", undefined],
    ["Sat 12:00", undefined],
  ];
  for (const [at, expected] of table) {
    assertEquals(quietForMs([OFFICE], local(at)), expected, at);
  }
});

Deno.test("quietForMs() carries a window over midnight, and over the end of the week", () => {
  const table: [string, number | undefined][] = [
    ["Thu 23:00", undefined],
    ["Fri 21:59:59.999", undefined],
    ["Fri 22:00", 8 * HOUR * MIN],
    ["Sat 05:59", MIN],
    ["Sat 06:00", undefined],
    ["Sat 23:00", 7 * HOUR * MIN],
    ["Sun 05:00", HOUR * MIN],
    ["Sun 06:00", undefined],
    ["Sun 22:00", undefined],
  ];
  for (const [at, expected] of table) {
    assertEquals(quietForMs([NIGHT], local(at)), expected, at);
  }
});

Deno.test("quietForMs() joins windows that touch or overlap", () => {
  const morning = { days: [6], fromMinute: 6 * HOUR, toMinute: 9 * HOUR };
  const inside = { days: [6], fromMinute: 8 * HOUR, toMinute: 8.5 * HOUR };
  assertEquals(
    quietForMs([NIGHT, morning, inside], local("Fri 23:00")),
    10 * HOUR * MIN,
  );
});

Deno.test("quietForMs() is for ever if the windows cover the week", () => {
  const always = {
    days: [0, 1, 2, 3, 4, 5, 6],
    fromMinute: 0,
    toMinute: 24 * HOUR,
  };
  assertEquals(quietForMs([always], local("Wed 12:00")), Infinity);
  assertEquals(quietForMs([], local("Wed 12:00")), undefined);
});

Deno.test("quietForMs() takes from and to alike for a whole day, and a minute for a minute", () => {
  const from = 8 * HOUR;
  const day = { days: [3], fromMinute: from, toMinute: from };
  assertEquals(quietForMs([day], local("Wed 07:59")), undefined);
  assertEquals(quietForMs([day], local("Wed 08:00")), 24 * HOUR * MIN);
  assertEquals(quietForMs([day], local("Thu 07:59")), MIN);
  assertEquals(quietForMs([day], local("Thu 08:00")), undefined);
  const minute = { days: [3], fromMinute: from, toMinute: from + 1 };
  assertEquals(quietForMs([minute], local("Wed 08:00")), MIN);
  assertEquals(quietForMs([minute], local("Wed 08:01")), undefined);
});

Deno.test("quietForMs() sees that the week is covered, from each of its minutes", () => {
  const always = {
    days: [0, 1, 2, 3, 4, 5, 6],
    fromMinute: 0,
    toMinute: 24 * HOUR,
  };
  for (const at of ["Sun 00:00", "Wed 00:00", "Sat 23:59:59.999"]) {
    assertEquals(quietForMs([always], local(at)), Infinity, at);
  }
  const allButOne = { ...always, days: [0, 1, 2, 3, 4, 5] };
  assertEquals(
    quietForMs([allButOne], local("Sun 00:00")),
    6 * 24 * HOUR * MIN,
  );
});
