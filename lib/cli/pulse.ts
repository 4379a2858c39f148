/** Tells a loop that hangs from one that had no chance to turn. Pure. */

/** Who did not look for this part of the limit stood still itself, as all of the process did. */
const STILL_PART = 0.25;

/** The turns of a loop, as somebody beside it sees them. */
export class Pulse {
  readonly #limitMs: number;
  #turns = 0;
  #freshAt: number;
  #lookedAt: number;

  constructor(options: { readonly limitMs: number; readonly now: number }) {
    this.#limitMs = options.limitMs;
    this.#freshAt = options.now;
    this.#lookedAt = options.now;
  }

  /** False once the loop has not turned for the limit, in which we looked all the time. */
  lives(turns: number, now: number): boolean {
    // The process was stopped, or the machine slept: then the loop gets its whole time anew.
    const stood = now - this.#lookedAt > STILL_PART * this.#limitMs;
    this.#lookedAt = now;
    if (turns !== this.#turns || stood) this.#freshAt = now;
    this.#turns = turns;
    return now - this.#freshAt < this.#limitMs;
  }
}
