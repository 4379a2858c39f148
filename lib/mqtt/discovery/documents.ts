/** The documents by which Home Assistant learns of a rig, in either form. Pure. */

import type { Topics } from "../../core/topics.ts";
import { entitiesOf, HEAT } from "./entities.ts";
import type { Entity } from "./entity.ts";
import type { Features } from "./features.ts";

/** One document for the whole rig, one for each entity, or none. */
export type DiscoveryMode = "device" | "single" | "off";

/** What the documents say of the rig. */
export interface Announced {
  readonly mode: DiscoveryMode;
  /** Of Home Assistant's discovery topics. */
  readonly prefix: string;
  readonly rig: { readonly id: string; readonly name: string };
  readonly version: string;
  readonly topics: Topics;
  /** What counts of the words that the broker keeps. */
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly features: Features;
}

/** Payloads by topic; all retained. */
export type Documents = ReadonlyMap<string, string>;

/** All documents of a rig as it is now. */
export function documentsOf(announced: Announced): Documents {
  const { topics, features, retainedCommands } = announced;
  const entities = entitiesOf(topics, features, {
    // "accept" would obey an ON of a thermostat that is gone.
    keepsWord: retainedCommands === "off-only",
  });
  switch (announced.mode) {
    case "off":
      return new Map();
    case "device":
      return new Map([[
        deviceTopic(announced),
        JSON.stringify(deviceDocument(announced, entities)),
      ]]);
    case "single":
      return new Map(entities.map((entity) => [
        singleTopic(announced, entity),
        JSON.stringify(singleDocument(announced, entity)),
      ]));
  }
}

type Place = Pick<Announced, "prefix" | "rig">;

/** Where the one document of a rig stands. */
export function deviceTopic({ prefix, rig }: Place): string {
  return `${prefix}/device/${rig.id}/config`;
}

/** Where all documents of a rig for single entities stand. */
export function singleFilter({ prefix, rig }: Place): string {
  return `${prefix}/+/${rig.id}/+/config`;
}

/** The document without which Home Assistant has no switch of the rig. */
export function heatTopic(
  { mode, prefix, rig }: Pick<Announced, "mode" | "prefix" | "rig">,
): string | undefined {
  switch (mode) {
    case "off":
      return undefined;
    case "device":
      return deviceTopic({ prefix, rig });
    case "single":
      return singleTopic({ prefix, rig }, HEAT);
  }
}

function singleTopic(
  { prefix, rig }: Place,
  entity: Pick<Entity, "platform" | "key">,
): string {
  return `${prefix}/${entity.platform}/${rig.id}/${entity.key}/config`;
}

function deviceDocument(announced: Announced, entities: readonly Entity[]) {
  return {
    device: deviceOf(announced),
    origin: originOf(announced),
    availability: availabilityOf(announced),
    qos: 1,
    components: Object.fromEntries(entities.map((entity) => [
      entity.key,
      {
        platform: entity.platform,
        ...idsOf(announced, entity),
        ...entity.body,
      },
    ])),
  };
}

function singleDocument(announced: Announced, entity: Entity) {
  return {
    ...idsOf(announced, entity),
    availability: availabilityOf(announced),
    qos: 1,
    ...entity.body,
    device: deviceOf(announced),
    origin: originOf(announced),
  };
}

/** All ids derive from the rig's id, which never changes; names may. */
function idsOf({ rig }: Announced, { key, platform, idEnd }: Entity) {
  const start = rig.id.toLowerCase().replaceAll("-", "_");
  return {
    unique_id: `${rig.id}_${key}`,
    default_entity_id: `${platform}.${start}_${idEnd}`,
    // The same for versions before 2025.10.
    object_id: `${start}_${idEnd}`,
  };
}

function deviceOf({ rig, version }: Announced) {
  return {
    identifiers: [rig.id],
    name: rig.name,
    manufacturer: "KolikkoControl",
    model: "Crypto heater rig",
    sw_version: version,
  };
}

function originOf({ version }: Announced) {
  return { name: "KolikkoControl", sw_version: version };
}

function availabilityOf({ topics }: Announced) {
  return [{ topic: topics.availability }];
}
