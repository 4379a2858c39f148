/** The owner's own regular expressions for a miner's lines: none that can hold the program up. */

import { RE2JS, RE2JSException } from "re2js";

/** What a pattern may name, as in `(?<hashrate>[\d.]+) (?<unit>[kM]?H/s)`. */
const LINE_GROUPS = [
  "hashrate",
  "unit",
  "accepted",
  "rejected",
  "power",
  "temperature",
];

const LENGTH_MAX = 300;
/** Each character of a line may take as many moves as an expression has states. */
const STATES_MAX = 300;

/** What the named groups of a line hold; undefined for one that took no part. */
export type LineGroups = Readonly<Record<string, string | undefined>>;

/** An expression whose time grows with the length of a line, and no faster. */
export interface LinePattern {
  /** What fits first in this line, if anything does. */
  readonly find: (line: string) => LineGroups | undefined;
}

/**
 * The expression that a text is.
 * @throws {SyntaxError} that says what is wanted: at least one known group, and
 * nothing that takes a search by trial and error.
 */
export function linePattern(source: string): LinePattern {
  if (source.length > LENGTH_MAX) {
    throw wrong(source, `at most ${LENGTH_MAX} characters`);
  }
  check(source);
  const pattern = linear(source);
  const names = Object.keys(pattern.namedGroups());
  if (
    names.length === 0 || !names.every((name) => LINE_GROUPS.includes(name))
  ) {
    throw wrong(
      source,
      `groups named ${LINE_GROUPS.join(", ")}, as in (?<hashrate>[\\d.]+)`,
    );
  }
  if (pattern.programSize() > STATES_MAX) {
    throw wrong(
      source,
      "fewer or smaller repetitions such as {1,50}: write * or + instead",
    );
  }
  return {
    find: (line) => {
      const matcher = pattern.matcher(line);
      if (!matcher.find()) return undefined;
      return Object.fromEntries(
        names.map((name) => [name, matcher.group(name) ?? undefined]),
      );
    },
  };
}

/** The rules of JavaScript are the ones that people know, and their messages. */
function check(source: string): void {
  try {
    new RegExp(source, "u");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrong(source, `a regular expression (${error.message})`);
  }
}

/** By the rules of RE2, which finds everything in one go over a line. */
function linear(source: string): RE2JS {
  // To RE2JS it would be a plain "k".
  const named = /(?<!\\)(?:\\\\)*(\\k<\w*>)/.exec(source)?.[1];
  if (named !== undefined) throw notInRe2(source, named);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw notInRe2(source, error.message);
  }
}

function notInRe2(source: string, reason: string): SyntaxError {
  return wrong(
    source,
    "no look-around such as (?=a) or (?<!a), no back reference such as \\1, " +
      `and nothing else that RE2 does not know (${reason})`,
  );
}

function wrong(source: string, wanted: string): SyntaxError {
  return new SyntaxError(
    `found ${JSON.stringify(source.slice(0, 60))}, wanted ${wanted}`,
  );
}
