/** May a command change now? Min off, backoff and lockout; failures and rests. */

import type {
  CommandFacts,
  CommandLimits,
  HeatLimits,
  Verdict,
} from "./types.ts";
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
  readonly kind: "min_off" | "backoff" | "lockout" | "stagger";
  readonly until: number;
}

/** The moment, and what happened to others. */
interface HoldOptions {
  readonly heat: HeatLimits;
  readonly now: number;
  /** When any command was started last. */
  readonly lastStartAt: number;
}

/**
 * What holds back a start of a command of which nothing runs. After a failure
 * the longest hold says until when, and the failure is what is told all the
 * while: the owner has to see it, and the thermostat no switch that flaps.
 */
export function holdBack(
  facts: CommandFacts,
  limits: CommandLimits,
  options: HoldOptions,
): Hold | undefined {
  const { heat, now, lastStartAt } = options;
  const minOffUntil = facts.aliveUntil === undefined
    ? -Infinity
    : facts.aliveUntil + heat.minOffMs;
  const turnAt = lastStartAt + heat.staggerMs;
  const failure = failureHold(facts, limits);
  if (failure !== undefined) {
    const { kind } = failure;
    const restUntil = failure.until;
    // A turn that comes up later is no part of what the failure began.
    const isWaiting = kind === "backoff" && lastStartAt < restUntil;
    const until = Math.max(
      restUntil,
      minOffUntil,
      isWaiting ? turnAt : -Infinity,
    );
    if (until > now) return { kind, until };
  }
  if (minOffUntil > now) return { kind: "min_off", until: minOffUntil };
  if (turnAt > now) return { kind: "stagger", until: turnAt };
  return undefined;
}

/** Is the restart after a crash due within the grace, so that the heater counts as engaged? */
export function isInGrace(
  facts: CommandFacts,
  { kind, until }: Pick<Verdict, "kind" | "until">,
  { crashGraceMs }: HeatLimits,
): boolean {
  if (kind !== "backoff" || until === undefined) return false;
  if (facts.pid === undefined || facts.aliveUntil === undefined) return false;
  return until <= facts.aliveUntil + crashGraceMs;
}

/** How long the latest failure holds back by itself; undefined if there is none that counts. */
function failureHold(
  facts: CommandFacts,
  limits: CommandLimits,
):
  | { readonly kind: "backoff" | "lockout"; readonly until: number }
  | undefined {
  const { exitedAt, forgivenAt = -Infinity } = facts;
  if (exitedAt === undefined || !hasFailed(facts) || exitedAt <= forgivenAt) {
    return undefined;
  }
  return facts.failures >= limits.lockoutFailures
    ? { kind: "lockout", until: exitedAt + limits.lockoutForMs }
    : { kind: "backoff", until: exitedAt + restMs(facts, limits) };
}
