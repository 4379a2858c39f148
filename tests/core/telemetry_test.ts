/** How a reading changes what is known of a command. */

import { assertEquals } from "@std/assert";
import { type Found, readingOf } from "../../lib/core/reading.ts";
import {
  absorb,
  absorbIdle,
  beginRun,
  freshReading,
  provesHeat,
  telemetryBefore,
} from "../../lib/core/telemetry.ts";
import type { TelemetryFacts } from "../../lib/core/telemetry_types.ts";
import { READ, S, SAFETY } from "./make.ts";

const LIMITS = { minHashrateHs: 100, safety: SAFETY };

/** What is known after these readings, told every ten seconds from 10 s on. */
function after(
  before: TelemetryFacts,
  ...readings: readonly Found[]
): TelemetryFacts {
  return readings.reduce<TelemetryFacts>(
    (facts, found, index) =>
      absorb(
        facts,
        { reading: readingOf(found), at: (index + 1) * 10 * S },
        LIMITS,
      ),
    before,
  );
}

const counts = ({ accepted, rejected, stale }: TelemetryFacts) => [
  accepted,
  rejected,
  stale,
];

Deno.test("absorb() counts shares up, over a miner's own restarts and over runs", () => {
  const accepted = (...told: (number | undefined)[]) =>
    after(READ, ...told.map((accepted) => ({ accepted }))).accepted;
  assertEquals(accepted(), 0);
  assertEquals(accepted(3), 3);
  assertEquals(accepted(3, 3, 5), 5);
  // The miner restarted its counter by itself.
  assertEquals(accepted(3, 5, 0), 5);
  assertEquals(accepted(3, 5, 1, 2), 7);
  // What one reading does not tell the next one does not tell anew.
  assertEquals(accepted(3, undefined, 3), 3);
  assertEquals(accepted(3, undefined, undefined, 5), 5);
  assertEquals(accepted(3, undefined, 1), 4);
  const run = after(READ, { accepted: 5, rejected: 2, stale: 1 });
  const next = after(beginRun(run, 60 * S), {
    accepted: 5,
    rejected: 1,
    stale: 1,
  });
  assertEquals(counts(next), [10, 3, 2]);
});

Deno.test("absorb() counts accepted, rejected and stale shares apart", () => {
  const told = after(
    READ,
    { accepted: 1, rejected: 20, stale: 300 },
    { accepted: 2, stale: 300 },
    { accepted: 2, rejected: 21, stale: 301 },
  );
  assertEquals(counts(told), [2, 21, 301]);
  assertEquals(told.counters, { accepted: 2, rejected: 21, stale: 301 });
});

Deno.test("absorb() notes when the count of accepted shares grew last", () => {
  const shareAt = (...told: (number | undefined)[]) =>
    after(READ, ...told.map((accepted) => ({ accepted }))).shareAt;
  assertEquals(shareAt(0, 0), undefined);
  assertEquals(shareAt(0, 1, 1), 20 * S);
  assertEquals(shareAt(1, undefined, 1), 10 * S);
  // Begun anew and grown since.
  assertEquals(shareAt(5, 1), 20 * S);
  assertEquals(after(READ, { rejected: 1 }).shareAt, undefined);
});

Deno.test("absorb() notes since when the hash rate is low", () => {
  const lowSince = (...told: (number | undefined)[]) =>
    after(READ, ...told.map((hashrateHs) => ({ hashrateHs }))).lowSince;
  assertEquals(lowSince(100), undefined);
  assertEquals(lowSince(99), 10 * S);
  assertEquals(lowSince(100, 99, 0), 20 * S);
  assertEquals(lowSince(99, 100), undefined);
  assertEquals(lowSince(99, undefined, 99), 30 * S);
  const late = (at: number) =>
    absorb(after(READ, { hashrateHs: 1 }), {
      reading: readingOf({ hashrateHs: 1 }),
      at,
    }, LIMITS).lowSince;
  assertEquals(late(40 * S - 1), 10 * S);
  assertEquals(late(40 * S), 40 * S);
});

Deno.test("absorb() notes when hashes or watts were told last", () => {
  const heatAt = (...told: Found[]) => after(READ, ...told).heatAt;
  assertEquals(heatAt({ accepted: 1 }), undefined);
  assertEquals(heatAt({ hashrateHs: 0 }, { hashrateHs: 1 }, {}), 20 * S);
  assertEquals(heatAt({ powerW: 1 }, { hashrateHs: 0 }), 10 * S);
});

Deno.test("absorb() keeps the reading, its moment and its temperatures, and forgets the fault", () => {
  const temperatures = [{ device: "GPU0", celsius: 60 }];
  const told = after({ ...READ, fault: "no answer" }, { temperatures });
  assertEquals(told.reading, readingOf({ temperatures }));
  assertEquals([told.readAt, told.fault], [10 * S, undefined]);
  assertEquals(told.sensors, [
    { device: "GPU0", celsius: 60, at: 10 * S, hotReadings: 0, isHot: false },
  ]);
});

Deno.test("beginRun() keeps the counts and how it is read, and nothing else", () => {
  const run = after({ ...READ, staleAfterMs: 7 }, {
    hashrateHs: 5,
    accepted: 5,
    rejected: 2,
    stale: 1,
    temperatures: [{ device: "GPU0", celsius: 60 }],
  });
  const idle = absorbIdle(run, {
    reading: readingOf({ hashrateHs: 1 }),
    at: 50 * S,
  });
  assertEquals(beginRun({ ...idle, fault: "no answer" }, 60 * S), {
    ...telemetryBefore({ isRead: true, staleAfterMs: 7 }),
    accepted: 5,
    rejected: 2,
    stale: 1,
    runAt: 60 * S,
  });
});

Deno.test("absorb() averages what a miner takes at work, and keeps that over runs", () => {
  const MIN = 60 * S;
  const read = (before: TelemetryFacts, at: number, powerW?: number) =>
    absorb(before, { reading: readingOf({ powerW }), at }, {
      minHashrateHs: 0,
      safety: SAFETY,
    });
  const first = read(beginRun(READ, MIN), 4 * MIN - 1, 20);
  assertEquals(first.ratedW, undefined);
  const second = read(first, 4 * MIN, 200);
  assertEquals(second.ratedW, 200);
  const third = read(read(second, 5 * MIN), 6 * MIN, 300);
  assertEquals(third.ratedW, 210);
  assertEquals(beginRun(third, 10 * MIN).ratedW, 210);
});

Deno.test("absorbIdle() notes since when hashes are told, and when last", () => {
  const idle = (before: TelemetryFacts, at: number, found?: Found) =>
    absorbIdle(before, found && { reading: readingOf(found), at });
  const once = idle(READ, 5, { hashrateHs: 7 });
  assertEquals(once.busy, { hashrateHs: 7, since: 5, at: 5 });
  const twice = idle(once, 9, { hashrateHs: 8 });
  assertEquals(twice.busy, { hashrateHs: 8, since: 5, at: 9 });
  assertEquals(idle(twice, 9, { hashrateHs: 0 }).busy, undefined);
  assertEquals(idle(twice, 9, { powerW: 9 }).busy, undefined);
  assertEquals(idle(twice, 9).busy, undefined);
});

Deno.test("freshReading() repeats nothing that is too old", () => {
  const told = after(READ, { hashrateHs: 5 });
  assertEquals(freshReading(told, 40 * S - 1), told.reading);
  assertEquals(freshReading(told, 40 * S), undefined);
  assertEquals(freshReading(READ, 5), undefined);
  assertEquals(freshReading(undefined, 5), undefined);
});

Deno.test("provesHeat() takes hashes or watts for it", () => {
  const proves = (found: Found) => provesHeat(readingOf(found));
  assertEquals(proves({ hashrateHs: 0.5 }), true);
  assertEquals(proves({ powerW: 0.5 }), true);
  assertEquals(proves({ hashrateHs: 0, powerW: 0 }), false);
  assertEquals(proves({ accepted: 5 }), false);
});
