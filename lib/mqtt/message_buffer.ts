/** Holds what has arrived until it is read. */

import type { Message } from "./link.ts";

/** A list of messages of limited length, for one reader. */
export class MessageBuffer implements AsyncIterable<Message> {
  readonly #waiting: Message[] = [];
  readonly #limit: number;
  readonly #onFull: () => void;
  #wake: () => void = () => {};
  #onTaken: (() => void)[] = [];
  #isRead = false;
  /** The reader has read all, and asks for more. */
  #isIdle = false;
  #ended = false;
  #full = false;

  /** `onFull` is told once, when the first message is dropped. */
  constructor(limit: number, onFull: () => void) {
    this.#limit = limit;
    this.#onFull = onFull;
  }

  push(message: Message): void {
    if (this.#ended) return;
    // The latest word counts, so the oldest one is dropped.
    if (this.#waiting.length >= this.#limit) {
      this.#waiting.shift();
      if (!this.#full) this.#onFull();
      this.#full = true;
    }
    this.#waiting.push(message);
    this.#wake();
  }

  /** No more will arrive; what waits can still be read. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Resolves when what has arrived by now is read and done with; at once without a reader. */
  async taken(): Promise<void> {
    if (!this.#isRead || (this.#isIdle && this.#waiting.length === 0)) return;
    await new Promise<void>((resolve) => this.#onTaken.push(resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    this.#isRead = true;
    try {
      for (;;) {
        const message = this.#waiting.shift();
        if (message !== undefined) {
          yield message;
          continue;
        }
        this.#tellTaken();
        if (this.#ended) return;
        this.#isIdle = true;
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#isIdle = false;
      }
    } finally {
      this.#isRead = false;
      this.#tellTaken();
    }
  }

  #tellTaken(): void {
    const waiting = this.#onTaken;
    this.#onTaken = [];
    for (const resolve of waiting) resolve();
  }
}
