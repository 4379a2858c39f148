/** LineReader: reads what a miner prints; for all that have no API, or none that is on. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { type Reading, readingOf } from "../core/reading.ts";
import { Doorbell } from "../doorbell.ts";
import type { TelemetryBuffer } from "../telemetry_buffer.ts";
import { type LineFound, parseLine } from "./line_patterns.ts";
import { UserPatterns } from "./user_patterns.ts";

const log = getLogger(["kolikko", "telemetry"]);

/** How long a rate holds: three times the rest between two, within these. */
export const HOLDS_MS_FIRST = 360_000;
const HOLDS_MS_MIN = 180_000;
const HOLDS_MS_MAX = 900_000;
/** So often it is looked whether the lines still tell a rate. */
const LOOK_MS = 60_000;
/** What lines tell is put into the buffer so often at most. */
const PUT_MS = 1_000;
const DEVICES_MAX = 64;

export interface LineReaderOptions {
  /** Which of the commands. */
  readonly index: number;
  /** The command's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly buffer: TelemetryBuffer;
  /** The owner's own patterns; they come before the built-in ones. */
  readonly patterns: readonly string[];
}

/** What the lines of one run told so far. */
interface Run {
  /** When it began: which run it is. */
  readonly beganAt: number;
  hashrateHs: number | undefined;
  rateAt: number | undefined;
  holdsMs: number;
  accepted: number | undefined;
  rejected: number | undefined;
  stale: number | undefined;
  powerW: number | undefined;
  readonly temperatures: Map<string, number>;
  isFaultLogged: boolean;
  putAt: number | undefined;
  /** Something was told since then. */
  hasNews: boolean;
}

/** Gathers readings from lines that are free of colours and control characters. */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #patterns: UserPatterns;
  /** Rings when something was told that has to wait. */
  readonly #bell = new Doorbell();
  #run: Run | undefined;

  /** @throws {SyntaxError} for a pattern that `linePattern()` refuses. */
  constructor(options: LineReaderOptions) {
    const { name, clock, patterns } = options;
    this.#options = options;
    this.#patterns = new UserPatterns({ name, clock, sources: patterns });
  }

  /** Takes the next line of the present run. */
  push(line: string): void {
    const run = this.#present();
    if (run === undefined) return;
    const found = this.#patterns.find(line) ?? parseLine(line);
    if (found === undefined) return;
    const now = this.#options.clock.now();
    keep(run, found, now);
    run.hasNews = true;
    if (now >= nextPutAt(run)) this.#put(run);
    else this.#bell.ring();
  }

  /** Delivers what had to wait, and says so if the lines of a run tell no rate, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#deliver(signal), this.#watch(signal)]);
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await this.#bell.wait(LOOK_MS, clock, signal);
      const run = this.#present();
      if (run === undefined || !run.hasNews) continue;
      await clock.sleep(nextPutAt(run) - clock.now(), signal);
      if (run.hasNews && this.#present() === run) this.#put(run);
    }
  }

  #put(run: Run): void {
    const { buffer, index, clock } = this.#options;
    const now = clock.now();
    run.putAt = now;
    run.hasNews = false;
    const leftMs = holdsUntil(run) - now;
    const holds = leftMs > 0;
    buffer.put(index, run.beganAt, readingIn(run, holds), {
      // What stands still while nothing is printed is no news.
      staleAfterMs: holds ? leftMs : HOLDS_MS_FIRST,
    });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { buffer, index, name, clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      const run = this.#present();
      if (run === undefined || clock.now() <= holdsUntil(run)) continue;
      buffer.fail(
        index,
        run.beganAt,
        `No line of ${name} tells a rate: set api of [command.telemetry], ` +
          `or patterns that fit its lines`,
      );
      if (run.isFaultLogged) continue;
      run.isFaultLogged = true;
      log.warn(
        "No line of {command} tells a rate: set api of [command.telemetry], or patterns that fit its lines",
        { command: name },
      );
    }
  }

  /** The run that prints now; a new one begins with nothing. */
  #present(): Run | undefined {
    const { buffer, index } = this.#options;
    const beganAt = buffer.runOf(index);
    if (beganAt === undefined) this.#run = undefined;
    else if (this.#run?.beganAt !== beganAt) this.#run = newRun(beganAt);
    return this.#run;
  }
}

function newRun(beganAt: number): Run {
  return {
    beganAt,
    hashrateHs: undefined,
    rateAt: undefined,
    holdsMs: HOLDS_MS_FIRST,
    accepted: undefined,
    rejected: undefined,
    stale: undefined,
    powerW: undefined,
    temperatures: new Map(),
    isFaultLogged: false,
    putAt: undefined,
    hasNews: false,
  };
}

function nextPutAt({ putAt }: Run): number {
  return putAt === undefined ? -Infinity : putAt + PUT_MS;
}

function holdsUntil(run: Run): number {
  return (run.rateAt ?? run.beganAt) + run.holdsMs;
}

function readingIn(run: Run, holds: boolean): Reading {
  return readingOf({
    ...run,
    hashrateHs: holds ? run.hashrateHs : undefined,
    powerW: holds ? run.powerW : undefined,
    temperatures: holds
      ? [...run.temperatures].map(([device, celsius]) => ({ device, celsius }))
      : [],
  });
}

function keep(run: Run, found: LineFound, now: number): void {
  if (found.hashrateHs !== undefined) {
    if (run.rateAt !== undefined) {
      const threeRests = 3 * (now - run.rateAt);
      run.holdsMs = Math.min(Math.max(threeRests, HOLDS_MS_MIN), HOLDS_MS_MAX);
    }
    run.hashrateHs = found.hashrateHs;
    run.rateAt = now;
    run.isFaultLogged = false;
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
