/** The rules for the numbers that are published. */

import type { Invariants } from "./invariants.ts";
import { Violation } from "./script.ts";
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
    if (shown.hashrate !== rate) {
      const what = `${name}: ${shown.hashrate}, not ${rate}`;
      throw new Violation(ruleOf(rate), now, what);
    }
    watched.shown(shown.accepted, now);
    const count = expectedCount(watched, now);
    if (shown.accepted !== count) {
      const what = `${name}: ${shown.accepted}, not ${count}`;
      throw new Violation("wrong count", now, what);
    }
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
