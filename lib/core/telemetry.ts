/** What is known of what one command's program tells of itself: facts, and how a reading changes them. */

import type { SafetyLimits } from "./limits.ts";
import type { Reading } from "./reading.ts";
import type { Counters, TelemetryFacts } from "./telemetry_types.ts";
import { absorbTemperatures } from "./thermal.ts";

/** Before that a miner that has just started may not be at work yet. */
const AT_WORK_AFTER_MS = 180_000;
/** So much of the average is the latest reading. */
const RATED_PART = 0.1;

/** A reading and its moment. */
export interface Told {
  readonly reading: Reading;
  readonly at: number;
}

/** What decides how a reading is taken. */
export interface TelemetryLimits {
  /** Less is low; in hashes per second, 0 for no minimum. */
  readonly minHashrateHs: number;
  readonly safety: SafetyLimits;
}

/** The facts of a command of which nothing was told yet. */
export function telemetryBefore(
  { isRead, staleAfterMs }: {
    readonly isRead: boolean;
    readonly staleAfterMs: number;
  },
): TelemetryFacts {
  return {
    isRead,
    staleAfterMs,
    runAt: undefined,
    reading: undefined,
    readAt: undefined,
    fault: undefined,
    lowSince: undefined,
    shareAt: undefined,
    heatAt: undefined,
    accepted: 0,
    rejected: 0,
    stale: 0,
    counters: { accepted: undefined, rejected: undefined, stale: undefined },
    sensors: [],
    ratedW: undefined,
    busy: undefined,
  };
}

/** A new run began: what the one before told is of no use any more, but for what adds up. */
export function beginRun(facts: TelemetryFacts, runAt: number): TelemetryFacts {
  const { accepted, rejected, stale, ratedW } = facts;
  const kept = { accepted, rejected, stale, ratedW };
  return { ...telemetryBefore(facts), ...kept, runAt };
}

/** A reading of the present run came in. */
export function absorb(
  facts: TelemetryFacts,
  told: Told,
  limits: TelemetryLimits,
): TelemetryFacts {
  const { reading, at } = told;
  const grown = (name: keyof Counters) =>
    growth(facts.counters[name], reading[name]);
  const latest = (name: keyof Counters) =>
    reading[name] ?? facts.counters[name];
  const rate = reading.hashrateHs;
  const isLow = rate !== undefined && rate < limits.minHashrateHs;
  // Over a time of which nobody knows anything it was not low.
  const lowBefore = freshReading(facts, at) && facts.lowSince;
  return {
    ...facts,
    reading,
    readAt: at,
    fault: undefined,
    lowSince: isLow ? lowBefore ?? at : undefined,
    shareAt: grown("accepted") > 0 ? at : facts.shareAt,
    heatAt: provesHeat(reading) ? at : facts.heatAt,
    accepted: facts.accepted + grown("accepted"),
    rejected: facts.rejected + grown("rejected"),
    stale: facts.stale + grown("stale"),
    counters: {
      accepted: latest("accepted"),
      rejected: latest("rejected"),
      stale: latest("stale"),
    },
    sensors: absorbTemperatures(facts.sensors, {
      temperatures: reading.temperatures,
      at,
    }, limits.safety),
    ratedW: ratedAfter(facts, told),
  };
}

function ratedAfter(
  { runAt = Infinity, ratedW }: TelemetryFacts,
  { reading: { powerW }, at }: Told,
): number | undefined {
  if (powerW === undefined || at - runAt < AT_WORK_AFTER_MS) return ratedW;
  const before = ratedW ?? powerW;
  return before + RATED_PART * (powerW - before);
}

/** What was told, or that nothing was, while nothing of ours runs. */
export function absorbIdle(
  facts: TelemetryFacts,
  told: Told | undefined,
): TelemetryFacts {
  const hashrateHs = told?.reading.hashrateHs ?? 0;
  if (told === undefined || hashrateHs === 0) {
    return { ...facts, busy: undefined };
  }
  const { at } = told;
  const since = facts.busy?.since ?? at;
  return { ...facts, busy: { hashrateHs, since, at } };
}

/** Does a reading show hashes or watts that really flow? */
export function provesHeat(reading: Reading): boolean {
  return [reading.hashrateHs, reading.powerW]
    .some((told) => told !== undefined && told > 0);
}

/** The latest reading, unless it is too old to be true. */
export function freshReading(
  facts: TelemetryFacts | undefined,
  now: number,
): Reading | undefined {
  if (facts?.readAt === undefined) return undefined;
  // A sum as in the wake-up for it: a difference may round to the other side.
  return now < facts.readAt + facts.staleAfterMs ? facts.reading : undefined;
}

/** Counters begin at 0 with each start of a miner, and some do in between. */
function growth(before: number | undefined, after: number | undefined): number {
  if (after === undefined) return 0;
  return before === undefined || after < before ? after : after - before;
}
