/** From what is wrong to what the owner reads: line, key, message. */

import type { Line } from "./lines.ts";
import { quoted } from "./quote.ts";
import { ALL_TABLES, NOT_YET, type Path, plainPath, TABLES } from "./schema.ts";
import { nearest } from "./suggest.ts";

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** Counted from 1; undefined if nothing in the file can be pointed at. */
  readonly line: number | undefined;
  /** As in `command[0].exec`; empty if it is about the file as a whole. */
  readonly key: string;
  /** What was found, what is wanted, what to do; never a secret. */
  readonly message: string;
}

/** What is wrong, and where, before lines are looked up. */
export interface Complaint {
  readonly path: Path;
  readonly message: string;
  /** Another place that has to do with it. */
  readonly other?: Path;
}

/** Complaints with their lines, in the order of the file. */
export function toProblems(
  complaints: readonly Complaint[],
  lineOf: Line,
): Problem[] {
  return complaints
    .map(({ path, message, other }) => {
      const otherLine = other && lineOf(other);
      return {
        line: lineOf(path),
        key: keyOf(path),
        message: otherLine === undefined
          ? message
          : `${message} (see line ${otherLine})`,
      };
    })
    .sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
}

/** A path as people write it: `command[0].exec`. */
export function keyOf(path: Path): string {
  return path.map((part, index) => {
    if (typeof part === "number") return `[${part}]`;
    const key = /^[\w-]{1,80}$/.test(part) ? part : quoted(part);
    return index === 0 ? key : `.${key}`;
  }).join("");
}

/** What is wrong with a key that is not in the schema. */
export function unknownKey(path: Path): Complaint {
  if (NOT_YET.includes(plainPath(path))) {
    return {
      path,
      message:
        "is not supported by this version yet; remove it or comment it out",
    };
  }
  const hint = hintFor(path);
  return {
    path,
    message: `there is no such key; ${hint ?? "remove it or comment it out"}`,
  };
}

/** What other programs have in the place of our `url`. */
const ADDRESS = [
  "host",
  "hostname",
  "server",
  "broker",
  "address",
  "ip",
  "port",
];

function hintFor(path: Path): string | undefined {
  const key = String(path.at(-1));
  const table = plainPath(path.slice(0, -1));
  if (table === "mqtt" && ADDRESS.includes(key)) {
    return `the broker's address stands in url, as in url = "mqtt://192.0.2.5:1883"`;
  }
  const siblings = ALL_TABLES[table];
  const near = nearest(key, Object.keys(siblings ?? TABLES));
  // A key in the wrong table is the commonest slip of all in TOML.
  const owners = Object.entries(ALL_TABLES)
    .filter(([, entries]) => Object.hasOwn(entries, key))
    .map(([name]) => header(name));
  if (owners.length > 0) return `it belongs below ${owners.join(" or ")}`;
  if (near === undefined) return undefined;
  const meant = siblings === undefined ? header(near) : `"${near}"`;
  return `did you mean ${meant}?`;
}

function header(table: string): string {
  return table === "command" ? "[[command]]" : `[${table}]`;
}

/** What is wrong with a key that must be there and is not. */
export function missingKey(path: Path): Complaint {
  const hints: Readonly<Record<string, string>> = {
    "mqtt.url":
      `say where the broker is, as in url = "mqtt://192.0.2.5:1883" below [mqtt]`,
    "command":
      "add one [[command]] at least, with name and exec, for what shall heat",
    "command.name": `give the command a name, as in name = "xmrig"`,
    "command.exec": `say which program to run, as in exec = "xmrig"`,
  };
  return { path, message: `is missing; ${hints[plainPath(path)] ?? "add it"}` };
}
