/** Safe steps through the JSON of a stranger: what is missing or of another kind is `undefined`. */

import { repairJson } from "./json_repair.ts";
import { excerpt, ReadError } from "./read_error.ts";

const ITEMS_MAX = 256;

/** The value that the text holds; what can be repaired is. */
export function parseJson(text: string): unknown {
  const whole = text.replaceAll("\0", "");
  const value = valueOf(whole) ?? valueOf(repairJson(whole));
  if (value === undefined) throw notUnderstood(text);
  return value;
}

/** `undefined` for what is no JSON. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** The fault of an answer that is no JSON. */
export function notUnderstood(text: string): ReadError {
  const what = text.replaceAll("\0", "").trim() === ""
    ? "an empty answer came"
    : /^\s*</.test(text)
    ? `a web page came (${excerpt(text)})`
    : /^\s*[[{]/.test(text)
    ? `damaged or cut-off JSON came (${excerpt(text)})`
    : `no JSON came, but ${excerpt(text)}`;
  return new ReadError(what);
}

/** The fault of JSON that is not this miner's: it lacks what every answer has. */
export function lacking(what: string, json: unknown): ReadError {
  return new ReadError(
    `the answer has no ${what}, but is ${excerpt(JSON.stringify(json) ?? "")}`,
  );
}

/** What lies at the end of this path. */
export function at(json: unknown, ...path: (string | number)[]): unknown {
  let here = json;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    if (!Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

/** The items of an array; none if it is none. */
export function items(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json.slice(0, ITEMS_MAX) : [];
}

/** The members of an object; none if it is none. */
export function members(json: unknown): readonly [string, unknown][] {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return [];
  }
  return Object.entries(json).slice(0, ITEMS_MAX);
}

/** A text that says something. */
export function text(json: unknown): string | undefined {
  return typeof json === "string" && json !== "" ? json : undefined;
}

/** A number, also one written as text ("13502.1", "4.59e+06", "1,5", "1,234,567"). */
export function number(json: unknown): number | undefined {
  if (typeof json === "number") return json;
  if (typeof json !== "string") return undefined;
  return numberIn(json);
}

const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a text is; a comma parts decimals only where it cannot group thousands. */
export function numberIn(written: string): number | undefined {
  let digits = written.trim();
  if (digits.length > 40) return undefined;
  if (digits.includes(",")) {
    digits = /^[^.,]*,\d{1,2}$/.test(digits)
      ? digits.replace(",", ".")
      : /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits)
      ? digits.replaceAll(",", "")
      : "";
  }
  return PLAIN_NUMBER.test(digits) ? Number(digits) : undefined;
}

/** What a unit such as "kH/s", "Mh/s", "GHS", "sol/s" or "g/s" multiplies with. */
export function unitFactor(unit: string): number | undefined {
  const match = unit.trim().match(
    /^([kmgtp]?)(?:h(?:ash(?:es)?)?|sol|g)(?:\/s|s)?$/i,
  );
  // "g/s" are graphs, not giga of something.
  if (match === null) return undefined;
  return PREFIXES[(match[1] ?? "").toLowerCase()];
}

/** What the letter before a unit multiplies with. */
export const PREFIXES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  p: 1e15,
};

/** The product, if both are told. */
export function times(
  value: number | undefined,
  factor: number | undefined,
): number | undefined {
  return value === undefined || factor === undefined
    ? undefined
    : value * factor;
}
