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

/**
 * A line takes a part of a millisecond. On a machine that miners keep busy one
 * may take long all the same, so only what stays slow is left out.
 */
const LINE_MS = 20;
/** A line counts as so much at most: the whole machine may have stood still. */
const LINE_MS_MAX = 200;
/** What lines took more than they should, less what others did not take. */
const OVER_MS_MAX = 500;
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
  overMs: number;
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
      overMs: 0,
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
    this.#took(entry, clock.now() - startedAt);
    return groups === undefined ? undefined : foundIn(groups);
  }

  #took(entry: Entry, tookMs: number): void {
    const overMs = Math.min(tookMs, LINE_MS_MAX) - LINE_MS;
    entry.overMs = Math.max(entry.overMs + overMs, 0);
    if (entry.overMs <= OVER_MS_MAX) return;
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
