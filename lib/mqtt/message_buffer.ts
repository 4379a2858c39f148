/** Holds what has arrived until it is read. */

import type { Message } from "./link.ts";

export interface MessageBufferOptions {
  /** So many messages may wait. */
  readonly limit: number;
  /** Told once, when the first message is dropped. */
  readonly onFull: () => void;
  /** What a message says, if it says anything: the latest of each is never dropped. */
  readonly subject?: MessageSubject;
}

/** Names what a message is about if it counts; messages of the same name replace each other. */
export type MessageSubject = (
  message: Pick<Message, "topic" | "payload" | "retain">,
) => string | undefined;

/** A list of messages of limited length, for one reader. */
export class MessageBuffer implements AsyncIterable<Message> {
  readonly #options: MessageBufferOptions;
  readonly #waiting: Message[] = [];
  /** By subject. */
  readonly #latest = new Map<string, Message>();
  #wake: () => void = () => {};
  #onTaken: (() => void)[] = [];
  #isRead = false;
  /** The reader has read all, and asks for more. */
  #isIdle = false;
  #ended = false;
  #full = false;

  constructor(options: MessageBufferOptions) {
    this.#options = options;
  }

  push(message: Message): void {
    if (this.#ended) return;
    const subject = this.#options.subject?.(message);
    if (subject !== undefined) this.#latest.set(subject, message);
    this.#waiting.push(message);
    if (this.#waiting.length > this.#options.limit) this.#drop();
    this.#wake();
  }

  /** Drops the oldest one that is not the latest word on its subject. */
  #drop(): void {
    if (!this.#full) this.#options.onFull();
    this.#full = true;
    const latest = [...this.#latest.values()];
    const index = this.#waiting.findIndex((one) => !latest.includes(one));
    this.#waiting.splice(Math.max(index, 0), 1);
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
        this.#latest.clear();
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
