/** Miners and sensors as they are met in the field: well for hours, then not. */

import type { WatchdogLimits } from "../../lib/core/limits.ts";
import { SAFETY, WATCHDOG } from "../core/make.ts";
import type { Random } from "./random.ts";
import type { Setup, Telling, WorldEvent } from "./script.ts";
import type { Mood } from "./sim_miners.ts";

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;

/** Mostly nothing is read, or seldom: each reading is a step of the loop. */
export function randomTelling(random: Random): Telling | undefined {
  if (random.chance(0.75)) return undefined;
  const isOften = random.chance(0.05);
  return {
    intervalMs: isOften ? 20 * S : 5 * MIN,
    safety: random.chance(0.1)
      ? { maxTemperatureC: Infinity, resumeBelowC: 80 }
      : SAFETY,
    hasMachine: isOften,
  };
}

export function randomWatchdog(random: Random): WatchdogLimits {
  if (random.chance(0.3)) return WATCHDOG;
  return {
    minHashrateHs: random.pick([0, 1_000]),
    lowForMs: random.pick([MIN, 10 * MIN, 10 * MIN]),
    noShareForMs: random.pick([Infinity, 15 * MIN, HOUR]),
    silentForMs: random.pick([Infinity, 45 * S, 12 * MIN, HOUR]),
    warmUpMs: random.pick([0, 3 * MIN, 3 * MIN, 20 * MIN]),
    restartsADay: random.pick([1, 3, 10]),
  };
}

/** What a sensor tells that is lost. */
const NONSENSE = [NaN, -1, 0, 255];

export function tellingEvents(
  random: Random,
  times: { readonly fromMs: number; readonly untilMs: number },
  { telling, commands }: Setup,
): WorldEvent[] {
  if (telling === undefined) return [];
  const events: WorldEvent[] = [];
  for (const { name: command } of commands) {
    let at = times.fromMs;
    while ((at += random.span(6 * HOUR)) < times.untilMs) {
      events.push({ at, kind: "miner", command, mood: randomMood(random) });
      // A glitch of one reading, or something that lasts.
      at += random.span(random.pick([telling.intervalMs, 20 * MIN, HOUR]));
      events.push({ at, kind: "miner", command, mood: {} });
    }
  }
  if (!telling.hasMachine) return events;
  let at = times.fromMs;
  while ((at += random.span(20 * HOUR)) < times.untilMs) {
    const celsius = random.pick([95, 95, ...NONSENSE]);
    events.push({ at, kind: "machine", celsius });
    at += random.span(random.pick([30 * S, 5 * MIN, 30 * MIN]));
    events.push({ at, kind: "machine", celsius: random.pick([50, 85]) });
  }
  return events;
}

function randomMood(random: Random): Mood {
  return random.pick<Mood>([
    { hashrateHs: 10 },
    { hashrateHs: 0, shareEveryMs: Infinity },
    { shareEveryMs: Infinity },
    { hidesShares: true },
    { isSilent: true },
    { isSilent: true },
    { celsius: 95 },
    { celsius: 95 },
    { celsius: 85 },
    { celsius: random.pick(NONSENSE) },
  ]);
}
