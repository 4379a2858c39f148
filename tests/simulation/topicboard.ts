/** What stands on a controller's topics, as a thermostat would see it. */

import type { Topics } from "../../lib/core/topics.ts";
import type { Publication } from "../../lib/output_buffer.ts";
import type { View } from "./word_rules.ts";

export const TOPICS: Topics = {
  command: "/kolikko1/heat",
  status: "/kolikko1/heat/status",
  statusmsg: "/kolikko1/heat/statusmsg",
  availability: "/kolikko1/heat/availability",
  problem: "/kolikko1/heat/problem",
  info: "/kolikko1/heat/info",
  commandBase: "/kolikko1/heat/command",
  thermostatStatus: "homeassistant/status",
};

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
