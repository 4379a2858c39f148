/** What a broker keeps: the retained messages below some filters. */

import type { Clock } from "../clock.ts";
import type { Denied, Link, Message } from "./link.ts";

/** Such a broker gives what it keeps at once; a slow one within this time. */
const KEPT_MS = 1_500;
const KEPT_MAX = 5_000;
const LOOK_MS = 20;

/** What was found, and what may not be read. */
export interface KeptMessages {
  readonly payloads: ReadonlyMap<string, string>;
  readonly denied: readonly Denied[];
}

/** Hears a connection alone: retained messages by topic, and all others as they come. */
export class Listener {
  readonly #kept = new Map<string, string>();
  readonly #heard: Message[] = [];
  readonly #link: Link;
  readonly #clock: Clock;
  /** Why the connection is over, if it is. */
  #over: string | undefined;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    void this.#hear();
    void link.closed.then((reason) => this.#over = reason);
  }

  /** Subscribes, and waits for what is kept there; rejects if the connection ends. */
  async kept(filters: readonly string[]): Promise<KeptMessages> {
    const denied = await this.#link.subscribe(filters);
    await this.#clock.sleep(KEPT_MS);
    this.#mustStand();
    return { payloads: new Map(this.#kept), denied };
  }

  /**
   * Waits until this is heard, other than as kept; false if it is not within that
   * time. Rejects if the connection ends.
   */
  async hears(
    topic: string,
    payload: string,
    limitMs: number,
  ): Promise<boolean> {
    const endAt = this.#clock.now() + limitMs;
    while (!this.#hasHeard(topic, payload)) {
      this.#mustStand();
      if (this.#clock.now() >= endAt) return false;
      await this.#clock.sleep(LOOK_MS);
    }
    return true;
  }

  /** What is not heard on a connection that is over may be there all the same. */
  #mustStand(): void {
    if (this.#over === undefined) return;
    throw new Error(`The connection ended in the middle: ${this.#over}`);
  }

  #hasHeard(topic: string, payload: string): boolean {
    return this.#heard.some((message) =>
      message.topic === topic &&
      new TextDecoder().decode(message.payload) === payload
    );
  }

  async #hear(): Promise<void> {
    for await (const message of this.#link.messages) {
      const { topic, payload, retain } = message;
      if (retain && payload.length > 0 && this.#kept.size < KEPT_MAX) {
        this.#kept.set(topic, new TextDecoder().decode(payload));
      } else if (!retain && this.#heard.length < KEPT_MAX) {
        this.#heard.push(message);
      }
    }
  }
}
