/** What all entities have in common. Pure. */

import { REPEAT_MS } from "../../core/pace.ts";

/** One entity; `key` is unique within the rig. */
export interface Entity {
  readonly key: string;
  readonly platform:
    | "switch"
    | "number"
    | "button"
    | "event"
    | "sensor"
    | "binary_sensor";
  /** All but what follows from the key and the rig. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The end of the id that Home Assistant is to give it. */
  readonly idEnd: string;
}

/** A number that was due three times and did not come: something is wrong. */
export const EXPIRE_S = 3 * REPEAT_MS / 1_000;

/** One unit for ever: statistics end where it changes. */
export function rate(): Readonly<Record<string, unknown>> {
  return {
    unit_of_measurement: "kH/s",
    state_class: "measurement",
    suggested_display_precision: 2,
    expire_after: EXPIRE_S,
  };
}

/** A number that grows, and may begin anew. */
export function count(): Readonly<Record<string, unknown>> {
  return {
    state_class: "total_increasing",
    suggested_display_precision: 0,
  };
}

/** JSON null becomes None, which Home Assistant shows as unknown. */
export function json(key: string): string {
  return `{{ value_json.${key} | default(none) }}`;
}

/** The text "null" of a topic that holds a number alone. */
export function nullable(value: string): string {
  return `{{ none if ${value} == 'null' else ${value} }}`;
}
