/** The broker as the core feels it: it can be heard, or it cannot. */

import type { Agenda } from "./agenda.ts";
import type { HeardMessage } from "./heard.ts";
import { type BrokerDeed, bytesOf, type WorldEvent } from "./script.ts";

/** A broken connection is back after so long. */
const RECONNECT_MS = 1_000;
/** A broker that does not answer is given up after so long. */
const KEEPALIVE_MS = 45_000;

export interface CoreBrokerOptions {
  readonly agenda: Agenda;
  readonly onHearing: (can: boolean) => void;
  readonly onWord: (message: HeardMessage) => void;
}

export class CoreBroker {
  canHear = false;
  readonly #options: CoreBrokerOptions;
  #isUp = true;
  #isFrozen = false;
  #isDenied = false;
  readonly #retained = new Map<"word" | "level", Uint8Array>();
  /** A later attempt makes an earlier one void. */
  #attempt = 0;

  constructor(options: CoreBrokerOptions) {
    this.#options = options;
  }

  /** A controller begins to listen; nobody listened before. */
  listen(): void {
    this.canHear = false;
    this.#connectLater(5);
  }

  say(event: Extract<WorldEvent, { kind: "say" }>): void {
    if (!this.#isUp || this.#isFrozen) return;
    const payload = bytesOf(event);
    const { isLevel = false } = event;
    if (event.retain) this.#retained.set(isLevel ? "level" : "word", payload);
    // To those that listen a fresh message is fresh, retained or not.
    if (this.canHear) this.#options.onWord({ payload, isLevel, retain: false });
  }

  does(deed: BrokerDeed): void {
    switch (deed) {
      case "kill":
        this.#isUp = false;
        return this.#lose();
      case "restart":
        this.#isUp = true;
        return this.#connectLater(RECONNECT_MS);
      case "freeze":
        this.#isFrozen = true;
        return this.#options.agenda.later(KEEPALIVE_MS, () => {
          if (this.#isFrozen) this.#lose();
        });
      case "thaw":
        this.#isFrozen = false;
        if (!this.canHear) this.#connectLater(RECONNECT_MS);
        return;
      case "cut":
      case "take_over":
        this.#lose();
        return this.#connectLater(RECONNECT_MS);
      case "forget":
        this.#retained.clear();
        return;
      case "deny":
      case "allow":
        // A subscription stands until the next connection.
        this.#isDenied = deed === "deny";
        if (!this.canHear) this.#connectLater(RECONNECT_MS);
        return;
    }
  }

  #lose(): void {
    this.#attempt += 1;
    if (!this.canHear) return;
    this.canHear = false;
    this.#options.onHearing(false);
  }

  #connectLater(ms: number): void {
    const attempt = ++this.#attempt;
    this.#options.agenda.later(ms, () => {
      if (attempt !== this.#attempt || this.canHear) return;
      if (!this.#isUp || this.#isFrozen || this.#isDenied) return;
      this.canHear = true;
      this.#options.onHearing(true);
      for (const isLevel of [false, true]) {
        const payload = this.#retained.get(isLevel ? "level" : "word");
        if (payload === undefined) continue;
        this.#options.onWord({ payload, isLevel, retain: true });
      }
    });
  }
}
