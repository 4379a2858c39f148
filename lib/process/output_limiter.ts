/** Keeps a talkative program from filling the log; whoever needs each line sits before it. */

import type { Clock } from "../clock.ts";

export interface OutputLimiterOptions {
  readonly clock: Clock;
  /** Gets what passes, and the lines that say how much was left out. */
  readonly sink: (line: string) => void;
  readonly linesPerS?: number;
  /** So many pass at once after a quiet time, such as a program's start. */
  readonly burst?: number;
}

const LINES_PER_S = 200;
const BURST = 1000;

/** Lets so many lines a second pass, and counts the rest. */
export class OutputLimiter {
  readonly #options: Required<OutputLimiterOptions>;
  #tokens: number;
  #filledAt: number | undefined;
  #leftOut = 0;

  constructor(options: OutputLimiterOptions) {
    this.#options = { linesPerS: LINES_PER_S, burst: BURST, ...options };
    this.#tokens = this.#options.burst;
  }

  /** Passes the line on, or counts it as left out. */
  push(line: string): void {
    const { sink, linesPerS, burst } = this.#options;
    this.#fill();
    // Once shut it stays so for a second, or each line that passes would bring a count with it.
    const enough = this.#leftOut > 0 ? Math.min(linesPerS, burst) : 1;
    if (this.#tokens < enough) {
      this.#leftOut += 1;
      return;
    }
    this.flush();
    this.#tokens -= 1;
    sink(line);
  }

  /** Says how many lines were left out since it was said last, if any; at the end of a run too. */
  flush(): void {
    const count = this.#leftOut;
    if (count === 0) return;
    this.#leftOut = 0;
    const lines = count === 1 ? "1 line" : `${count} lines`;
    this.#options.sink(
      `(${lines} left out: more than ${this.#options.linesPerS} in a second)`,
    );
  }

  #fill(): void {
    const { clock, linesPerS, burst } = this.#options;
    const now = clock.now();
    const sinceMs = now - (this.#filledAt ?? now);
    this.#filledAt = now;
    this.#tokens = Math.min(burst, this.#tokens + sinceMs * linesPerS / 1000);
  }
}
