/** What the TOML parser says, in words for somebody who never heard of TOML. */

import type { TomlError } from "smol-toml";
import type { Problem } from "./complaints.ts";
import { quoted } from "./quote.ts";

/** From the parser's words to ours; the first that is contained in them counts. */
const WORDS: readonly (readonly [string, string])[] = [
  [
    "not allowed in strings",
    "the text does not end on its line; a closing quote is missing",
  ],
  ["unfinished string", "the text does not end; a closing quote is missing"],
  ["unfinished array", "the array does not end; a closing ] is missing"],
  ["unfinished table", "the table does not end; a closing } is missing"],
  [
    "numeric literal",
    `this is not a number; durations and other texts belong in quotes, as in "5m"`,
  ],
  ["leading zero", "a number must not begin with 0; a text belongs in quotes"],
  [
    "invalid value",
    "a value is missing here or is not written as TOML wants it; " +
    "a text belongs in quotes, true and false are lower case without quotes",
  ],
  ["escape", `after a "\\" in double quotes only a few letters may follow`],
  ["unexpected end of key", `there is no key in front of the "="`],
  [
    "illegal character in key",
    `this cannot be part of a key; a line is written as key = value, a table as [name]`,
  ],
  ["incomplete key-value", `there is no "=" here; write key = value`],
  [
    "expected comma or end",
    "a comma or the closing bracket is missing; each [ needs its ], each { its }",
  ],
  [
    "followed by an end-of-line",
    "something stands behind the value; each key needs a line of its own",
  ],
];

/**
 * The only problem that can be told when the file is not TOML. The line itself
 * is not shown, as it may hold a password.
 */
export function syntaxProblem(error: TomlError, text: string): Problem {
  const said = (error.message.split("\n")[0] ?? "")
    .replace(/^Invalid TOML document: /, "");
  const lines = text.split(/\r?\n/);
  const words = said.includes("redefine")
    ? redefinition(lines, error.line)
    : WORDS.find(([part]) => said.includes(part))?.[1] ?? said;
  const hint = hintFor(lines, error.line, said);
  return {
    line: error.line,
    key: "",
    message: `column ${error.column}: the file is not valid TOML: ${words}${
      hint === undefined ? "" : `; ${hint}`
    }`,
  };
}

function hintFor(
  lines: readonly string[],
  lineNumber: number,
  said: string,
): string | undefined {
  const line = lines[lineNumber - 1] ?? "";
  if (/[“”„‘’«»]/.test(line)) {
    return `use straight quotes " or ' instead of curly ones`;
  }
  if (/^\s*(;|\/\/)/.test(line)) return "a comment begins with #";
  if (/^\s*[\w-]+:(\s|$)/.test(line)) return `write "=" instead of ":"`;
  if (said.includes("escape") && line.includes("\\")) {
    return `a Windows path belongs in single quotes: 'C:\\mining\\xmrig.exe'`;
  }
  return undefined;
}

/** A key or table that is there already. */
function redefinition(lines: readonly string[], lineNumber: number): string {
  const trimmed = lines.slice(0, lineNumber).map((line) => line.trim());
  const array = /^\[\[\s*([\w-]+)\s*\]\]/.exec(trimmed.pop() ?? "")?.[1];
  // Of `[[x]]` alone: what stands above it made a single table of that name.
  const index = array === undefined
    ? -1
    : trimmed.findIndex((line) => tableOf(line)?.[0] === array);
  if (index !== -1) {
    const header = tableOf(trimmed[index] ?? "") ?? [];
    const name = `[${header.join(".")}]`;
    return header.length > 1
      ? `${name} on line ${
        index + 1
      } belongs below its [[${array}]]; move it there`
      : `${name} on line ${
        index + 1
      } wants two brackets on each side, as [[${array}]] has here`;
  }
  const first = firstOf(lines, lineNumber);
  return "this key or table is there already; keep one of the two" +
    (first === undefined ? "" : `; ${first}`);
}

/** The parts of a `[header]`, not of an array's. */
function tableOf(line: string): string[] | undefined {
  const header = /^\[\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*\]/.exec(line)?.[1];
  return header?.split(".").map((part) => part.trim());
}

/** Where the key or table of this line was met before. */
function firstOf(
  lines: readonly string[],
  lineNumber: number,
): string | undefined {
  const isHeader = (line: string) => line.startsWith("[");
  const nameOf = (line: string) =>
    (isHeader(line) ? /^\[+([^\]]*)\]/ : /^([^=]*)=/).exec(line)?.[1]?.trim();
  const trimmed = lines.slice(0, lineNumber).map((line) => line.trim());
  const last = trimmed.pop() ?? "";
  const name = nameOf(last);
  if (name === undefined) return undefined;
  // A key is looked for in its own table only.
  const from = isHeader(last) ? 0 : trimmed.findLastIndex(isHeader) + 1;
  const index = trimmed.findIndex((line, at) =>
    at >= from && isHeader(line) === isHeader(last) && nameOf(line) === name
  );
  return index === -1
    ? undefined
    : `${quoted(name)} is on line ${index + 1} first`;
}
