/** Poller: asks one command's miner every few seconds while it runs. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { Doorbell } from "../doorbell.ts";
import { ReadError } from "./read_error.ts";
import { readFrom } from "./read_from.ts";
import type { Reader, Where } from "./reader.ts";
import { NOTHING_TOLD, type Telemetry, type Told } from "./telemetry.ts";

const log = getLogger(["kolikko", "telemetry"]);

const INTERVAL_MS = 10_000;
/** Miners open their API only after they have found the devices. */
const GRACE_MS = 120_000;
/** A reading older than so many intervals is unknown. */
const INTERVALS_MAX = 3;

export interface PollerOptions {
  /** The command's name, for messages. */
  readonly name: string;
  readonly reader: Reader;
  readonly where: Where;
  readonly clock: Clock;
  readonly intervalMs?: number;
  /** For one whole reading. */
  readonly timeLimitMs?: number;
  /** A fault that early in a run is no news. */
  readonly graceMs?: number;
  /** Called after each attempt of the present run. */
  readonly onTold?: () => void;
}

/** One run of the command: a late answer of an old run is nobody's. */
interface Run {
  readonly beganAt: number;
  readonly over: AbortController;
  told: Told;
  isFaultLogged: boolean;
}

/** Asks one miner; what it told last, or why it cannot be read. */
export class Poller implements Telemetry {
  readonly #options: PollerOptions;
  readonly #intervalMs: number;
  readonly #bell = new Doorbell();
  #run: Run | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? INTERVAL_MS;
  }

  begin(): void {
    this.end();
    this.#run = {
      beganAt: this.#options.clock.now(),
      over: new AbortController(),
      told: NOTHING_TOLD,
      isFaultLogged: false,
    };
    this.#bell.ring();
  }

  end(): void {
    this.#run?.over.abort();
    this.#run = undefined;
    this.#bell.ring();
  }

  told(): Told {
    const told = this.#run?.told ?? NOTHING_TOLD;
    if (told.readAt === undefined) return told;
    const ageMs = this.#options.clock.now() - told.readAt;
    return ageMs <= INTERVALS_MAX * this.#intervalMs
      ? told
      : { ...told, reading: undefined };
  }

  /** Asks, again and again while the command runs, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const stop = () => this.#run?.over.abort();
    signal.addEventListener("abort", stop, { once: true });
    while (!signal.aborted) {
      const run = this.#run;
      let waitMs = Infinity;
      if (run !== undefined) {
        const dueAt = clock.now() + this.#intervalMs;
        await this.#ask(run, signal);
        // A run that began meanwhile rang the bell: it is asked at once.
        waitMs = dueAt - clock.now();
      }
      await this.#bell.wait(waitMs, clock, signal);
    }
    signal.removeEventListener("abort", stop);
  }

  async #ask(run: Run, signal: AbortSignal): Promise<void> {
    const { reader, where, clock, timeLimitMs, onTold } = this.#options;
    const askedAt = clock.now();
    let fault: unknown;
    try {
      const reading = await readFrom(reader, where, {
        clock,
        signal: run.over.signal,
        ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
      });
      if (this.#run !== run || signal.aborted) return;
      run.told = { ...NOTHING_TOLD, reading, readAt: askedAt };
    } catch (error) {
      if (this.#run !== run || signal.aborted) return;
      fault = error;
    }
    if (fault === undefined) this.#recovered(run);
    else this.#failed(run, fault, askedAt);
    onTold?.();
  }

  #recovered(run: Run): void {
    if (!run.isFaultLogged) return;
    run.isFaultLogged = false;
    log.info("Reads the miner of {command} again", {
      command: this.#options.name,
    });
  }

  #failed(run: Run, fault: unknown, askedAt: number): void {
    const message = fault instanceof Error ? fault.message : String(fault);
    // A fault of ours in a reader must not take the heater with it.
    const why = fault instanceof ReadError
      ? message
      : `Cannot read ${this.#options.reader.program}: a fault in its reader (${message})`;
    run.told = {
      ...run.told,
      failingSince: run.told.failingSince ?? askedAt,
      why,
    };
    const ranMs = this.#options.clock.now() - run.beganAt;
    const isNews = run.told.readAt !== undefined ||
      ranMs >= (this.#options.graceMs ?? GRACE_MS);
    if (!isNews || run.isFaultLogged) return;
    run.isFaultLogged = true;
    log.warn("Cannot read the miner of {command}", {
      command: this.#options.name,
      error: why,
    });
  }
}
