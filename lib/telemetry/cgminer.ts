/** cgminer, bfgminer, sgminer and the firmware of many ASICs: JSON over TCP; the unit is in the key. */

import { type Reading, readingOf } from "../core/reading.ts";
import {
  at,
  items,
  lacking,
  members,
  notUnderstood,
  number,
  PREFIXES,
  text,
  times,
} from "./json.ts";
import { ReadError } from "./read_error.ts";
import type { Ask, Reader, Where } from "./reader.ts";

/** Asks with `summary+devs+pools`, and `summary` alone where that is not understood. */
export const cgminer: Reader = {
  family: "cgminer",
  program: "cgminer's API",
  defaultPort: 4028,
  advice:
    "start the miner with --api-listen --api-port PORT and set port of [command.telemetry] to the same",
  read: (ask, where) => readCgminer(ask, where, "summary+devs+pools"),
};

/** Asks for several answers at once. */
export async function readCgminer(
  ask: Ask,
  where: Where,
  command: string,
): Promise<Reading> {
  try {
    return parseCgminer(await said(ask, where, command));
  } catch (error) {
    // Firmwares that know one command at a time answer with a fault or close.
    if (!(error instanceof Misunderstood)) throw error;
  }
  return parseCgminer(await said(ask, where, "summary"));
}

function said(ask: Ask, where: Where, command: string): Promise<string> {
  return ask.json(where, JSON.stringify({ command }));
}

/** Something came, but no summary: another question may help. */
class Misunderstood extends ReadError {}

/** What the answer says, alone or with others beside it. */
export function parseCgminer(answer: string): Reading {
  const json = parseDamaged(answer);
  const summary = section(json, "summary", "SUMMARY")[0];
  if (summary === undefined) throw refusal(json);
  const other = section(json, "summary2", "SUMMARY")[0];
  const devices = section(json, "devs", "DEVS");
  return readingOf({
    hashrateHs: rateIn(summary),
    accepted: number(at(summary, "Accepted")),
    rejected: number(at(summary, "Rejected")),
    stale: number(at(summary, "Stale")),
    uptimeS: number(at(summary, "Elapsed")),
    temperatures: devices.map((device, index) => ({
      device: nameOf(device, index),
      celsius: number(at(device, "Temperature")),
    })),
    pool: poolIn(section(json, "pools", "POOLS")),
    others: other === undefined
      ? []
      : [{ algorithm: undefined, hashrateHs: rateIn(other) }],
  });
}

/** A section of an answer, which is one level deeper if several were asked for. */
function section(
  json: unknown,
  command: string,
  key: string,
): readonly unknown[] {
  const nested = items(at(json, command, 0, key));
  if (nested.length > 0 || command === "summary2") return nested;
  return items(at(json, key));
}

function refusal(json: unknown): ReadError {
  const status = at(json, "STATUS", 0) ?? at(json, "summary", 0, "STATUS", 0);
  const letter = text(at(status, "STATUS"));
  if (letter !== "E" && letter !== "F") {
    return new Misunderstood(lacking("SUMMARY", json).message);
  }
  const message = (text(at(status, "Msg")) ?? "").slice(0, 80);
  return new Misunderstood(`it refuses (${message})`, {
    advice: "allow this machine with --api-allow R:127.0.0.1",
  });
}

const RATE = /^([KMGTP]?)HS (?:(\d+)([sm])|av)$/;

/** Seconds first, the shorter the better, then minutes, then the mean; the finest unit of them. */
function rateIn(summary: unknown): number | undefined {
  let best: { readonly rank: number; readonly rate: number } | undefined;
  for (const [key, value] of members(summary)) {
    const match = key.match(RATE);
    if (match === null) continue;
    const [, prefix = "", span, unit] = match;
    const factor = PREFIXES[prefix.toLowerCase()];
    const rate = times(number(value), factor);
    if (rate === undefined || factor === undefined) continue;
    const windowS = span === undefined
      ? 1e6
      : Number(span) * (unit === "m" ? 60 : 1);
    const rank = windowS * 1e6 + Math.log10(factor);
    if (best === undefined || rank < best.rank) best = { rank, rate };
  }
  return best?.rate;
}

function nameOf(device: unknown, index: number): string {
  for (const kind of ["GPU", "ASC", "PGA", "CPU"]) {
    const id = number(at(device, kind));
    if (id !== undefined) return `${kind.toLowerCase()}${id}`;
  }
  return `device${index}`;
}

function poolIn(pools: readonly unknown[]): string | undefined {
  const active = pools.find((pool) => at(pool, "Stratum Active") === true) ??
    pools.find((pool) => at(pool, "Status") === "Alive");
  return text(at(active, "URL"));
}

/** JSON as miners write it: with NULs, raw line ends, missing or doubled commas, `inf` and `nan`. */
function parseDamaged(answer: string): unknown {
  // deno-lint-ignore no-control-regex
  const line = answer.replaceAll(/[\x00-\x1f]+/g, " ").trim()
    .replace(/^,\s*/, "");
  for (const attempt of [(same: string) => same, repaired]) {
    try {
      return JSON.parse(attempt(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw new Misunderstood(notUnderstood(answer).message);
}

function repaired(line: string): string {
  return line
    .replaceAll(/([[{])\s*,/g, "$1")
    .replaceAll(/,\s*([\]}])/g, "$1")
    .replaceAll(/\}\s*\{/g, "},{")
    .replaceAll(/:\s*[+-]?(?:inf(?:inity)?|nan)\b/gi, ":null");
}
