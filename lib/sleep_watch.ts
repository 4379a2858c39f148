/** Notices that the machine, or this process, stood still: nobody watched the heater meanwhile. */

import type { Clock } from "./clock.ts";

/** A stop shorter than this is a busy machine, or the rounding of the uptime. */
const NOTICED_MS = 5_000;

/** Compares the clocks from one look to the next. */
export class SleepWatch {
  readonly #clock: Clock;
  #aheadMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadMs = this.#measure();
  }

  /**
   * For how long the machine was suspended since the last look, in milliseconds;
   * 0 if it was not. Where the monotonic clock goes on meanwhile (Windows), it
   * shows in `lateMs()` alone.
   */
  suspendedMs(): number {
    const before = this.#aheadMs;
    this.#aheadMs = this.#measure();
    if (before === undefined || this.#aheadMs === undefined) return 0;
    return noticed(this.#aheadMs - before);
  }

  /** How much later it is than somebody wanted to be woken, in milliseconds; 0 if it is not. */
  lateMs(wakeAt: number): number {
    return noticed(this.#clock.now() - wakeAt);
  }

  #measure(): number | undefined {
    const uptime = this.#clock.uptime();
    return uptime === undefined ? undefined : uptime - this.#clock.now();
  }
}

function noticed(ms: number): number {
  return ms < NOTICED_MS ? 0 : ms;
}
