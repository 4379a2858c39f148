/** The energy counts as the text of a file, and back. */

import type { EnergyCount, EnergyCounts } from "./energy.ts";

const VERSION = 1;

/** More are no counts of ours. */
const COMMANDS_MAX = 1_000;
const COUNT_MAX = 1e12;

/** JSON of one line, with the version of its form. */
export function encodeEnergy({ total, commands }: EnergyCounts): string {
  const byName = Object.fromEntries(commands);
  return JSON.stringify({ version: VERSION, total, commands: byName }) + "\n";
}

/**
 * Reads what encodeEnergy() wrote.
 * @throws {SyntaxError} that says what is wrong with it; nothing is made up.
 */
export function decodeEnergy(text: string): EnergyCounts {
  const raw = table(parse(text), "the file");
  if (raw["version"] !== VERSION) {
    throw wrong(`its version is ${shown(raw["version"])}, wanted ${VERSION}`);
  }
  const named = Object.entries(table(raw["commands"], `"commands"`));
  if (named.length > COMMANDS_MAX) {
    throw wrong(
      `it counts ${named.length} commands, wanted at most ${COMMANDS_MAX}`,
    );
  }
  return {
    total: count(raw["total"], `"total"`),
    commands: new Map(
      named.map(([name, one]) => [name, count(one, shown(name))]),
    ),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong("it is no JSON");
  }
}

function count(raw: unknown, what: string): EnergyCount {
  const found = table(raw, what);
  return {
    kwh: number(found, "kwh", what),
    heatHours: number(found, "heatHours", what),
    starts: number(found, "starts", what),
  };
}

function number(
  found: Readonly<Record<string, unknown>>,
  key: keyof EnergyCount,
  what: string,
): number {
  const value = found[key];
  const isCount = typeof value === "number" && value >= 0 &&
    value <= COUNT_MAX && (key !== "starts" || Number.isInteger(value));
  if (isCount) return value;
  throw wrong(`"${key}" of ${what} is ${shown(value)}, wanted a count`);
}

function table(raw: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) {
    return { ...raw };
  }
  throw wrong(`${what} is ${shown(raw)}, wanted an object`);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 40);
}

function wrong(why: string): SyntaxError {
  return new SyntaxError(`Cannot read the energy counts as ${why}`);
}
