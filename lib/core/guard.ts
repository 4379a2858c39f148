/** May a command change now? Min off, backoff and lockout; failures and rests. */

import type { CommandFacts, CommandLimits, HeatLimits } from "./types.ts";
import { workedForMs } from "./watchdog.ts";

/** Does a process of this command live, as far as is known? */
export function isAlive(facts: CommandFacts): boolean {
  return facts.startedAt !== undefined && facts.emptyAt === undefined;
}

/** Did the latest run end in a way that is a failure? */
export function hasFailed(facts: CommandFacts): boolean {
  return facts.endedByItself || facts.bark !== undefined;
}

/** How long the latest run lasted, in milliseconds; 0 if it never started. */
export function ranForMs(facts: CommandFacts): number {
  if (facts.startedAt === undefined || facts.exitedAt === undefined) return 0;
  return facts.exitedAt - facts.startedAt;
}

/**
 * The failures in a row, once the leader's end is a fact. A healthy run forgets
 * what was before it; a stop that was asked for neither adds nor forgives, so
 * that switching off and on is no way around a lockout.
 */
export function failuresAfter(
  facts: CommandFacts,
  limits: CommandLimits,
): number {
  // What the watchdog ended was healthy only as long as it worked.
  const wellForMs = facts.bark === undefined
    ? ranForMs(facts)
    : workedForMs(facts) - limits.watchdog.warmUpMs;
  const healthy = facts.pid !== undefined && wellForMs >= limits.stableAfterMs;
  const before = healthy ? 0 : facts.failures;
  return hasFailed(facts) ? before + 1 : before;
}

/**
 * The rest after the latest failure: doubling, up to a fifth longer by jitter
 * (rigs that start together must not come back together), never above the longest.
 */
export function restMs(facts: CommandFacts, limits: CommandLimits): number {
  const doublings = Math.min(Math.max(facts.failures - 1, 0), 40);
  const rest = limits.restartRestMs * 2 ** doublings * (1 + facts.jitter / 5);
  return Math.min(rest, limits.restartRestMaxMs);
}

/** What holds back a start, and until when. */
export interface Hold {
  readonly kind: "min_off" | "backoff" | "lockout";
  readonly until: number;
}

/**
 * What holds back a start of a command of which nothing runs: until the longest
 * hold is over. A lockout keeps its name meanwhile, as the owner has to see it.
 */
export function holdBack(
  facts: CommandFacts,
  limits: CommandLimits,
  options: { readonly heat: HeatLimits; readonly now: number },
): Hold | undefined {
  const holds: Hold[] = [];
  if (facts.aliveUntil !== undefined) {
    const until = facts.aliveUntil + options.heat.minOffMs;
    holds.push({ kind: "min_off", until });
  }
  const isForgiven = facts.forgivenAt !== undefined &&
    (facts.exitedAt ?? Infinity) <= facts.forgivenAt;
  if (facts.exitedAt !== undefined && hasFailed(facts) && !isForgiven) {
    const locked = facts.failures >= limits.lockoutFailures;
    holds.push({
      kind: locked ? "lockout" : "backoff",
      until: facts.exitedAt +
        (locked ? limits.lockoutForMs : restMs(facts, limits)),
    });
  }
  const open = holds.filter((hold) => hold.until > options.now);
  const longest = open.sort((a, b) => b.until - a.until)[0];
  const lockout = open.find(({ kind }) => kind === "lockout");
  if (longest === undefined || lockout === undefined) return longest;
  return { kind: "lockout", until: longest.until };
}
