/** HearingProbe: asks itself over the broker whether what is said to the rig arrives. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
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
/** After so many connections that ended at the question no more are risked. */
const ENDED_MAX = 2;

export interface HearingProbeOptions {
  /** What is said to the rig. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  /** Gets the topics on which the rig hears nothing, whenever that changes. */
  readonly onUnheard: (topics: readonly string[]) => void;
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

  /** Asks until the signal is aborted or the connection is over; never rejects. */
  async run(link: Link, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (link.protocol === "5" && this.#ended < ENDED_MAX) {
      const asked = await this.#ask(link);
      if (asked === undefined) return;
      await clock.sleep(ECHO_MS, signal);
      if (signal.aborted) return;
      // Of what could not be asked now the last answer holds.
      this.#tell(
        this.#options.topics.filter((topic) =>
          asked.includes(topic)
            ? this.#awaited.has(topic)
            : this.isUnheard(topic)
        ),
      );
      const isDeaf = this.#unheard.length > 0;
      await clock.sleep(isDeaf ? ASK_UNHEARD_MS : ASK_AGAIN_MS, signal);
      if (signal.aborted) return;
    }
  }

  /** What could be asked; undefined if the connection is over. */
  async #ask(link: Link): Promise<readonly string[] | undefined> {
    const asked: string[] = [];
    for (const topic of this.#options.topics) {
      this.#awaited.add(topic);
      try {
        await link.publish(topic, QUESTION, { retain: false });
        asked.push(topic);
      } catch (error) {
        this.#awaited.delete(topic);
        if (!(error instanceof PublishDenied)) return this.#over(topic, error);
        this.#tellDenied(topic);
      }
    }
    this.#ended = 0;
    return asked;
  }

  /** Some brokers end the connection of whoever says what he may not. */
  #over(topic: string, error: unknown): undefined {
    this.#ended += 1;
    log.info(
      this.#ended < ENDED_MAX
        ? "The connection ended while the rig asked whether it hears"
        : "The connection ended again while the rig asked whether it hears: it asks no more",
      { topic, error: wordsOf(error) },
    );
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
    this.#options.onUnheard(unheard);
  }
}
