/** HearingProbe: asks itself over the broker whether what is said to the rig arrives. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { span, wordsOf } from "../core/words.ts";
import { type Link, PublishDenied } from "./link.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** No word of a thermostat: it only shows that it comes back. Never retained. */
export const QUESTION = "?";

/** Is this the question of a rig, or of `kolikko check`? */
export function isQuestion(payload: Uint8Array): boolean {
  return payload.length === QUESTION.length &&
    payload[0] === QUESTION.charCodeAt(0);
}

/** A question comes back within this time, or not at all. */
const ECHO_MS = 30_000;
/** An access list may be changed while a connection stands. */
const ASK_AGAIN_MS = 600_000;
/** What was not heard is asked for so often. */
const ASK_UNHEARD_MS = 60_000;
/** After a connection that ended at the question; twice as long after each more. */
const ENDED_MS = 600_000;
/** But never longer than this. */
const ENDED_MS_MAX = 86_400_000;

export interface HearingProbeOptions {
  /** What is said to the rig. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  /** Called whenever it changes on which topics the rig hears nothing. */
  readonly onUnheard: () => void;
}

/**
 * Many brokers, Mosquitto among them, take each subscription, and then deliver
 * nothing that the access list denies. A rig that would never hear OFF has to
 * know. Only MQTT 5 tells whether the question itself was denied, so that with
 * MQTT 3.1.1 nothing is asked.
 */
export class HearingProbe {
  readonly #options: HearingProbeOptions;
  /** What is still waited for. */
  readonly #awaited = new Set<string>();
  readonly #undeniable = new Set<string>();
  #unheard: readonly string[] = [];
  /** So many connections in a row have ended at the question. */
  #ended = 0;

  constructor(options: HearingProbeOptions) {
    this.#options = options;
  }

  /** Something came on this topic. */
  heard(topic: string): void {
    this.#awaited.delete(topic);
    if (this.#unheard.includes(topic)) {
      this.#tell(this.#unheard.filter((one) => one !== topic));
    }
  }

  isUnheard(topic: string): boolean {
    return this.#unheard.includes(topic);
  }

  /** Asks until the signal is aborted, as it is when the connection is over; never rejects. */
  async run(link: Link, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (link.protocol !== "5") return;
    let waitMs = this.#pauseMs();
    while (true) {
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      if (signal.aborted) return;
      const { asked, error } = await this.#ask(link);
      await clock.sleep(ECHO_MS, signal);
      if (signal.aborted) {
        if (error !== undefined) this.#endedAt(error);
        return;
      }
      this.#ended = 0;
      // Of what could not be asked now the last answer holds.
      this.#tell(
        this.#options.topics.filter((topic) =>
          asked.includes(topic)
            ? this.#awaited.has(topic)
            : this.isUnheard(topic)
        ),
      );
      waitMs = this.#unheard.length > 0 ? ASK_UNHEARD_MS : ASK_AGAIN_MS;
    }
  }

  /** What could be asked, and why no more. */
  async #ask(
    link: Link,
  ): Promise<{ readonly asked: readonly string[]; readonly error?: unknown }> {
    const asked: string[] = [];
    for (const topic of this.#options.topics) {
      this.#awaited.add(topic);
      try {
        await link.publish(topic, QUESTION, { retain: false });
        asked.push(topic);
      } catch (error) {
        this.#awaited.delete(topic);
        if (!(error instanceof PublishDenied)) return { asked, error };
        this.#tellDenied(topic);
      }
    }
    return { asked };
  }

  /** Some brokers end the connection of whoever says what he may not. */
  #endedAt(error: unknown): void {
    this.#ended += 1;
    log.info("The connection ended while the rig asked whether it hears", {
      error: wordsOf(error),
      asksAgainIn: span(this.#pauseMs()),
    });
  }

  #pauseMs(): number {
    if (this.#ended === 0) return 0;
    return Math.min(ENDED_MS * 2 ** (this.#ended - 1), ENDED_MS_MAX);
  }

  #tellDenied(topic: string): void {
    if (this.#undeniable.has(topic)) return;
    this.#undeniable.add(topic);
    log.warn(
      "Cannot prove that this rig hears the topic, as the broker denies to write it: allow it, kolikko acl prints the lines",
      { topic },
    );
  }

  #tell(unheard: readonly string[]): void {
    const before = this.#unheard;
    this.#unheard = unheard;
    if (unheard.join() === before.join()) return;
    for (const topic of unheard.filter((one) => !before.includes(one))) {
      log.error(
        "What is said to this rig does not arrive: allow it to read and write the topic, kolikko acl prints the lines",
        { topic },
      );
    }
    this.#options.onUnheard();
  }
}
