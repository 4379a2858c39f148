/** What is known of one command's miner, whichever way it is read. */

import type { Reading } from "../core/reading.ts";

/** The state of the readings at one moment. */
export interface Told {
  /** The latest reading of this run; `undefined` if there is none, or it is too old. */
  readonly reading: Reading | undefined;
  /** When it was true, in monotonic milliseconds. */
  readonly readAt: number | undefined;
  /** Since when no reading succeeds, and why. */
  readonly failingSince: number | undefined;
  readonly why: string | undefined;
}

/** Reads one command, run after run; the order of `begin()` and `end()` is that of the runs. */
export interface Telemetry {
  /** A run of the command began; what an earlier one told is forgotten. Never waits. */
  begin(): void;
  /** The run has ended: a dead miner tells nothing. Never waits. */
  end(): void;
  /** What is known now. */
  told(): Told;
}

/** The state before the first reading of a run, and after its end. */
export const NOTHING_TOLD: Told = {
  reading: undefined,
  readAt: undefined,
  failingSince: undefined,
  why: undefined,
};
