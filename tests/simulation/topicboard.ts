/** What stands on a controller's topics, as a thermostat would see it. */

import type { Publication } from "../../lib/output_buffer.ts";
import type { View } from "./word_rules.ts";
import { topicsBelow } from "../fakes/topics.ts";

export const TOPICS = topicsBelow("/kolikko1/heat");

/** The latest payload of each topic. */
export class Topicboard {
  readonly latest = new Map<string, string>();
  readonly #states = new Map<string, string>();
  /** The command of each `state` topic. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(names: readonly string[]) {
    this.#names = new Map(
      names.map((name) => [`${TOPICS.commandBase}/${name}/state`, name]),
    );
  }

  take(publications: readonly Publication[]): void {
    for (const { topic, payload } of publications) {
      this.latest.set(topic, payload);
      const name = this.#names.get(topic);
      if (name !== undefined) this.#states.set(name, payload);
    }
  }

  view(): View {
    return {
      status: this.latest.get(TOPICS.status),
      statusmsg: this.latest.get(TOPICS.statusmsg),
      problem: this.latest.get(TOPICS.problem),
      states: this.#states,
    };
  }
}
