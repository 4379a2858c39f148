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
  /** The session of whoever is away lives for so long. */
  readonly sessionMs: number;
  /** `isMissed`: what was said since the last time is lost. */
  readonly onHearing: (can: boolean, isMissed: boolean) => void;
  readonly onWord: (message: HeardMessage) => void;
}

export class CoreBroker {
  canHear = false;
  readonly #options: CoreBrokerOptions;
  #isUp = true;
  #isFrozen = false;
  #isDenied = false;
  /** The session of before is gone, or nobody is subscribed in it. */
  #isForgotten = true;
  #isUnplugged = false;
  #lostAt = 0;
  /** What was said meanwhile. */
  #queue: HeardMessage[] = [];
  readonly #retained = new Map<"word" | "level", Uint8Array>();
  /** A later attempt makes an earlier one void. */
  #attempt = 0;

  constructor(options: CoreBrokerOptions) {
    this.#options = options;
  }

  /** A controller begins to listen; nobody listened before. */
  listen(): void {
    this.canHear = false;
    this.#isForgotten = true;
    this.#queue = [];
    this.#connectLater(5);
  }

  say(event: Extract<WorldEvent, { kind: "say" }>): void {
    if (!this.#isUp || this.#isFrozen) return;
    const payload = bytesOf(event);
    const { isLevel = false } = event;
    if (event.retain) this.#retained.set(isLevel ? "level" : "word", payload);
    // To those that listen a fresh message is fresh, retained or not.
    const message = { payload, isLevel, retain: false };
    if (this.canHear) this.#options.onWord(message);
    else this.#queue.push(message);
  }

  does(deed: BrokerDeed): void {
    switch (deed) {
      case "kill":
        this.#isUp = false;
        this.#isForgotten = true;
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
      case "unplug":
        this.#isUnplugged = true;
        return this.#lose();
      case "plug":
        this.#isUnplugged = false;
        return this.#connectLater(RECONNECT_MS);
      case "cut":
      case "take_over":
        this.#isForgotten ||= deed === "take_over";
        this.#lose();
        return this.#connectLater(RECONNECT_MS);
      case "forget":
        this.#retained.clear();
        return;
      case "deny":
      case "allow":
        // A subscription stands until the next connection.
        this.#isDenied = deed === "deny";
        this.#isForgotten ||= !this.canHear;
        if (!this.canHear) this.#connectLater(RECONNECT_MS);
        return;
    }
  }

  #lose(): void {
    this.#attempt += 1;
    if (!this.canHear) return;
    this.canHear = false;
    this.#lostAt = this.#options.agenda.now();
    this.#queue = [];
    this.#options.onHearing(false, false);
  }

  #connectLater(ms: number): void {
    const attempt = ++this.#attempt;
    this.#options.agenda.later(ms, () => {
      if (attempt !== this.#attempt || this.canHear) return;
      if (!this.#isUp || this.#isFrozen || this.#isDenied) return;
      if (this.#isUnplugged) return;
      const ageMs = this.#options.agenda.now() - this.#lostAt;
      if (ageMs >= this.#options.sessionMs) this.#isForgotten = true;
      const queue = this.#isForgotten ? [] : this.#queue;
      this.canHear = true;
      this.#options.onHearing(true, this.#isForgotten);
      this.#isForgotten = false;
      for (const message of queue) {
        this.#options.onWord({ ...message, ageMs });
      }
      for (const isLevel of [false, true]) {
        const payload = this.#retained.get(isLevel ? "level" : "word");
        if (payload === undefined) continue;
        this.#options.onWord({ payload, isLevel, retain: true });
      }
    });
  }
}
