/** When does the thermostat's ON no longer count? */

import { missedGap, unsteadyGap } from "./hearing.ts";
import type { Desired, Forgotten, Gap, HeatCause } from "./types.ts";

/** After a longer sleep the last word is of another time. */
const ASLEEP_MS_MAX = 300_000;

/** Is heat wanted, who says so, and when that has to be looked at again. */
export interface HeatVerdict {
  readonly heat: boolean;
  readonly cause: HeatCause;
  /** The word has to be forgotten for this reason. */
  readonly forget: Forgotten | undefined;
  /** When a failsafe would strike. */
  readonly wakeAt: number;
}

/** The upper rungs of the order of deciders: ending, failsafe, SHUTDOWN, a crash loop, the demand. */
export function heatVerdict(desired: Desired, now: number): HeatVerdict {
  const strikes = failsafes(desired, now);
  const strikesAt = Math.min(...strikes.map((failsafe) => failsafe.at));
  const heldUntil = desired.crashHold?.until ?? -Infinity;
  const off = (cause: HeatCause, forget?: Forgotten): HeatVerdict => {
    // A word that is held now may count again later: it ages all the same.
    const ahead = [strikesAt, heldUntil].filter((at) => at > now);
    const wakeAt = Math.min(Infinity, ...ahead);
    return { heat: false, cause, forget, wakeAt };
  };
  if (desired.ending !== "no") return off("ending");
  const strike = strikes.find((failsafe) => failsafe.at <= now);
  if (strike !== undefined) return off("forgotten", strike.why(now));
  if (desired.shutdown !== "no") return off("shutdown");
  if (heldUntil > now) return off("crash_loop");
  const word = desired.word;
  if (word === undefined) {
    return off(desired.forgotten === undefined ? "no_word" : "forgotten");
  }
  if (word.demand === "off") return off("word");
  const maxOnAt = word.since + desired.limits.heat.maxOnMs;
  if (maxOnAt <= now) return off("max_on");
  const wakeAt = Math.min(maxOnAt, strikesAt);
  return { heat: true, cause: "word", forget: undefined, wakeAt };
}

/** A failsafe that will strike at a moment, unless something changes before. */
interface Failsafe {
  readonly at: number;
  readonly why: (now: number) => Forgotten;
}

function failsafes(desired: Desired, now: number): Failsafe[] {
  const word = desired.word;
  if (word === undefined || word.demand === "off") return [];
  const { heat } = desired.limits;
  const deafAt = strikesAt(desired.deaf, heat.brokerLostAfterMs, word.at);
  // Words may have been lost in each of the breaks: only a fresh one counts on.
  const unsteady = unsteadyGap(desired, now);
  // The connection is back, but not what may have been said meanwhile.
  const missed = missedGap(desired);
  const offlineAt = strikesAt(
    desired.thermostatOffline,
    heat.thermostatOfflineAfterMs,
    word.at,
  );
  return [
    {
      at: deafAt,
      why: (now) => ({
        kind: "broker_lost",
        forMs: lastedMs(desired.deaf, now),
      }),
    },
    {
      at: strikesAt(unsteady, heat.brokerLostAfterMs, word.at),
      why: (now) => ({ kind: "unsteady", forMs: lastedMs(unsteady, now) }),
    },
    {
      at: strikesAt(missed, heat.brokerLostAfterMs, word.at),
      // A fight says more than what is lost in it.
      why: (now) => ({
        kind: unsteady !== undefined && unsteady.to === undefined
          ? "unsteady"
          : "missed",
        forMs: lastedMs(missed, now),
      }),
    },
    {
      at: offlineAt,
      why: (now) => ({
        kind: "thermostat_offline",
        forMs: lastedMs(desired.thermostatOffline, now),
      }),
    },
    {
      at: (desired.deletedAt ?? Infinity) + heat.thermostatOfflineAfterMs,
      why: (now) => ({
        kind: "deleted",
        forMs: now - (desired.deletedAt ?? now),
      }),
    },
    {
      at: asleepAt(desired.asleep, word.at),
      why: (now) => ({ kind: "asleep", forMs: lastedMs(desired.asleep, now) }),
    },
    {
      at: word.at + heat.silentAfterMs,
      why: (now) => ({ kind: "silent", forMs: now - word.at }),
    },
  ];
}

/** A gap counts from its start or from a word in it, and may be over by now. */
function strikesAt(
  gap: Gap | undefined,
  limitMs: number,
  wordAt: number,
): number {
  if (gap === undefined) return Infinity;
  const at = Math.max(gap.from, wordAt) + limitMs;
  return gap.to !== undefined && gap.to < at ? Infinity : at;
}

/** Who slept too long has to be told anew. */
function asleepAt(asleep: Gap | undefined, wordAt: number): number {
  if (asleep?.to === undefined || asleep.to <= wordAt) return Infinity;
  return asleep.to - asleep.from > ASLEEP_MS_MAX ? asleep.to : Infinity;
}

function lastedMs(gap: Gap | undefined, now: number): number {
  return gap === undefined ? 0 : (gap.to ?? now) - gap.from;
}
