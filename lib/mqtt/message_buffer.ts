/** Holds what has arrived until it is read. */

import type { Message } from "./link.ts";

/** A list of messages of limited length, for one reader. */
export class MessageBuffer implements AsyncIterable<Message> {
  readonly #waiting: Message[] = [];
  readonly #limit: number;
  readonly #onFull: () => void;
  #wake: () => void = () => {};
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        yield message;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }
  }
}
