/** The rules for the numbers that are published. */

import type { Invariants } from "./invariants.ts";
import { DUST_MS, Violation } from "./script.ts";
import type { Watched } from "./watched.ts";
import type { ToldNumbers } from "./word_rules.ts";

/** A number is 0 of what is gone, null if nobody knows, and never old. */
export function checkNumbers(
  all: Invariants,
  numbers: ReadonlyMap<string, ToldNumbers>,
  now: number,
): void {
  for (const watched of all.commands) {
    const { name } = watched.limits;
    const shown = numbers.get(name);
    if (shown === undefined) continue;
    const rate = expectedRate(watched, now);
    watched.rates.note(rate, now);
    if (!watched.rates.maySay(shown.hashrate, now)) {
      const what = `${name}: ${shown.hashrate}, not ${rate}`;
      throw new Violation(ruleOf(rate), now, what);
    }
    watched.shown(shown.accepted, now);
    const count = expectedCount(watched, now);
    watched.counts.note(count, now);
    if (!watched.counts.maySay(shown.accepted, now)) {
      const what = `${name}: ${shown.accepted}, not ${count}`;
      throw new Violation("wrong count", now, what);
    }
  }
}

/** A number that only wavers is said so late, any other one so much sooner, and a leap at once. */
const WAVERS_MS = 120_000;
const DIFFERS_MS = 30_000;
const WAVER_PART = 0.03;
const LEAP_PART = 0.25;

/** What was right to say, and until when it was. */
export class Lag {
  readonly #until = new Map<string, number>();
  #right: string | undefined;

  /** From now on this is right. */
  note(right: string, now: number): void {
    if (right === this.#right) return;
    if (this.#right !== undefined) this.#until.set(this.#right, now);
    this.#right = right;
    for (const [one, until] of this.#until) {
      if (until + WAVERS_MS + DUST_MS < now) this.#until.delete(one);
    }
  }

  /** Is it right, or a number that was, not long ago? A stop, a start and what nobody knows are said at once. */
  maySay(said: string, now: number): boolean {
    if (said === this.#right) return true;
    const [is, was] = [Number(this.#right), Number(said)];
    if (!(is > 0 && was > 0)) return false;
    const part = Math.abs(is - was) / Math.max(is, was);
    if (part > LEAP_PART) return false;
    const wavers = part <= WAVER_PART;
    const lateMs = wavers ? WAVERS_MS : DIFFERS_MS;
    return now <= (this.#until.get(said) ?? -Infinity) + lateMs + DUST_MS;
  }
}

function ruleOf(rate: string): string {
  if (rate === "null") return "number of which nobody knows";
  return rate === "0" ? "stopped is not 0" : "wrong number";
}

function expectedRate({ runs, told }: Watched, now: number): string {
  if (!runs) return "0";
  const run = told?.run;
  if (run === undefined || run.isStale(now)) return "null";
  return `${(run.hashrateHs ?? 0) / 1_000}`;
}

function expectedCount({ runs, told }: Watched, now: number): string {
  if (told === undefined || told.hidesShares) return "null";
  const isKnown = !runs || (told.run !== undefined && told.run.staleAt > now);
  return isKnown ? `${told.accepted}` : "null";
}
