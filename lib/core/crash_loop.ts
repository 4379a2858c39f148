/** A controller that keeps dying: counts its unclean ends over restarts, and holds heat. Pure. */

/** A moment that can be compared over restarts of the controller and of the machine. */
export interface Moment {
  /** Which boot of the machine it was in; empty where that is hidden. */
  readonly boot: string;
  /** Since that boot; undefined where that is hidden. */
  readonly upMs: number | undefined;
  readonly wallMs: number;
}

/** What is kept over restarts. */
export interface Lives {
  /** A controller has begun and not ended in order, as far as this tells. */
  readonly runs: boolean;
  /** The unclean ends since the last hold, as seen at the next start; the oldest first. */
  readonly ends: readonly Moment[];
  /** When heat was held back last, and for how many unclean ends: unknown if these could not be read. */
  readonly held: {
    readonly from: Moment;
    readonly ends: number | undefined;
  } | undefined;
}

/** Heat is held back for so long from the start on. */
export interface StartHold {
  readonly forMs: number;
  readonly ends: number | undefined;
}

/** So many unclean ends within so long hold heat back for so long. */
const ENDS_MAX = 5;
/** Public, as the owner reads it. */
export const CRASHES_WITHIN_MS = 3_600_000;
const HOLD_MS = 1_800_000;

/** Before the first start. */
export const NO_LIVES: Lives = { runs: false, ends: [], held: undefined };

/**
 * A controller begins; `before` is undefined if it cannot be known how earlier
 * ones ended. A hold is never made longer: the next one takes as many unclean
 * ends again.
 */
export function beginLife(
  before: Lives | undefined,
  now: Moment,
): { readonly lives: Lives; readonly hold: StartHold | undefined } {
  if (before === undefined) {
    const held = { from: now, ends: undefined };
    return {
      lives: { runs: true, ends: [], held },
      hold: { forMs: HOLD_MS, ends: undefined },
    };
  }
  const ended = before.runs ? [...before.ends, now] : before.ends;
  const ends = ended.filter((end) => elapsedMs(end, now) < CRASHES_WITHIN_MS)
    .slice(-ENDS_MAX);
  const { held } = before;
  const leftMs = held === undefined ? 0 : HOLD_MS - elapsedMs(held.from, now);
  if (held !== undefined && leftMs > 0) {
    return {
      lives: { runs: true, ends, held },
      hold: { forMs: leftMs, ends: held.ends },
    };
  }
  if (ends.length < ENDS_MAX) {
    return { lives: { runs: true, ends, held: undefined }, hold: undefined };
  }
  return {
    lives: {
      runs: true,
      ends: [],
      held: { from: now, ends: ends.length },
    },
    hold: { forMs: HOLD_MS, ends: ends.length },
  };
}

/** It ended in order, and nothing was left running. */
export function endLife(lives: Lives): Lives {
  return { ...lives, runs: false };
}

/**
 * How long ago, at least: within one boot the uptime tells; over a boot the
 * clock on the wall, which may have been set, and stand still without power.
 */
function elapsedMs(from: Moment, now: Moment): number {
  const wallMs = Math.max(0, now.wallMs - from.wallMs);
  if (from.boot === "" || now.boot === "") return wallMs;
  if (from.boot !== now.boot) return Math.max(wallMs, now.upMs ?? 0);
  if (from.upMs === undefined || now.upMs === undefined) return wallMs;
  return Math.max(0, now.upMs - from.upMs);
}
