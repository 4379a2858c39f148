/** What is too hot, sensor by sensor. */

import { assertEquals } from "@std/assert";
import type { SensorFacts } from "../../lib/core/telemetry_types.ts";
import {
  absorbTemperatures,
  hotCommand,
  hotMachine,
  hottest,
} from "../../lib/core/thermal.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import { facts, MIN, running, S, SAFETY } from "./make.ts";

const absorbed = (
  before: readonly SensorFacts[],
  at: number,
  ...temperatures: [string, number][]
) =>
  absorbTemperatures(before, {
    temperatures: temperatures.map(([device, celsius]) => {
      return { device, celsius };
    }),
    at,
  }, SAFETY);

Deno.test("absorbTemperatures() takes two devices of one name for one, as hot as the hotter", () => {
  for (const [one, other] of [[50, 95], [95, 50]] as const) {
    const once = absorbed([], 1, ["disk", one], ["disk", other]);
    assertEquals(once, [
      { device: "disk", celsius: 95, at: 1, hotReadings: 1, isHot: false },
    ]);
  }
  const [both] = absorbed([], 1, ["disk", 95], ["disk", 95]);
  assertEquals(both?.hotReadings, 1);
});

Deno.test("absorbTemperatures() takes what a machine in the cold tells, and no error of a sensor", () => {
  const told = (celsius: number) => absorbed([], 1, ["x", celsius])[0]?.celsius;
  for (const celsius of [-39.9, -2, -0.5, 0.5, 199.9]) {
    assertEquals(told(celsius), celsius);
  }
  for (const celsius of [-127, -40, -1, 0, 200, 255, 511, NaN, Infinity]) {
    assertEquals(told(celsius), undefined, `${celsius}`);
  }
});

Deno.test("absorbTemperatures() keeps what is not told, and no more than 128 sensors", () => {
  const before = absorbed([], 1, ["x", 95], ["y", 50]);
  const [x, y] = absorbed(before, 2, ["x", 95]);
  assertEquals([x?.isHot, x?.at], [true, 2]);
  assertEquals(y, before[1]);
  const many = (from: number) =>
    Array.from(
      { length: 100 },
      (_, index): [string, number] => [`${from + index}`, 50],
    );
  const full = absorbed(absorbed([], 1, ...many(0)), 2, ...many(100));
  assertEquals(full.length, 128);
  // Those that are known are read on.
  const [first] = absorbed(full, 3, ["0", 60], ["200", 60]);
  assertEquals(first?.celsius, 60);
});

Deno.test("absorbTemperatures() calls hot what is between the two limits only if it was too hot", () => {
  const isHot = (...celsius: number[]) => {
    let sensors: readonly SensorFacts[] = [];
    for (const [at, one] of celsius.entries()) {
      sensors = absorbed(sensors, at, ["x", one]);
    }
    return sensors[0]?.isHot;
  };
  assertEquals(isHot(85), false);
  assertEquals(isHot(91), false);
  assertEquals(isHot(91, 85), false);
  assertEquals(isHot(91, 85, 91), false);
  assertEquals(isHot(91, 91), true);
  assertEquals(isHot(91, 91, 90), true);
  assertEquals(isHot(91, 91, 80), true);
  assertEquals(isHot(91, 91, 79.9), false);
  assertEquals(isHot(91, 91, 79.9, 91), false);
  assertEquals(isHot(91, 91, 79.9, 91, 91), true);
});

Deno.test("hottest() knows what is not older than it may be", () => {
  const sensors = [
    ...absorbed([], 0, ["x", 90]),
    ...absorbed([], 5, ["y", 50], ["z", 40]),
  ];
  const at = (now: number) => hottest(sensors, { now, staleAfterMs: 10 });
  assertEquals([at(9), at(10), at(14), at(15)], [90, 50, 50, undefined]);
  assertEquals(hottest([], { now: 1, staleAfterMs: 10 }), undefined);
});

Deno.test("hottest() finds the hottest, wherever it stands", () => {
  for (const order of [[50, 60, 90], [90, 60, 50], [60, 90, 50]]) {
    const sensors = order.map((celsius) => {
      return {
        device: `${celsius}`,
        celsius,
        at: 0,
        hotReadings: 0,
        isHot: false,
      };
    });
    assertEquals(hottest(sensors, { now: 0, staleAfterMs: 1 }), 90);
  }
});

const sensor = (some: Partial<SensorFacts> = {}): SensorFacts => {
  return {
    device: "x",
    celsius: 60,
    at: 0,
    hotReadings: 0,
    isHot: false,
    ...some,
  };
};

Deno.test("hotCommand() judges silence at the moment in which a run ended, or was asked to", () => {
  const told = { runAt: 0, staleAfterMs: 30 * S, sensors: [sensor()] };
  const hot = (some: Partial<CommandFacts>) =>
    hotCommand(running(0, some), told, { safety: SAFETY, now: 5 * MIN });
  const silent = (forMs: number, until?: number) => {
    return { kind: "silent" as const, device: "x", forMs, until };
  };
  assertEquals(hot({}), silent(5 * MIN));
  const ends = ["signalledAt", "exitedAt", "emptyAt"] as const;
  const late = { signalledAt: 2 * MIN, exitedAt: 3 * MIN, emptyAt: 4 * MIN };
  assertEquals(hot(late), silent(2 * MIN, 14 * MIN));
  for (const end of ends) {
    const until = end === "emptyAt" ? 11 * MIN : 14 * MIN;
    const at = (ms: number) => hot({ ...late, [end]: ms });
    assertEquals(at(MIN)?.kind, "silent", end);
    assertEquals(at(MIN - 1), undefined, end);
    assertEquals(at(MIN), silent(MIN, until), end);
  }
  // Without an end of its own the present moment counts.
  for (const now of [MIN - 1, MIN]) {
    const one = hotCommand(running(0), told, { safety: SAFETY, now });
    assertEquals(one?.kind, now === MIN ? "silent" : undefined);
  }
});

Deno.test("hotMachine() tells for how long what is silent is, and until when what is hot rests", () => {
  const hot = (
    now: number,
    some: Partial<SensorFacts>,
    commands = [running(7)],
  ) =>
    hotMachine(
      { commands, machine: { sensors: [sensor(some)], power: undefined } },
      SAFETY,
      now,
    );
  assertEquals(hot(7 + MIN - 1, {}), undefined);
  assertEquals(hot(7 + MIN, { at: 3 }), {
    kind: "silent",
    device: "x",
    forMs: 4 + MIN,
    until: undefined,
  });
  assertEquals(hot(9 + MIN, { at: 9 })?.kind, "silent");
  // Any of several that run is enough.
  assertEquals(hot(7 + MIN, {}, [facts(), running(7)])?.kind, "silent");
  const isHot = { isHot: true, celsius: 95, at: 9 };
  const told = { kind: "hot" as const, device: "x", celsius: 95 };
  assertEquals(hot(9 + MIN - 1, isHot), { ...told, until: undefined });
  assertEquals(hot(9 + MIN, isHot, [facts()]), {
    ...told,
    until: 9 + 10 * MIN,
  });
  assertEquals(hot(9 + 10 * MIN - 1, isHot, [facts()])?.kind, "hot");
  assertEquals(hot(9 + 10 * MIN, isHot, [facts()]), undefined);
});
