/** The watchdog of one command: it runs, but does it work? */

import type { WatchdogLimits } from "./limits.ts";
import { freshReading } from "./telemetry.ts";
import type { TelemetryFacts } from "./telemetry_types.ts";
import type { Bark, CommandFacts } from "./types.ts";

const DAY_MS = 86_400_000;

/** What the watchdog says of a command that runs. */
export interface Watch {
  /** What is wrong for too long now: the run is to be ended. */
  readonly bark: Bark | undefined;
  /** The same, but the restarts of a day are spent: nothing is done. */
  readonly spent: Bark | undefined;
  /** When something would be wrong for too long. */
  readonly wakeAt: number;
}

/** Looks at a run that nobody has asked to stop. */
export function watch(
  facts: CommandFacts,
  telemetry: TelemetryFacts,
  options: { readonly limits: WatchdogLimits; readonly now: number },
): Watch {
  const { limits, now } = options;
  const cases = concerns(facts, telemetry, options);
  const bark = cases.find(({ at }) => at <= now)?.bark;
  const wakeAt = Math.min(
    Infinity,
    ...cases.map(({ at }) => at).filter((at) => at > now),
  );
  // With that many restarts within a day the next one waits for the day's end.
  const today = recentBarks(facts.barks, now);
  const spentAt = today.at(-limits.restartsADay);
  if (bark === undefined || spentAt === undefined) {
    return { bark, spent: undefined, wakeAt };
  }
  const renewedAt = spentAt + DAY_MS;
  return {
    bark: undefined,
    spent: bark,
    wakeAt: Math.min(renewedAt, wakeAt),
  };
}

/** Did a run that the watchdog ended work well before, for at least so long? */
export function workedForMs(facts: CommandFacts): number {
  if (facts.bark === undefined || facts.startedAt === undefined) return 0;
  return Math.max(facts.bark.since - facts.startedAt, 0);
}

/** The restarts that still count towards a day's budget. */
export function recentBarks(
  barks: readonly number[],
  now: number,
): readonly number[] {
  return barks.filter((at) => at + DAY_MS > now);
}

interface Concern {
  readonly at: number;
  readonly bark: Bark;
}

function concerns(
  facts: CommandFacts,
  telemetry: TelemetryFacts,
  { limits, now }: { readonly limits: WatchdogLimits; readonly now: number },
): Concern[] {
  if (!telemetry.isRead || facts.startedAt === undefined) return [];
  const { startedAt } = facts;
  const warmAt = startedAt + limits.warmUpMs;
  const concern = (
    kind: Bark["kind"],
    since: number,
    limitMs: number,
  ): Concern => {
    const at = Math.max(since, warmAt) + limitMs;
    return { at, bark: { kind, since, forMs: now - since } };
  };
  const found = [
    concern("silent", telemetry.readAt ?? startedAt, limits.silentForMs),
  ];
  const reading = freshReading(telemetry, now);
  // What is unknown is not low: then only the silence counts.
  if (reading !== undefined && telemetry.lowSince !== undefined) {
    found.push(concern("low_hashrate", telemetry.lowSince, limits.lowForMs));
  }
  if (reading?.accepted !== undefined) {
    const since = telemetry.shareAt ?? startedAt;
    found.push(concern("no_share", since, limits.noShareForMs));
  }
  return found;
}
