/** What Home Assistant is to show of each command. Pure. */

import { COMMAND_STATES } from "../../core/report.ts";
import type { Topics } from "../../core/topics.ts";
import { count, type Entity, json, rate } from "./entity.ts";
import type { Features } from "./features.ts";

/** All entities of one command. */
export function entitiesOfCommand(
  { commandBase }: Topics,
  { name, isRead }: Features["commands"][number],
): Entity[] {
  const topic = `${commandBase}/${name}`;
  const entity = (
    what: string,
    platform: Entity["platform"],
    body: Entity["body"],
  ): Entity => ({
    key: `${name}_${what}`,
    platform,
    idEnd: `${name}_${what}`.toLowerCase().replaceAll("-", "_"),
    body,
  });
  const states = [
    entity("running", "binary_sensor", {
      name: `${name} running`,
      device_class: "running",
      state_topic: topic,
      value_template: json("running"),
    }),
    entity("state", "sensor", {
      name: `${name} state`,
      device_class: "enum",
      options: COMMAND_STATES,
      state_topic: `${topic}/state`,
      entity_category: "diagnostic",
      enabled_by_default: false,
    }),
  ];
  if (!isRead) return states;
  return [
    ...states,
    entity("hashrate", "sensor", {
      name: `${name} hashrate`,
      icon: "mdi:pickaxe",
      state_topic: topic,
      value_template: json("hashrate_khs"),
      ...rate(),
    }),
    entity("accepted", "sensor", {
      name: `${name} accepted shares`,
      state_topic: topic,
      value_template: json("accepted"),
      entity_category: "diagnostic",
      enabled_by_default: false,
      ...count(),
    }),
  ];
}
