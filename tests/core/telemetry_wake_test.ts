/** The moments at which time alone changes what is told, or whether it may heat. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { type Found, readingOf } from "../../lib/core/reading.ts";
import { absorb, absorbIdle, beginRun } from "../../lib/core/telemetry.ts";
import type {
  MachineFacts,
  SensorFacts,
  TelemetryFacts,
} from "../../lib/core/telemetry_types.ts";
import { telemetryWakeAt } from "../../lib/core/telemetry_wake.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import {
  desired,
  facts,
  MIN,
  observed,
  READ,
  running,
  S,
  SAFETY,
  UNREAD,
} from "./make.ts";

const NO_LIMIT = { maxTemperatureC: Infinity, resumeBelowC: 80 };

function told(at: number, found: Found, startedAt = 0): TelemetryFacts {
  return absorb(
    beginRun(READ, startedAt),
    { reading: readingOf(found), at },
    { minHashrateHs: 0, safety: SAFETY },
  );
}

/** All moments of this world, one after the other, from `now` on. */
function moments(
  one: CommandFacts,
  parts: {
    readonly told?: TelemetryFacts;
    readonly machine?: Partial<MachineFacts>;
    readonly safety?: typeof SAFETY;
    readonly now?: number;
  },
): number[] {
  const seen = observed([one], undefined, {
    telemetry: [parts.told ?? UNREAD],
    machine: { sensors: [], power: undefined, ...parts.machine },
  });
  const found: number[] = [];
  let now = parts.now ?? 0;
  while (now < Infinity) {
    now = telemetryWakeAt(seen, { safety: parts.safety ?? SAFETY }, now);
    if (now < Infinity) found.push(now);
  }
  return found;
}

Deno.test("telemetryWakeAt() wakes when a reading grows old, and when it is cold for too long", () => {
  // Never a reading: the counts of before, and the heat that does not come.
  const fresh = { told: beginRun(READ, 5) };
  assertEquals(moments(running(5), fresh), [5 + 30 * S, 5 + 20 * MIN]);
  assertEquals(moments(running(0), { told: told(7, { hashrateHs: 0 }) }), [
    7 + 30 * S,
    20 * MIN,
  ]);
  assertEquals(moments(running(0), { told: told(7, { powerW: 5 }) }), [
    7 + 30 * S,
    7 + 20 * MIN,
  ]);
  // What another run told, or nothing reads, changes nothing.
  assertEquals(moments(running(5), { told: told(7, {}) }), []);
  assertEquals(moments(running(5), { told: UNREAD }), []);
  assertEquals(moments(running(5), { told: beginRun(UNREAD, 5) }), []);
  assertEquals(moments(facts(), { told: told(7, {}) }), []);
});

Deno.test("telemetryWakeAt() wakes when a sensor would be silent for too long, and when it grows old", () => {
  const warm = told(7, {
    hashrateHs: 5,
    temperatures: [{ device: "GPU0", celsius: 60 }],
  });
  const later = absorb(warm, { reading: readingOf({ hashrateHs: 5 }), at: 9 }, {
    minHashrateHs: 0,
    safety: SAFETY,
  });
  assertEquals(moments(running(0), { told: later }), [
    7 + 30 * S,
    9 + 30 * S,
    7 + 60 * S,
    9 + 20 * MIN,
  ]);
  assertEquals(moments(running(0), { told: later, safety: NO_LIMIT }), [
    7 + 30 * S,
    9 + 30 * S,
    9 + 20 * MIN,
  ]);
  const seldom = { ...later, staleAfterMs: 3 * MIN };
  assertEquals(moments(running(0), { told: seldom }), [
    7 + 3 * MIN,
    9 + 3 * MIN,
    9 + 20 * MIN,
  ]);
});

Deno.test("telemetryWakeAt() wakes when what is gone had time to cool down", () => {
  const warm = told(7, { temperatures: [{ device: "GPU0", celsius: 60 }] });
  const gone = running(0, {
    signalledAt: 10,
    exitedAt: 11,
    emptyAt: 12,
  });
  assertEquals(moments(gone, { told: warm }), [12 + 10 * MIN]);
  assertEquals(moments(gone, { told: warm, safety: NO_LIMIT }), []);
  assertEquals(moments(gone, { told: told(7, {}) }), []);
});

Deno.test("telemetryWakeAt() wakes when what the machine tells grows old, or its silence counts", () => {
  const sensor = (some: Partial<SensorFacts> = {}): SensorFacts => {
    const cool = { celsius: 60, at: 7, hotReadings: 0, isHot: false };
    return { device: "CPU", ...cool, ...some };
  };
  const machine = { sensors: [sensor()], power: { watts: 5, at: 9 } };
  const old = [7 + 30 * S, 9 + 30 * S];
  assertEquals(moments(facts(), { machine }), old);
  assertEquals(moments(running(0), { machine }), [...old, 7 + 60 * S]);
  assertEquals(moments(running(50), { machine }), [...old, 50 + 60 * S]);
  assertEquals(moments(running(0), { machine, safety: NO_LIMIT }), old);
  assertEquals(moments(running(0, { emptyAt: 5 }), { machine }), old);
  const hot = { sensors: [sensor({ isHot: true, celsius: 95 })] };
  assertEquals(moments(facts(), { machine: hot }), [
    7 + 30 * S,
    7 + 60 * S,
    7 + 10 * MIN,
  ]);
});

Deno.test("telemetryWakeAt() wakes when a stranger is worth a word, and when that grows old", () => {
  const busy = absorbIdle(READ, {
    reading: readingOf({ hashrateHs: 5 }),
    at: 7,
  });
  assertEquals(moments(facts(), { told: busy }), [7 + MIN, 7 + 3 * MIN]);
  const gone = running(0, { emptyAt: 9 });
  assertEquals(moments(gone, { told: busy }), [9 + MIN, 7 + 3 * MIN]);
  assertEquals(moments(running(0), { told: busy }), []);
});

Deno.test("telemetryWakeAt() names the moment until it is there, and then the next", () => {
  const seen = observed([running(5)], undefined, {
    telemetry: [beginRun(READ, 5)],
  });
  const next = (now: number) => telemetryWakeAt(seen, { safety: SAFETY }, now);
  assertEquals(next(5 + 30 * S - 1), 5 + 30 * S);
  assertEquals(next(5 + 30 * S), 5 + 20 * MIN);
});

Deno.test("decide() wakes at such a moment, and for the watchdog, before its heartbeat", () => {
  const wakeAt = (
    one: CommandFacts,
    told: TelemetryFacts,
    machine?: MachineFacts,
  ) =>
    decide(
      desired({ word: "on" }),
      observed([one], undefined, {
        telemetry: [told],
        ...machine === undefined ? {} : { machine },
      }),
      25 * S,
    ).wakeAt;
  assertEquals(wakeAt(running(0), told(0, { hashrateHs: 5 })), 30 * S);
  assertEquals(wakeAt(running(0), told(9, { hashrateHs: 5 })), 30 * S + 9);
  const power = { watts: 5, at: S };
  assertEquals(wakeAt(running(0), UNREAD, { sensors: [], power }), 31 * S);
  // It is a minute before it is told that something else heats.
  const busy = { watts: 5, at: 50 * S, busySince: -30 * S };
  assertEquals(
    wakeAt(running(0), UNREAD, { sensors: [], power: busy }),
    30 * S,
  );
});
