/** Keeps up the connection to the broker: tries again for ever, with growing waits. */

import type { Clock } from "../clock.ts";
import { STEADY_MS } from "../core/hearing.ts";
import type { BrokerLog } from "./broker_log.ts";
import { type Connect, ConnectError, type Link } from "./link.ts";
import { CLOSED_BY_US, GIVEN_UP, isTakenOver } from "./reasons.ts";

const WAIT_MS_MIN = 1000;
const WAIT_MS_MAX = 60_000;
/** While something heats, somebody must be able to say OFF. */
const WAIT_HEATING_MS_MAX = 15_000;

/** The waits of many rigs after a power cut are spread by so much, up and down. */
const JITTER = 0.2;

/** A connection that lived for so long was a good one. */
const STABLE_MS = 60_000;

/** So many takeovers are a fight over the id, if no connection lived long in between. */
const TAKEOVERS_MAX = 2;

/** So many short lives in a row are worth other words than one. */
const SHORT_LIVES_MAX = 3;

/** The same failure is repeated in the log after so long. */
const REMIND_MS = 600_000;

/** Different failures that are told apart in the log. */
const FAILURES_MAX = 50;

/** Where the connection stands, and since when (monotonic milliseconds). */
export type BrokerState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly since: number }
  | { readonly kind: "connected"; readonly since: number };

export interface BrokerSpec {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly log: BrokerLog;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The broker as the program sees it: one Link after the other. */
export class Broker {
  readonly #connect: Connect;
  readonly #clock: Clock;
  readonly #log: BrokerLog;
  readonly #random: () => number;
  #state: BrokerState = { kind: "idle" };
  #failure: string | undefined;
  /** When each failure was logged last; forgotten once a connection is stable. */
  readonly #logged = new Map<string, number>();
  /** Waits since the last connection. */
  #waits = 0;
  /** Connections in a row that did not become stable. */
  #shortLives = 0;
  #takeovers = 0;
  #rival: string | undefined;
  /** Ends the wait that is under way. */
  #hurry: AbortController | undefined;
  #isHeating: () => boolean = () => false;

  constructor(spec: BrokerSpec) {
    this.#connect = spec.connect;
    this.#clock = spec.clock;
    this.#log = spec.log;
    this.#random = spec.random;
  }

  /** Ends a wait between two tries at once: there are last words to be said. */
  hurry(): void {
    this.#hurry?.abort();
  }

  get state(): BrokerState {
    return this.#state;
  }

  /**
   * Who or what throws us out again and again, as of the latest loss; whether
   * that is over, a connection tells that stands for `STEADY_MS`.
   */
  get rival(): string | undefined {
    return this.#rival;
  }

  /**
   * Gives each new connection; asked for the next one, or left, it ends the one
   * before, without a word: who has said that all is off has closed it before.
   */
  async *links(
    signal: AbortSignal,
    isHeating: () => boolean = () => false,
  ): AsyncGenerator<Link, void, undefined> {
    this.#isHeating = isHeating;
    this.#state = { kind: "connecting", since: this.#clock.now() };
    while (!signal.aborted) {
      const link = await this.#next(signal);
      if (link === undefined) return;
      const over = link.closed.then((reason) => this.#lost(reason, signal));
      try {
        yield link;
      } finally {
        link.destroy();
        await over;
      }
      if (signal.aborted) return;
      await this.#wait(signal);
    }
  }

  /** Tries until there is a connection, or until it is asked to stop. */
  async #next(signal: AbortSignal): Promise<Link | undefined> {
    while (!signal.aborted) {
      try {
        const link = await this.#connect(signal);
        if (!signal.aborted) {
          this.#connected();
          return link;
        }
        link.destroy();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ConnectError)) throw error;
        this.#failed(error.message);
      }
      await this.#wait(signal);
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const mostMs = this.#isHeating() ? WAIT_HEATING_MS_MAX : WAIT_MS_MAX;
    const grownMs = Math.min(WAIT_MS_MIN * 2 ** this.#waits, mostMs);
    const waitMs = this.#fighting ? WAIT_MS_MAX : grownMs;
    this.#waits++;
    const spread = 1 - JITTER + 2 * JITTER * this.#random();
    const hurry = new AbortController();
    this.#hurry = hurry;
    await this.#clock.sleep(
      waitMs * spread,
      AbortSignal.any([signal, hurry.signal]),
    );
  }

  #connected(): void {
    const now = this.#clock.now();
    const since = this.#state.kind === "idle" ? now : this.#state.since;
    // What connects and dies at once would otherwise be tried without a rest.
    this.#waits = Math.max(this.#shortLives - 1, 0);
    if (this.#failure !== undefined) {
      const awayS = Math.round((now - since) / 1000);
      const text = "Connected to the broker again";
      if (this.#flapping) this.#log.debug(text, { awayS });
      else this.#log.info(text, { awayS });
    }
    this.#state = { kind: "connected", since: now };
  }

  #lost(reason: string, signal: AbortSignal): void {
    const now = this.#clock.now();
    const since = this.#state.kind === "idle" ? now : this.#state.since;
    this.#state = { kind: "connecting", since: now };
    const livedMs = now - since;
    if (livedMs >= STEADY_MS) {
      this.#shortLives = 0;
      this.#takeovers = 0;
      this.#rival = undefined;
    }
    // What we ended ourselves is no failure of the broker's.
    const isOurs = reason === CLOSED_BY_US || reason === GIVEN_UP;
    if (signal.aborted || isOurs) return;
    const isStable = livedMs >= STABLE_MS;
    // In a fight a minute proves nothing: the other side may wait for as long.
    const isGood = isStable && !this.#flapping;
    if (isGood) this.#logged.clear();
    this.#shortLives = isGood ? 0 : this.#shortLives + 1;
    this.#waits = isStable ? 0 : Math.max(this.#shortLives - 1, 0);
    if (isTakenOver(reason)) this.#takeovers++;
    const words = this.#lossWords(reason);
    this.#rival = this.#flapping ? words : undefined;
    this.#failed(words);
  }

  #lossWords(reason: string): string {
    if (this.#fighting && isTakenOver(reason)) {
      return `Lost the broker again and again as ${reason}: ` +
        `give each rig its own id under [rig]`;
    }
    return this.#flapping
      ? `Lost the broker again and again as ${reason}: ` +
        `see the broker's own log`
      : `Lost the broker as ${reason}`;
  }

  /** No connection has become stable for a while. */
  get #flapping(): boolean {
    return this.#fighting || this.#shortLives >= SHORT_LIVES_MAX;
  }

  /** Two controllers with one id throw each other out for ever. */
  get #fighting(): boolean {
    return this.#takeovers >= TAKEOVERS_MAX;
  }

  /** Remembers a failure; logs it if it is news, or now and then. */
  #failed(message: string): void {
    this.#failure = message;
    const now = this.#clock.now();
    const loggedAt = this.#logged.get(message);
    if (loggedAt !== undefined && now - loggedAt < REMIND_MS) {
      this.#log.debug("No connection to the broker", { reason: message });
      return;
    }
    if (this.#logged.size >= FAILURES_MAX) this.#logged.clear();
    // A reminder stands for all failures that were logged before.
    for (const known of this.#logged.keys()) this.#logged.set(known, now);
    this.#logged.set(message, now);
    this.#log.warn("No connection to the broker", { reason: message });
  }
}
