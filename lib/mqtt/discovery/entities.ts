/**
 * What Home Assistant is to show of a rig. Pure. Keys and values are those of
 * its MQTT integration; the same body serves both forms of a document.
 */

import { EVENT_TYPES } from "../../core/events.ts";
import type { Topics } from "../../core/topics.ts";
import { entitiesOfCommand } from "./command_entities.ts";
import {
  count,
  type Entity,
  EXPIRE_S,
  json,
  nullable,
  rate,
} from "./entity.ts";
import type { Features } from "./features.ts";

/** Home Assistant cuts no state: a longer one is an error there. */
const TEXT = "{{ value[:255] }}";

/** The switch that a thermostat uses. */
export const HEAT = { key: "heat", platform: "switch" } as const;

/** All entities of a rig; is what its switch says to be kept on the broker? */
export function entitiesOf(
  topics: Topics,
  features: Features,
  { keepsWord }: { readonly keepsWord: boolean },
): Entity[] {
  const isRead = features.commands.some((command) => command.isRead);
  return [
    heat(topics, keepsWord),
    ...levels(topics),
    ...isRead ? sharesAndRate(topics) : [],
    ...features.power ? powerAndEnergy(topics) : [],
    ...features.temperature ? [temperature(topics)] : [],
    ...conditions(topics),
    ...happenings(topics),
    ...features.commands.flatMap((command) =>
      entitiesOfCommand(topics, command)
    ),
  ];
}

/**
 * No `message_expiry_interval` here, nor at the level: an OFF counts whatever its
 * age, and a broker drops what has expired, from a queue and of what it keeps.
 */
function heat({ command, status }: Topics, keepsWord: boolean): Entity {
  return {
    ...HEAT,
    idEnd: "heat",
    body: {
      name: null,
      icon: "mdi:radiator",
      device_class: "switch",
      command_topic: command,
      state_topic: status,
      payload_on: "ON",
      payload_off: "OFF",
      optimistic: false,
      // A kept OFF is obeyed by a rig that was away when it was said.
      retain: keepsWord,
    },
  };
}

function levels({ level, levelSet, telemetry }: Topics): Entity[] {
  return [
    {
      key: "level",
      platform: "number",
      idEnd: "power_level",
      body: {
        name: "Power level",
        icon: "mdi:gauge",
        command_topic: levelSet,
        state_topic: level,
        min: 0,
        max: 100,
        step: 1,
        mode: "slider",
        unit_of_measurement: "%",
        // It would contradict what is kept of the switch, and which is newer?
        retain: false,
      },
    },
    {
      key: "effective",
      platform: "sensor",
      idEnd: "effective_power_level",
      body: {
        name: "Effective power level",
        state_topic: telemetry,
        value_template: json("effective_percent"),
        unit_of_measurement: "%",
        state_class: "measurement",
        suggested_display_precision: 0,
        expire_after: EXPIRE_S,
        entity_category: "diagnostic",
      },
    },
  ];
}

function sharesAndRate({ hashrate, accepted, telemetry }: Topics): Entity[] {
  return [
    {
      key: "hashrate",
      platform: "sensor",
      idEnd: "hashrate",
      body: {
        name: "Hashrate",
        icon: "mdi:pickaxe",
        state_topic: hashrate,
        value_template: nullable("value"),
        ...rate(),
      },
    },
    {
      key: "accepted",
      platform: "sensor",
      idEnd: "accepted_shares",
      body: {
        name: "Accepted shares",
        icon: "mdi:check-circle-outline",
        state_topic: accepted,
        value_template: nullable("value"),
        ...count(),
      },
    },
    {
      key: "rejected",
      platform: "sensor",
      idEnd: "rejected_shares",
      body: {
        name: "Rejected shares",
        icon: "mdi:close-circle-outline",
        state_topic: telemetry,
        value_template: json("rejected"),
        entity_category: "diagnostic",
        ...count(),
      },
    },
  ];
}

function powerAndEnergy({ telemetry }: Topics): Entity[] {
  return [
    {
      key: "power",
      platform: "sensor",
      idEnd: "power",
      body: {
        name: "Power",
        device_class: "power",
        state_topic: telemetry,
        value_template: json("power_w"),
        unit_of_measurement: "W",
        state_class: "measurement",
        suggested_display_precision: 0,
        expire_after: EXPIRE_S,
      },
    },
    {
      key: "energy",
      platform: "sensor",
      idEnd: "energy",
      body: {
        name: "Energy",
        device_class: "energy",
        state_topic: telemetry,
        value_template: json("energy_kwh"),
        unit_of_measurement: "kWh",
        state_class: "total_increasing",
        suggested_display_precision: 2,
      },
    },
  ];
}

function temperature({ telemetry }: Topics): Entity {
  return {
    key: "temperature",
    platform: "sensor",
    idEnd: "temperature",
    body: {
      name: "Hottest device",
      device_class: "temperature",
      state_topic: telemetry,
      value_template: json("temperature_c"),
      unit_of_measurement: "°C",
      state_class: "measurement",
      suggested_display_precision: 0,
      expire_after: EXPIRE_S,
      entity_category: "diagnostic",
    },
  };
}

function conditions(topics: Topics): Entity[] {
  return [
    {
      key: "heating_since",
      platform: "sensor",
      idEnd: "heating_since",
      body: {
        name: "Heating since",
        device_class: "timestamp",
        state_topic: topics.telemetry,
        value_template: json("heating_since"),
        entity_category: "diagnostic",
        enabled_by_default: false,
      },
    },
    {
      key: "message",
      platform: "sensor",
      idEnd: "last_message",
      body: {
        name: "Last message",
        icon: "mdi:message-text-outline",
        state_topic: topics.statusmsg,
        value_template: TEXT,
        entity_category: "diagnostic",
      },
    },
    {
      key: "problem",
      platform: "binary_sensor",
      idEnd: "problem",
      body: {
        name: "Problem",
        device_class: "problem",
        state_topic: topics.problem,
        value_template: json("problem"),
        json_attributes_topic: topics.problem,
        json_attributes_template:
          "{{ {'reason': value_json.reason | default(none)} | tojson }}",
        entity_category: "diagnostic",
      },
    },
    {
      key: "connection",
      platform: "binary_sensor",
      idEnd: "connection",
      body: {
        name: "Connection",
        device_class: "connectivity",
        state_topic: topics.availability,
        payload_on: "online",
        payload_off: "offline",
        entity_category: "diagnostic",
        // It tells the loss itself, and must not be unavailable for it.
        availability: [{
          topic: topics.availability,
          value_template: "{{ 'online' }}",
        }],
      },
    },
  ];
}

function happenings({ requestRestart, event }: Topics): Entity[] {
  return [
    {
      key: "restart",
      platform: "button",
      idEnd: "restart",
      body: {
        name: "Restart miners",
        device_class: "restart",
        command_topic: requestRestart,
        payload_press: "PRESS",
        retain: false,
        entity_category: "config",
      },
    },
    {
      key: "event",
      platform: "event",
      idEnd: "incident",
      body: {
        name: "Incident",
        state_topic: event,
        event_types: EVENT_TYPES,
      },
    },
  ];
}
