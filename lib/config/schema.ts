/** The shape of `kolikko.toml`: every key, its default and what it may be. */

import * as v from "valibot";
import { brokerUrl } from "./broker_url.ts";
import {
  commandName,
  keepaliveMs,
  quietWindow,
  rest,
  variableName,
  variableValue,
} from "./special_values.ts";
import { key, list, table, understood, value } from "./entries.ts";
import { MINER_TABLES } from "./miner_tables.ts";
import { isTable, kindOf, shown } from "./quote.ts";
import { topic } from "./topic.ts";
import {
  argument,
  choice,
  duration,
  flag,
  name,
  path,
  program,
  secret,
  text,
  whole,
} from "./values.ts";

/** Keys whose feature does not exist yet; what exists moves into `TABLES`. */
export const NOT_YET: readonly string[] = [
  "web",
];

const COMMANDS_MAX = 32;

const pair = v.pipe(
  v.custom<unknown[]>(
    (input) => Array.isArray(input) && input.length === 2,
    (issue) =>
      `found ${
        shown(issue.input)
      }, wanted the first and the longest rest, as in ["5s", "5m"]`,
  ),
  v.tuple([value(rest), value(rest)]),
  v.check(
    ([firstMs, longestMs]) => firstMs <= longestMs,
    "found a first rest that is longer than the longest; swap the two",
  ),
);

const environment = v.pipe(
  v.custom<Record<string, unknown>>(
    isTable,
    (issue) =>
      `found ${kindOf(issue.input)}, wanted a table, as in { DISPLAY = ":0" }`,
  ),
  v.record(
    v.pipe(v.string(), understood<string, string>(variableName)),
    value(variableValue),
  ),
);

const pem = key(path({ wanted: "the path of a PEM file" }), "");
const folder = key(path({ wanted: "the path of a folder" }), "");
const modulation = { atLeast: "1m", never: true };
const failsafe = { positive: true, never: true };

/** The tables and their keys; the tests hold the example against it. */
export const TABLES = {
  rig: {
    id: key(name, "kolikko1"),
    name: key(
      text({ wanted: "a name for people", filled: true, lengthMax: 64 }),
      "Kolikko 1",
    ),
  },
  mqtt: {
    url: value(brokerUrl),
    username: key(text({ wanted: "a user name" }), ""),
    password: key(secret, ""),
    password_file: key(path({ wanted: "the path of a file" }), ""),
    protocol: key(choice(["auto", "5", "3.1.1"]), "auto"),
    ca_file: pem,
    cert_file: pem,
    key_file: pem,
    keepalive: key(keepaliveMs, "30s"),
  },
  topics: {
    base: key(topic({ empty: false }), "/kolikko1/heat"),
    command: key(topic({ empty: true }), ""),
    status: key(topic({ empty: true }), ""),
    statusmsg: key(topic({ empty: true }), ""),
    hashrate: key(topic({ empty: true }), ""),
    accepted: key(topic({ empty: true }), ""),
  },
  heat: {
    broker_lost_after: key(duration(failsafe), "10m"),
    thermostat_offline_after: key(duration(failsafe), "10m"),
    silent_after: key(duration(failsafe), "never"),
    max_on: key(duration(failsafe), "never"),
    min_on: key(duration({}), "0s"),
    min_off: key(duration({}), "0s"),
    stagger: key(duration({}), "0s"),
    crash_grace: key(duration({}), "1m"),
    modulation_period: key(duration(modulation), "30m"),
    retained_commands: key(
      choice(["off-only", "ignore", "accept"]),
      "off-only",
    ),
    allow_shutdown: key(flag, false),
  },
  command: {
    name: value(commandName),
    exec: value(program),
    args: v.optional(
      list(argument, `an array of texts, as in ["--http-port", "18088"]`),
      () => [],
    ),
    cwd: folder,
    env: v.optional(environment, () => ({})),
    watts: key(whole(0, 20_000), 0),
    stop_signal: key(
      choice(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]),
      "SIGINT",
    ),
    stop_timeout: key(duration({ positive: true, atMost: "5m" }), "10s"),
    quiet_hours: v.optional(
      list(quietWindow, `an array, as in ["Mon-Fri 07:00-19:00"]`),
      () => [],
    ),
    restart_backoff: v.optional(pair, ["5s", "5m"]),
    stable_after: key(duration(failsafe), "1m"),
    lockout_failures: key(whole(1, 1000), 5),
    lockout_for: key(duration(failsafe), "30m"),
    telemetry: v.optional(table(MINER_TABLES.telemetry), () => ({})),
    watchdog: v.optional(table(MINER_TABLES.watchdog), () => ({})),
  },
  safety: MINER_TABLES.safety,
  homeassistant: {
    discovery: key(choice(["device", "single", "off"]), "device"),
    prefix: key(topic({ empty: false }), "homeassistant"),
  },
  log: {
    level: key(choice(["debug", "info", "warning", "error"]), "info"),
    dir: folder,
    max_size_mb: key(whole(1, 1000), 10),
    keep: key(whole(1, 100), 5),
  },
};

const commands = v.pipe(
  v.custom<unknown[]>(
    Array.isArray,
    (issue) =>
      `found ${
        shown(issue.input)
      }, wanted one or more [[command]] with two brackets on each side, before anything like [command.…]`,
  ),
  v.array(table(TABLES.command)),
  v.minLength(1, "found none, wanted one [[command]] at least"),
  v.maxLength(COMMANDS_MAX, `found more than ${COMMANDS_MAX} commands`),
);

/** All tables by their path; `TABLES`, and what stands within them. */
export const ALL_TABLES: Readonly<Record<string, v.ObjectEntries>> = {
  ...TABLES,
  "command.telemetry": MINER_TABLES.telemetry,
  "command.watchdog": MINER_TABLES.watchdog,
};

/** The whole file. */
export const SCHEMA = table({
  rig: v.optional(table(TABLES.rig), () => ({})),
  mqtt: v.optional(table(TABLES.mqtt), () => ({})),
  topics: v.optional(table(TABLES.topics), () => ({})),
  heat: v.optional(table(TABLES.heat), () => ({})),
  command: commands,
  safety: v.optional(table(TABLES.safety), () => ({})),
  homeassistant: v.optional(table(TABLES.homeassistant), () => ({})),
  log: v.optional(table(TABLES.log), () => ({})),
});

/** What the file says once every value is understood. */
export type Settings = v.InferOutput<typeof SCHEMA>;

/** Where a value stands: keys, and indices of arrays. */
export type Path = readonly (string | number)[];

/** The keys that neither the schema nor a table of it has. */
export function unknownKeys(raw: Readonly<Record<string, unknown>>): Path[] {
  return Object.entries(raw).flatMap(([name, content]) => {
    const table = Object.entries(TABLES).find(([known]) => known === name);
    if (table === undefined) return [[name]];
    const known = Object.keys(table[1]);
    if (!Array.isArray(content)) return unknownIn(content, [name], known);
    return content.flatMap((each, index) =>
      unknownIn(each, [name, index], known)
    );
  });
}

function unknownIn(
  content: unknown,
  path: Path,
  known: readonly string[],
): Path[] {
  if (!isTable(content)) return [];
  return Object.entries(content).flatMap(([key, inner]) => {
    const own = [...path, key];
    if (!known.includes(key)) return [own];
    const entries = ALL_TABLES[plainPath(own)];
    return entries === undefined
      ? []
      : unknownIn(inner, own, Object.keys(entries));
  });
}

/** A path without the indices of arrays. */
export function plainPath(path: Path): string {
  return path.filter((part) => typeof part === "string").join(".");
}
