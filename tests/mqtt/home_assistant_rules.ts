/**
 * What Home Assistant refuses of a discovery document, by the schemas of its
 * MQTT integration (core 2026.9) and its rules for sensors.
 */

/** The keys that a platform knows beside the common ones; the first list must be there. */
const PLATFORMS: Readonly<
  Record<
    string,
    { readonly needs: readonly string[]; readonly may: readonly string[] }
  >
> = {
  switch: {
    needs: ["command_topic"],
    may: [
      "state_topic",
      "payload_on",
      "payload_off",
      "state_on",
      "state_off",
      "value_template",
      "command_template",
      "optimistic",
      "retain",
      "device_class",
      "message_expiry_interval",
    ],
  },
  sensor: {
    needs: ["state_topic"],
    may: [
      "device_class",
      "state_class",
      "unit_of_measurement",
      "suggested_display_precision",
      "value_template",
      "expire_after",
      "force_update",
      "options",
    ],
  },
  "binary_sensor": {
    needs: ["state_topic"],
    may: [
      "payload_on",
      "payload_off",
      "device_class",
      "off_delay",
      "expire_after",
      "force_update",
      "value_template",
    ],
  },
  button: {
    needs: ["command_topic"],
    may: [
      "payload_press",
      "command_template",
      "device_class",
      "retain",
      "message_expiry_interval",
    ],
  },
  number: {
    needs: ["command_topic"],
    may: [
      "state_topic",
      "min",
      "max",
      "step",
      "mode",
      "unit_of_measurement",
      "device_class",
      "value_template",
      "command_template",
      "optimistic",
      "retain",
      "message_expiry_interval",
    ],
  },
  event: {
    needs: ["state_topic", "event_types"],
    may: ["device_class", "value_template"],
  },
};

const COMMON = [
  "unique_id",
  "default_entity_id",
  "object_id",
  "name",
  "icon",
  "entity_category",
  "enabled_by_default",
  "availability",
  "availability_mode",
  "json_attributes_topic",
  "json_attributes_template",
  "qos",
];

const DEVICE_KEYS = [
  "identifiers",
  "connections",
  "name",
  "manufacturer",
  "model",
  "model_id",
  "serial_number",
  "sw_version",
  "hw_version",
  "configuration_url",
  "suggested_area",
  "via_device",
];
const ORIGIN_KEYS = ["name", "sw_version", "support_url"];
const ROOT_KEYS = [
  "device",
  "origin",
  "components",
  "availability",
  "availability_mode",
  "qos",
  "state_topic",
  "command_topic",
  "encoding",
];

/** The unit that each class of sensor must have; undefined: none at all. */
const SENSOR_UNITS: Readonly<Record<string, readonly string[] | undefined>> = {
  power: ["W", "kW"],
  energy: ["Wh", "kWh"],
  temperature: ["°C"],
  timestamp: undefined,
  enum: undefined,
};
const BINARY_CLASSES = ["running", "problem", "connectivity"];

type Json = Readonly<Record<string, unknown>>;

/** All that is wrong with a document on a topic; empty if nothing is. */
export function complaintsOf(
  topic: string,
  payload: string,
  prefix: string,
): string[] {
  const document: unknown = JSON.parse(payload);
  if (!isJson(document)) return ["no object"];
  const levels = topic.slice(prefix.length + 1).split("/");
  const wrongTopic = topic.startsWith(`${prefix}/`) &&
      levels.at(-1) === "config" &&
      levels.slice(1, -1).every((one) => /^[a-zA-Z0-9_-]+$/.test(one))
    ? []
    : [`illegal topic ${topic}`];
  if (levels[0] === "device" && levels.length === 3) {
    return [...wrongTopic, ...deviceComplaints(document)];
  }
  const { device, origin, ...body } = document;
  return [
    ...wrongTopic,
    ...strict("device", device, DEVICE_KEYS),
    ...strict("origin", origin, ORIGIN_KEYS),
    ...bodyComplaints(levels[0] ?? "", body, {}),
  ];
}

function deviceComplaints(document: Json): string[] {
  const { device, origin, components } = document;
  const found = [
    ...strict("root", document, ROOT_KEYS),
    ...strict("device", device, DEVICE_KEYS),
    ...strict("origin", origin, ORIGIN_KEYS),
  ];
  if (!isJson(device) || !isJson(origin) || !isJson(components)) {
    return [...found, "device, origin or components are missing"];
  }
  if (!Array.isArray(device["identifiers"])) found.push("no identifiers");
  if (typeof origin["name"] !== "string") found.push("no origin.name");
  for (const [key, body] of Object.entries(components)) {
    if (/\s/.test(key)) found.push(`key "${key}" with a space`);
    if (!isJson(body)) found.push(`${key} is no object`);
    else {
      const { platform, ...rest } = body;
      found.push(
        ...bodyComplaints(`${platform}`, rest, document)
          .map((one) => `${key}: ${one}`),
      );
    }
  }
  return found;
}

function bodyComplaints(platform: string, body: Json, root: Json): string[] {
  const known = PLATFORMS[platform];
  if (known === undefined) return [`unknown platform ${platform}`];
  const found = Object.keys(body)
    .filter((key) => ![...COMMON, ...known.needs, ...known.may].includes(key))
    .map((key) => `unknown key ${key}`);
  for (const key of known.needs) {
    if (!(key in body)) found.push(`no ${key}`);
  }
  if (typeof body["unique_id"] !== "string") found.push("no unique_id");
  const id = body["default_entity_id"];
  if (!new RegExp(`^${platform}\\.[a-z0-9_]+$`).test(`${id}`)) {
    found.push(`default_entity_id ${id}`);
  }
  for (const [key, value] of Object.entries(body)) {
    if (!key.endsWith("_topic")) continue;
    if (typeof value !== "string" || value === "" || /[+#\0]/.test(value)) {
      found.push(`${key} ${value}`);
    }
  }
  if ("availability_topic" in body && "availability" in root) {
    found.push("availability and availability_topic exclude each other");
  }
  const category = body["entity_category"];
  const isReadOnly = platform.endsWith("sensor");
  if (![undefined, "diagnostic", "config"].includes(category as undefined)) {
    found.push(`entity_category ${category}`);
  }
  if (isReadOnly && category === "config") found.push("config of a sensor");
  return [...found, ...classComplaints(platform, body)];
}

function classComplaints(platform: string, body: Json): string[] {
  const deviceClass = body["device_class"];
  const unit = body["unit_of_measurement"];
  const found: string[] = [];
  if (platform === "binary_sensor") {
    return deviceClass === undefined ||
        BINARY_CLASSES.includes(`${deviceClass}`)
      ? []
      : [`device_class ${deviceClass}`];
  }
  if (platform !== "sensor") return [];
  if (deviceClass !== undefined) {
    if (!(`${deviceClass}` in SENSOR_UNITS)) {
      return [`device_class ${deviceClass}`];
    }
    const units = SENSOR_UNITS[`${deviceClass}`];
    const fits = units === undefined
      ? unit === undefined
      : units.includes(`${unit}`);
    if (!fits) found.push(`unit ${unit} of ${deviceClass}`);
  }
  const state = body["state_class"];
  if (
    ![undefined, "measurement", "total", "total_increasing"]
      .includes(state as undefined)
  ) found.push(`state_class ${state}`);
  if (deviceClass === "energy" && state === "measurement") {
    found.push("energy is no measurement");
  }
  if (deviceClass === "enum") {
    if (!Array.isArray(body["options"])) found.push("enum without options");
    if (state !== undefined) found.push("enum with a state_class");
  } else if ("options" in body) found.push("options without enum");
  return found;
}

function strict(
  what: string,
  value: unknown,
  keys: readonly string[],
): string[] {
  if (!isJson(value)) return [`no ${what}`];
  return Object.keys(value).filter((key) => !keys.includes(key))
    .map((key) => `extra key ${key} of ${what}`);
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
