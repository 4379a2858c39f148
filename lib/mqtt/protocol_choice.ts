/** Which version of MQTT the next try speaks. */

import type { Outcome } from "./connect_failure.ts";
import { refusal } from "./reasons.ts";

type Protocol = "5" | "3.1.1";

/** A broker that has answered before may close a few sockets while it restarts. */
const CLOSES_WHEN_PROVEN = 3;

/** Version 5 first, 3.1.1 if the broker does not take it, unless one is configured. */
export class ProtocolChoice {
  readonly #isFree: boolean;
  #next: Protocol;
  #proven: Protocol | undefined;
  #closes = 0;

  constructor(configured: "auto" | Protocol) {
    this.#isFree = configured === "auto";
    this.#next = configured === "auto" ? "5" : configured;
  }

  get next(): Protocol {
    return this.#next;
  }

  /** Remembers what worked; tells whether that is news. */
  succeeded(): boolean {
    const isNews = this.#proven !== this.#next;
    this.#proven = this.#next;
    this.#closes = 0;
    return isNews;
  }

  /** Learns from a failure; tells whether another version is worth a try at once. */
  failed(outcome: Outcome): "now" | "later" {
    if (!this.#isFree) return "later";
    if (outcome.kind === "refused" && refusal(outcome.code) === "protocol") {
      this.#swap();
      return "now";
    }
    // Some old brokers close the socket instead of answering version 5.
    if (outcome.kind === "closed") {
      this.#closes++;
      const enough = this.#proven === undefined ? 1 : CLOSES_WHEN_PROVEN;
      if (this.#closes >= enough) this.#swap();
    }
    return "later";
  }

  #swap(): void {
    this.#next = this.#next === "5" ? "3.1.1" : "5";
    this.#closes = 0;
  }
}
