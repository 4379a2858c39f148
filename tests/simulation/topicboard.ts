/** What stands on a controller's topics, as a thermostat would see it. */

import type { Publication } from "../../lib/output_buffer.ts";
import type { ToldNumbers, View } from "./word_rules.ts";
import { topicsBelow } from "../fakes/topics.ts";

export const TOPICS = topicsBelow("/kolikko1/heat");

/** The latest payload of each topic. */
export class Topicboard {
  readonly latest = new Map<string, string>();
  readonly #states = new Map<string, string>();
  readonly #numbers = new Map<string, ToldNumbers>();
  /** What to do with a payload of a command's own topics. */
  readonly #takes = new Map<string, (payload: string) => void>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      const base = `${TOPICS.commandBase}/${name}`;
      const numbers = { hashrate: "", accepted: "" };
      this.#numbers.set(name, numbers);
      this.#takes.set(
        `${base}/state`,
        (payload) => this.#states.set(name, payload),
      );
      this.#takes.set(
        `${base}/hashrate`,
        (payload) => numbers.hashrate = payload,
      );
      this.#takes.set(
        `${base}/accepted`,
        (payload) => numbers.accepted = payload,
      );
    }
  }

  take(publications: readonly Publication[]): void {
    for (const { topic, payload } of publications) {
      this.latest.set(topic, payload);
      this.#takes.get(topic)?.(payload);
    }
  }

  view(): View {
    return {
      status: this.latest.get(TOPICS.status),
      statusmsg: this.latest.get(TOPICS.statusmsg),
      problem: this.latest.get(TOPICS.problem),
      states: this.#states,
      numbers: this.#numbers,
    };
  }
}
