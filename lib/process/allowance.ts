/** Allowance: so many a second, and so many at once after a quiet time. */

import type { Clock } from "../clock.ts";

export interface AllowanceOptions {
  readonly clock: Clock;
  readonly perS: number;
  readonly burst: number;
}

/** Fills with time, up to the burst. */
export class Allowance {
  readonly #options: AllowanceOptions;
  #left: number;
  #filledAt: number | undefined;

  constructor(options: AllowanceOptions) {
    this.#options = options;
    this.#left = options.burst;
  }

  /** So many are allowed at this moment. */
  left(): number {
    const { clock, perS, burst } = this.#options;
    const now = clock.now();
    const sinceMs = now - (this.#filledAt ?? now);
    this.#filledAt = now;
    this.#left = Math.min(burst, this.#left + sinceMs * perS / 1000);
    return this.#left;
  }

  /** Takes so many away, at most all that is left. */
  take(count: number): void {
    this.#left = Math.max(this.left() - count, 0);
  }
}
