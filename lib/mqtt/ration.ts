/** Ration: of what comes too often the first is told, and then how many there were. */

import type { Clock } from "../clock.ts";

export interface RationOptions {
  readonly clock: Clock;
  /** So many are told at once after a quiet time, */
  readonly burst: number;
  /** and then one after each such time. */
  readonly everyMs: number;
}

/** Counts what is not told. */
export class Ration {
  readonly #options: RationOptions;
  #left: number;
  #filledAt: number;
  #untold = 0;

  constructor(options: RationOptions) {
    this.#options = options;
    this.#left = options.burst;
    this.#filledAt = options.clock.now();
  }

  /** One more: 0 if it is not to be told, else how many there were since it was told last, with this one. */
  count(): number {
    this.#fill();
    this.#untold += 1;
    if (this.#left < 1) return 0;
    this.#left -= 1;
    return this.rest();
  }

  /** How many were not told by now; they count as told. */
  rest(): number {
    const count = this.#untold;
    this.#untold = 0;
    return count;
  }

  #fill(): void {
    const { clock, burst, everyMs } = this.#options;
    const now = clock.now();
    const more = (now - this.#filledAt) / everyMs;
    this.#left = Math.min(burst, this.#left + more);
    this.#filledAt = now;
  }
}
