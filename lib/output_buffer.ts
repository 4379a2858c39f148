/** The actual state: the latest payload of each topic, and which of them are to be sent. */

import type { Doorbell } from "./doorbell.ts";

/** More events than that at once are no news. */
const EVENTS_MAX = 50;

/** What is to be sent: a state, which is retained, or an event, which is not. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly isEvent?: true;
}

/** Bounded by the number of topics: a newer payload takes the place of an older one. */
export class OutputBuffer {
  readonly #doorbell: Doorbell;
  readonly #latest = new Map<string, string>();
  readonly #marked = new Set<string>();
  /** What was taken to be sent last: a state that came back meanwhile is no news. */
  readonly #drained = new Map<string, string>();
  #events: Publication[] = [];

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

  /** Takes an event: sent once, after the states, or not at all. */
  say(topic: string, payload: string): void {
    this.#events.push({ topic, payload, isEvent: true });
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
    this.#doorbell.ring();
  }

  /** Forgets the events that nobody could be told. */
  dropEvents(): void {
    this.#events = [];
  }

  /** Marks a topic to be sent again although nothing changed. */
  repeat(topic: string): void {
    if (!this.#latest.has(topic)) return;
    this.#drained.delete(topic);
    this.#marked.add(topic);
    this.#doorbell.ring();
  }

  /** Marks all: a new connection knows nothing of what was sent before. */
  repeatAll(): void {
    this.#drained.clear();
    for (const topic of this.#latest.keys()) this.#marked.add(topic);
    if (this.#marked.size > 0) this.#doorbell.ring();
  }

  /** Takes what is marked, in the order in which the topics came first: `status` before its reasons. */
  drain(): readonly Publication[] {
    const drained: Publication[] = [];
    for (const [topic, payload] of this.#latest) {
      if (!this.#marked.has(topic)) continue;
      if (this.#drained.get(topic) === payload) continue;
      this.#drained.set(topic, payload);
      drained.push({ topic, payload });
    }
    this.#marked.clear();
    drained.push(...this.#events);
    this.#events = [];
    return drained;
  }

  /** Is there nothing to send? */
  get isDrained(): boolean {
    return this.#marked.size === 0 && this.#events.length === 0;
  }
}
