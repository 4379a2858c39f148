/** The actual state: the latest payload of each topic, and which of them are to be sent. */

import type { Doorbell } from "./doorbell.ts";

/** What is to be sent: always retained. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
}

/** Bounded by the number of topics: a newer payload takes the place of an older one. */
export class OutputBuffer {
  readonly #doorbell: Doorbell;
  readonly #latest = new Map<string, string>();
  readonly #marked = new Set<string>();

  constructor(options: { readonly doorbell: Doorbell }) {
    this.#doorbell = options.doorbell;
  }

  /** Takes the payloads; what differs from before is marked to be sent. */
  put(payloads: ReadonlyMap<string, string>): void {
    for (const [topic, payload] of payloads) {
      if (this.#latest.get(topic) === payload) continue;
      this.#latest.set(topic, payload);
      this.#marked.add(topic);
    }
    if (this.#marked.size > 0) this.#doorbell.ring();
  }

  /** Marks a topic to be sent again although nothing changed. */
  repeat(topic: string): void {
    if (!this.#latest.has(topic)) return;
    this.#marked.add(topic);
    this.#doorbell.ring();
  }

  /** Marks all: a new connection knows nothing of what was sent before. */
  repeatAll(): void {
    for (const topic of this.#latest.keys()) this.#marked.add(topic);
    if (this.#marked.size > 0) this.#doorbell.ring();
  }

  /** Takes what is marked, in the order in which the topics came first: `status` before its reasons. */
  drain(): readonly Publication[] {
    const drained: Publication[] = [];
    for (const [topic, payload] of this.#latest) {
      if (this.#marked.has(topic)) drained.push({ topic, payload });
    }
    this.#marked.clear();
    return drained;
  }

  /** Is there nothing to send? */
  get isDrained(): boolean {
    return this.#marked.size === 0;
  }
}
