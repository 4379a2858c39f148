/** Poller: asks one command's miner every few seconds while it runs, and now and then while it does not. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
import type { TelemetryBuffer } from "../telemetry_buffer.ts";
import { ReadError } from "./read_error.ts";
import { readFrom } from "./read_from.ts";
import type { Reader, Where } from "./reader.ts";

const log = getLogger(["kolikko", "telemetry"]);

/** Miners open their API only after they have found the devices. */
const GRACE_MS = 120_000;
/** While nothing of ours runs, something may answer all the same. */
const IDLE_MS = 60_000;

export interface PollerOptions {
  /** Which of the commands. */
  readonly index: number;
  /** The command's name, for messages. */
  readonly name: string;
  readonly reader: Reader;
  readonly where: Where;
  readonly buffer: TelemetryBuffer;
  readonly clock: Clock;
  /** Between the beginnings of two readings. */
  readonly intervalMs: number;
  /** Other commands whose program would answer at the same place. */
  readonly neighbours: readonly number[];
  /** For one whole reading. */
  readonly timeLimitMs?: number;
}

/** Asks one miner, again and again; it never asks twice at a time. */
export class Poller {
  readonly #options: PollerOptions;
  /** The run that was read before, and what is known of it. */
  #run: number | undefined;
  #wasRead = false;
  #isFaultLogged = false;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Asks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { buffer, index, clock, intervalMs } = this.#options;
    const bell = buffer.bellOf(index);
    while (!signal.aborted) {
      const run = buffer.runOf(index);
      if (run !== this.#run) this.#begin(run);
      const dueAt = clock.now() + (run === undefined ? IDLE_MS : intervalMs);
      if (run !== undefined || !this.#isNeighbourUp()) {
        await this.#ask(run, signal);
      }
      while (!signal.aborted && buffer.runOf(index) === run) {
        const waitMs = dueAt - clock.now();
        if (waitMs <= 0) break;
        await bell.wait(waitMs, clock, signal);
      }
    }
  }

  #begin(run: number | undefined): void {
    this.#run = run;
    this.#wasRead = false;
    this.#isFaultLogged = false;
  }

  /** Then what answers here is not left over from anything. */
  #isNeighbourUp(): boolean {
    const { buffer, neighbours } = this.#options;
    return neighbours.some((index) => buffer.runOf(index) !== undefined);
  }

  async #ask(run: number | undefined, signal: AbortSignal): Promise<void> {
    const { buffer, index, reader, where, clock, timeLimitMs } = this.#options;
    const over = new AbortController();
    const watching = this.#untilOver(run, over, signal);
    try {
      const reading = await readFrom(reader, where, {
        clock,
        signal: over.signal,
        ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
      });
      buffer.put(index, run, reading);
      if (run !== undefined) this.#recovered();
    } catch (error) {
      // A fault of ours in a reader must not take the heater with it.
      const why = error instanceof ReadError
        ? error.message
        : `Cannot read ${reader.program}: a fault in its reader (${
          wordsOf(error)
        })`;
      buffer.fail(index, run, why);
      if (run !== undefined && buffer.runOf(index) === run) {
        this.#failed(run, why);
      }
    } finally {
      over.abort();
      await watching;
    }
  }

  /** A run that ends, or a new one that begins, calls the reading off. */
  async #untilOver(
    run: number | undefined,
    over: AbortController,
    signal: AbortSignal,
  ): Promise<void> {
    const { buffer, index, clock } = this.#options;
    const either = AbortSignal.any([over.signal, signal]);
    while (!either.aborted && buffer.runOf(index) === run) {
      await buffer.bellOf(index).wait(Infinity, clock, either);
    }
    over.abort();
  }

  #recovered(): void {
    this.#wasRead = true;
    if (!this.#isFaultLogged) return;
    this.#isFaultLogged = false;
    log.info("Reads the miner of {command} again", {
      command: this.#options.name,
    });
  }

  #failed(run: number, error: string): void {
    const isNews = this.#wasRead ||
      this.#options.clock.now() - run >= GRACE_MS;
    if (!isNews || this.#isFaultLogged) return;
    this.#isFaultLogged = true;
    log.warn("Cannot read the miner of {command}", {
      command: this.#options.name,
      error,
    });
  }
}
