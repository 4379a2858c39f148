/** Keeps a talkative program from filling the log; whoever needs each line sits before it. */

import type { Clock } from "../clock.ts";
import { Allowance } from "./allowance.ts";

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
  readonly #sink: (line: string) => void;
  readonly #linesPerS: number;
  readonly #burst: number;
  readonly #allowance: Allowance;
  #leftOut = 0;

  constructor(options: OutputLimiterOptions) {
    const { clock, sink, linesPerS = LINES_PER_S, burst = BURST } = options;
    this.#sink = sink;
    this.#linesPerS = linesPerS;
    this.#burst = burst;
    this.#allowance = new Allowance({ clock, perS: linesPerS, burst });
  }

  /** Passes the line on, or counts it as left out; `leftOut` before it were left out already. */
  push(line: string, leftOut = 0): void {
    this.#leftOut += leftOut;
    // Once shut it stays so for a second, or each line that passes would bring a count with it.
    const enough = this.#leftOut > 0
      ? Math.min(this.#linesPerS, this.#burst)
      : 1;
    if (this.#allowance.left() < enough) {
      this.#leftOut += 1;
      return;
    }
    this.flush();
    this.#allowance.take(1);
    this.#sink(line);
  }

  /** Says how many lines were left out since it was said last, if any; at the end of a run too. */
  flush(): void {
    const count = this.#leftOut;
    if (count === 0) return;
    this.#leftOut = 0;
    const lines = count === 1 ? "1 line" : `${count} lines`;
    this.#sink(
      `(${lines} left out: more than ${this.#linesPerS} in a second)`,
    );
  }
}
