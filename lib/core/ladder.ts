/** The stop ladder of one command: ask, insist, kill, look until nothing is left. */

import type { Action, CommandFacts, CommandLimits } from "./types.ts";

/** Rests between two looks, and between two kills, grow up to these. */
const LOOK_REST_MS_FIRST = 20;
const LOOK_REST_MS_MAX = 1_000;
/** Where a look is not answered for so long, something is left as far as anybody knows. */
const LOOK_SILENT_MS = 2_000;
/** A look without an answer for so long is given up, and another one begun. */
const LOOK_MS_MAX = 15_000;
const KILL_REST_MS_FIRST = 1_000;
const KILL_REST_MS_MAX = 30_000;

/** A tree that outlives its stop timeout by this is called stuck. */
export const STUCK_AFTER_MS = 5_000;

/** How long the most patient of these commands may take to stop. */
export function longestStopMs(
  commands: readonly Pick<CommandLimits, "stopTimeoutMs">[],
): number {
  return Math.max(...commands.map((one) => one.stopTimeoutMs));
}

/** Why nobody can tell what is left of a tree, if a look is not answered. */
export const NO_ANSWER = "the operating system does not answer";

/** Why nobody can tell at this moment what is left of a tree; undefined if the looks tell. */
export function lookTrouble(
  { lookingSince = Infinity, lookError }: CommandFacts,
  now: number,
): string | undefined {
  return lookingSince + LOOK_SILENT_MS <= now ? NO_ANSWER : lookError;
}

/** A miner that was asked to stop mostly needs no longer than this. */
const STOP_MS_USUAL = 2_000;

/** Until when a stop is what each OFF brings, and not worth words; -Infinity if it never was. */
export function usualUntil(facts: CommandFacts, now: number): number {
  // Where only a kill reaches the tree, the first one is how it is asked.
  const isUsual = facts.leftover === 0 && !facts.endedByItself &&
    facts.bark === undefined && facts.kills <= (facts.killOnly ? 1 : 0) &&
    lookTrouble(facts, now) === undefined;
  return isUsual ? (facts.signalledAt ?? now) + STOP_MS_USUAL : -Infinity;
}

/** Where on the ladder a command stands, and what is due. */
export interface Rung {
  readonly actions: readonly Action[];
  readonly stuck: boolean;
  /** When the tree is killed, if it is not gone by then. */
  readonly killAt: number | undefined;
  readonly wakeAt: number;
}

/**
 * The next step down for a command that must go, or whose leader is gone. The
 * leader's end is never enough: the rest of its tree goes the same way, until
 * a look shows that nothing is left.
 */
export function ladder(
  facts: CommandFacts,
  limits: CommandLimits,
  options: { readonly now: number; readonly force: boolean },
): Rung {
  const { now, force } = options;
  const command = facts.name;
  const actions: Action[] = [];
  const wakes: number[] = [];
  // After an end unasked for, look first: mostly there is nothing to signal.
  const leftBehind = facts.exitedAt === undefined ||
    facts.remaining.length > 0 || lookTrouble(facts, now) !== undefined;
  const begunAt = facts.signalledAt ?? (leftBehind ? now : undefined);
  if (facts.signalledAt === undefined && leftBehind && !force) {
    actions.push({ kind: "signal", command, rung: "polite" });
  }
  const killAt = force ? now : killsAt(facts, limits, begunAt);
  if (begunAt !== undefined && killAt > now) {
    const terminateAt = begunAt + limits.stopTimeoutMs / 2;
    if (facts.terminatedAt === undefined && terminateAt <= now) {
      actions.push({ kind: "signal", command, rung: "terminate" });
    } else if (facts.terminatedAt === undefined) wakes.push(terminateAt);
  }
  const nextKillAt = facts.killedAt === undefined
    ? killAt
    : facts.killedAt + rest(facts.kills, KILL_REST_MS_FIRST, KILL_REST_MS_MAX);
  const kills = nextKillAt <= now;
  if (kills) actions.push({ kind: "kill", command });
  else wakes.push(nextKillAt);
  const lookAt = looksAt(facts, { now, kills });
  if (lookAt <= now) actions.push({ kind: "look", command });
  else wakes.push(lookAt);
  const wordsAt = usualUntil(facts, now);
  if (wordsAt > now) wakes.push(wordsAt);
  const silentAt = (facts.lookingSince ?? Infinity) + LOOK_SILENT_MS;
  if (silentAt > now) wakes.push(silentAt);
  const stuckAt = killAt + STUCK_AFTER_MS;
  const stuck = !force && stuckAt <= now;
  if (!stuck) wakes.push(stuckAt);
  return {
    actions,
    stuck,
    killAt: Number.isFinite(killAt) ? killAt : undefined,
    wakeAt: Math.min(...wakes),
  };
}

function killsAt(
  facts: CommandFacts,
  limits: CommandLimits,
  begunAt: number | undefined,
): number {
  if (begunAt === undefined) return Infinity;
  // Where nothing polite reaches the tree, waiting would only heat on.
  return facts.killOnly ? begunAt : begunAt + limits.stopTimeoutMs;
}

/** When to look what is left: at once when the leader is gone or was killed, then with rests. */
function looksAt(
  facts: CommandFacts,
  options: { readonly now: number; readonly kills: boolean },
): number {
  if (facts.lookingSince !== undefined) return facts.lookingSince + LOOK_MS_MAX;
  if (options.kills) return options.now;
  const changedAt = Math.max(
    facts.exitedAt ?? -1,
    facts.killedAt ?? -1,
    // Nobody tells of the end of what is not our child.
    facts.leftover > 0 ? facts.signalledAt ?? -1 : -1,
  );
  if (changedAt < 0) return Infinity;
  if (facts.lookedAt === undefined || facts.lookedAt < changedAt) {
    return options.now;
  }
  return facts.lookedAt +
    rest(facts.looks, LOOK_REST_MS_FIRST, LOOK_REST_MS_MAX);
}

function rest(count: number, firstMs: number, maxMs: number): number {
  return Math.min(firstMs * 1.5 ** Math.min(count, 40), maxMs);
}
