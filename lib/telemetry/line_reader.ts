/** LineReader: reads what a miner prints; for all that have no API, or none that is on. */

import type { Clock } from "../clock.ts";
import { type Reading, readingOf } from "../core/reading.ts";
import { type LineFound, parseLine } from "./line_patterns.ts";
import { NOTHING_TOLD, type Telemetry, type Told } from "./telemetry.ts";
import { UserPatterns } from "./user_patterns.ts";

/** How long a rate holds: three times the rest between two, within these. */
const HOLDS_MS_FIRST = 360_000;
const HOLDS_MS_MIN = 180_000;
const HOLDS_MS_MAX = 900_000;
const DEVICES_MAX = 64;

export interface LineReaderOptions {
  /** The command's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  /** The owner's own patterns; they come before the built-in ones. */
  readonly patterns?: readonly string[];
}

/** What the lines of one run told so far. */
interface Run {
  readonly beganAt: number;
  hashrateHs: number | undefined;
  rateAt: number | undefined;
  holdsMs: number;
  foundAt: number | undefined;
  accepted: number | undefined;
  rejected: number | undefined;
  stale: number | undefined;
  powerW: number | undefined;
  readonly temperatures: Map<string, number>;
}

/** Gathers a reading from lines that are free of colours and control characters. */
export class LineReader implements Telemetry {
  readonly #options: LineReaderOptions;
  readonly #patterns: UserPatterns;
  #run: Run | undefined;

  /** @throws {SyntaxError} for a pattern that `linePattern()` refuses. */
  constructor(options: LineReaderOptions) {
    const { name, clock, patterns = [] } = options;
    this.#options = options;
    this.#patterns = new UserPatterns({ name, clock, sources: patterns });
  }

  begin(): void {
    this.#run = {
      beganAt: this.#options.clock.now(),
      hashrateHs: undefined,
      rateAt: undefined,
      holdsMs: HOLDS_MS_FIRST,
      foundAt: undefined,
      accepted: undefined,
      rejected: undefined,
      stale: undefined,
      powerW: undefined,
      temperatures: new Map(),
    };
  }

  end(): void {
    this.#run = undefined;
  }

  /** Takes the next line of the present run. */
  push(line: string): void {
    const run = this.#run;
    if (run === undefined) return;
    const found = this.#patterns.find(line) ?? parseLine(line);
    if (found !== undefined) keep(run, found, this.#options.clock.now());
  }

  told(): Told {
    const run = this.#run;
    if (run === undefined) return NOTHING_TOLD;
    const now = this.#options.clock.now();
    const rateAt = run.rateAt ?? run.beganAt;
    const holds = now - rateAt <= run.holdsMs;
    return {
      reading: run.foundAt === undefined ? undefined : readingIn(run, holds),
      readAt: run.foundAt,
      failingSince: holds ? undefined : rateAt,
      why: holds ? undefined : `No line of ${this.#options.name} tells a ` +
        `rate: set api of [command.telemetry], or patterns that fit its lines`,
    };
  }
}

function readingIn(run: Run, holds: boolean): Reading {
  return readingOf({
    ...run,
    // What stands still while nothing is printed is no news.
    hashrateHs: holds ? run.hashrateHs : undefined,
    powerW: holds ? run.powerW : undefined,
    temperatures: holds
      ? [...run.temperatures].map(([device, celsius]) => ({ device, celsius }))
      : [],
  });
}

function keep(run: Run, found: LineFound, now: number): void {
  run.foundAt = now;
  if (found.hashrateHs !== undefined) {
    if (run.rateAt !== undefined) {
      const threeRests = 3 * (now - run.rateAt);
      run.holdsMs = Math.min(Math.max(threeRests, HOLDS_MS_MIN), HOLDS_MS_MAX);
    }
    run.hashrateHs = found.hashrateHs;
    run.rateAt = now;
  }
  run.accepted = found.accepted ?? run.accepted;
  run.rejected = found.rejected ?? run.rejected;
  run.stale = found.stale ?? run.stale;
  run.powerW = found.powerW ?? run.powerW;
  if (found.oneMore !== undefined) {
    run[found.oneMore] = (run[found.oneMore] ?? 0) + 1;
  }
  const heat = found.temperature;
  if (heat === undefined) return;
  if (
    run.temperatures.size < DEVICES_MAX || run.temperatures.has(heat.device)
  ) {
    run.temperatures.set(heat.device, heat.celsius);
  }
}
