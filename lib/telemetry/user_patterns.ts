/** The owner's own patterns, applied to each line within a budget of time. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { numberIn, times, unitFactor } from "./json.ts";
import {
  type LineGroups,
  type LinePattern,
  linePattern,
} from "./line_pattern.ts";
import type { LineFound } from "./line_patterns.ts";

const log = getLogger(["kolikko", "telemetry"]);

/** A pattern is fast, or it is out: for good, or after having been slow so often. */
const SLOW_MS = 20;
const SLOW_TIMES_MAX = 3;
const TOO_SLOW_MS = 200;
/** Longer lines are looked at up to here. */
const CHARS_MAX = 256;

export interface UserPatternsOptions {
  readonly clock: Clock;
  /** The command's name, for messages. */
  readonly name: string;
  readonly sources: readonly string[];
}

interface Entry {
  readonly source: string;
  readonly pattern: LinePattern;
  slowTimes: number;
  isOff: boolean;
}

/** Patterns that were checked, and are watched. */
export class UserPatterns {
  readonly #options: UserPatternsOptions;
  readonly #entries: readonly Entry[];

  /** @throws {SyntaxError} for a pattern that `linePattern()` refuses. */
  constructor(options: UserPatternsOptions) {
    this.#options = options;
    this.#entries = options.sources.map((source) => ({
      source,
      pattern: linePattern(source),
      slowTimes: 0,
      isOff: false,
    }));
  }

  /** What the first pattern that fits tells. */
  find(line: string): LineFound | undefined {
    const part = line.slice(0, CHARS_MAX);
    for (const entry of this.#entries) {
      const found = entry.isOff ? undefined : this.#match(entry, part);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #match(entry: Entry, line: string): LineFound | undefined {
    const { clock } = this.#options;
    const startedAt = clock.now();
    const groups = entry.pattern.find(line);
    const tookMs = clock.now() - startedAt;
    if (tookMs > SLOW_MS) this.#slow(entry, tookMs);
    return groups === undefined ? undefined : foundIn(groups);
  }

  #slow(entry: Entry, tookMs: number): void {
    entry.slowTimes += 1;
    if (tookMs < TOO_SLOW_MS && entry.slowTimes < SLOW_TIMES_MAX) return;
    entry.isOff = true;
    log.warn(
      "Left out a pattern of {command}: it takes too long; make it simpler",
      {
        command: this.#options.name,
        pattern: entry.source,
        tookMs: Math.round(tookMs),
      },
    );
  }
}

function foundIn(groups: LineGroups): LineFound {
  const value = (name: string) => numberIn(groups[name] ?? "");
  const unit = groups["unit"];
  const factor = unit === undefined || unit === ""
    ? 1
    : unitFactor(unit) ?? unitFactor(`${unit}H/s`);
  const celsius = value("temperature");
  const told = {
    hashrateHs: times(value("hashrate"), factor),
    accepted: value("accepted"),
    rejected: value("rejected"),
    powerW: value("power"),
  };
  return {
    ...Object.fromEntries(
      Object.entries(told).filter(([, number]) => number !== undefined),
    ),
    ...(celsius === undefined
      ? {}
      : { temperature: { device: "device", celsius } }),
  };
}
