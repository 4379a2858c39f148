/**
 * Values of the configuration. Each function takes what TOML gave and returns
 * what the program uses, or throws a SyntaxError: what was found, what is
 * wanted, what to do.
 */

import { linePattern } from "../telemetry/line_pattern.ts";
import { DURATION_EXAMPLES, parseDuration } from "./duration.ts";
import { kindOf, quoted, shown } from "./quote.ts";
import { nearest } from "./suggest.ts";

/** Reads one value of the file; complains where it is none. */
export type Parse<T> = (input: unknown) => T;

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

const SINGLE_QUOTES =
  "a Windows path belongs in single quotes: 'C:\\mining\\xmrig.exe'";

/** A shell would put a value here; there is none. */
const VARIABLE = /\$\{\w+\}|(?:^|[\\/])\$[A-Za-z_]\w*|%[A-Za-z_][\w()]*%/;

/** The same for a number, true or a date: its author left the quotes out. */
const QUOTE_IT = `put it in quotes`;

/** A text on one line, `lengthMax` characters at most, and not empty if `filled`. */
export function text(
  options: { wanted: string; filled?: boolean; lengthMax?: number },
): Parse<string> {
  const { wanted, filled = false, lengthMax = 4096 } = options;
  return (input) => {
    if (typeof input !== "string") {
      throw new SyntaxError(
        `found ${shown(input)}, wanted ${wanted}; ${QUOTE_IT}`,
      );
    }
    if (filled && input.trim() === "") {
      throw new SyntaxError(`found an empty text, wanted ${wanted}`);
    }
    if (input.length > lengthMax) {
      throw new SyntaxError(
        `found ${input.length} characters, wanted ${wanted} of ${lengthMax} at most`,
      );
    }
    if (CONTROL.test(input)) {
      throw new SyntaxError(
        `found ${
          quoted(input)
        } with a control character in it, wanted ${wanted}`,
      );
    }
    return input;
  };
}

/** A text that no complaint may show. */
export function secret(input: unknown): string {
  if (typeof input === "string") return input;
  throw new SyntaxError(`found ${kindOf(input)}, wanted a text; ${QUOTE_IT}`);
}

/** One argument of a program; it may hold a pool's password and is never shown. */
export function argument(input: unknown): string {
  if (typeof input !== "string") {
    throw new SyntaxError(
      `found ${
        kindOf(input)
      }, wanted a text; ${QUOTE_IT}, as in args = ["--http-port", "18088"]`,
    );
  }
  return unbroken(input);
}

/** The same text, which may be secret, without what double quotes make of a backslash. */
export function unbroken(text: string): string {
  const found = CONTROL.exec(text)?.[0];
  if (found === undefined) return text;
  const letter = { "\t": '"\\t"', "\n": '"\\n"', "\r": '"\\r"' }[found];
  throw new SyntaxError(
    `found a text with a control character in it` +
      (letter === undefined
        ? ""
        : `, as ${letter} in double quotes makes one`) +
      `; remove it, or put the text in single quotes, as in 'C:\\temp'`,
  );
}

/** A path of a file or folder; empty is allowed where it means "not set". */
export function path(
  options: { wanted: string; filled?: boolean },
): Parse<string> {
  const parse = text({ ...options, lengthMax: Infinity });
  return (input) => {
    if (typeof input === "string" && CONTROL.test(input)) {
      throw new SyntaxError(
        `found ${
          quoted(input)
        } with a control character in it, wanted ${options.wanted}; ` +
          SINGLE_QUOTES,
      );
    }
    const value = parse(input);
    if (value !== value.trim()) {
      throw new SyntaxError(
        `found ${
          quoted(value)
        }, wanted ${options.wanted} without spaces at its ends`,
      );
    }
    const shells = /^~(?=[\\/]|$)/.exec(value) ?? VARIABLE.exec(value);
    if (shells !== null) {
      throw new SyntaxError(
        `found ${quoted(value)}, but ${
          quoted(shells[0].replace(/^[\\/]/, ""))
        } means nothing without a shell; write the whole path`,
      );
    }
    return value;
  };
}

/** What joins programs or turns their output elsewhere. */
const FOR_A_SHELL = /\s(?:\|\|?|&&|\d?>>?|<)\s|;\s|\s&$/;

/** The program of a command. */
export function program(input: unknown): string {
  if (Array.isArray(input)) {
    throw new SyntaxError(
      "found an array, wanted the program alone, in quotes; its arguments belong into args",
    );
  }
  const value = path({ wanted: "a program to run", filled: true })(input);
  if (FOR_A_SHELL.test(value)) {
    throw new SyntaxError(
      "found a line for a shell, and there is none; write it into a script " +
        "that ends with exec and the miner, and name the script",
    );
  }
  // Only the beginning is shown: a command line may hold a pool's password.
  const commandLine = /^(.*?)\s--?[A-Za-z]/.exec(value);
  if (commandLine !== null) {
    throw new SyntaxError(
      `found a whole command line, wanted the program alone; ` +
        `write exec = ${quoted(commandLine[1] ?? "")} and put each argument ` +
        `as a text of its own into args, as in args = ["--http-port", "18088"]`,
    );
  }
  return value;
}

/** Letters, digits, `_` and `-`, as topics and Home Assistant's ids allow. */
export function name(input: unknown): string {
  const wanted = "1 to 64 letters (A-Z), digits, _ or -";
  const value = text({ wanted })(input);
  if (NAME.test(value)) return value;
  throw new SyntaxError(`found ${quoted(value)}, wanted ${wanted}`);
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): Parse<T> {
  const wanted = words.map((word) => `"${word}"`).join(", ");
  return (input) => {
    const word = words.find((each) => each === input);
    if (word !== undefined) return word;
    let hint = "";
    if (typeof input !== "string") hint = `; ${QUOTE_IT}`;
    else {
      const near = nearest(input, words);
      if (near !== undefined) hint = `; did you mean "${near}"?`;
    }
    throw new SyntaxError(
      `found ${shown(input)}, wanted one of ${wanted}${hint}`,
    );
  };
}

/** `true` or `false`. */
export function flag(input: unknown): boolean {
  if (typeof input === "boolean") return input;
  throw new SyntaxError(
    `found ${shown(input)}, wanted true or false without quotes`,
  );
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): Parse<number> {
  return (input) => {
    if (
      typeof input === "number" && Number.isInteger(input) &&
      input >= min && input <= max
    ) return input;
    throw new SyntaxError(
      `found ${
        shown(input)
      }, wanted a whole number from ${min} to ${max}, without quotes`,
    );
  };
}

/** A number from `min` to `max`, with or without a fraction. */
export function quantity(min: number, max: number): Parse<number> {
  return (input) => {
    if (typeof input === "number" && input >= min && input <= max) return input;
    throw new SyntaxError(
      `found ${
        shown(input)
      }, wanted a number from ${min} to ${max}, without quotes`,
    );
  };
}

/** A regular expression with named groups; see `linePattern()`. */
export function pattern(input: unknown): string {
  if (typeof input === "string") {
    linePattern(input);
    return input;
  }
  throw new SyntaxError(
    `found ${shown(input)}, wanted a regular expression in single quotes`,
  );
}

/** What a duration may be; the bounds are durations themselves. */
export interface DurationBounds {
  readonly atLeast?: string;
  readonly atMost?: string;
  /** Zero is refused. */
  readonly positive?: boolean;
  /** "never" is allowed. */
  readonly never?: boolean;
}

/** Milliseconds; `Infinity` for "never". */
export function duration(bounds: DurationBounds): Parse<number> {
  const { atLeast, atMost, positive = false, never = false } = bounds;
  const wanted = `a duration such as ${DURATION_EXAMPLES}` +
    (never ? `, or "never"` : "");
  return (input) => {
    if (typeof input !== "string") {
      throw new SyntaxError(
        `found ${shown(input)}, wanted ${wanted}; ` +
          `${QUOTE_IT}, with a unit, as in "${
            typeof input === "number" && input > 0 ? input : 5
          }s"`,
      );
    }
    const found = `found ${quoted(input)}`;
    let ms: number;
    try {
      ms = parseDuration(input);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SyntaxError(`${found}, wanted ${wanted}; ${error.message}`);
    }
    if (ms === Infinity && !never) {
      throw new SyntaxError(`${found}, which cannot be here; wanted ${wanted}`);
    }
    if (positive && ms === 0) {
      throw new SyntaxError(`${found}, wanted more than 0: ${wanted}`);
    }
    if (atLeast !== undefined && ms < parseDuration(atLeast)) {
      throw new SyntaxError(`${found}, wanted "${atLeast}" at least`);
    }
    if (atMost !== undefined && ms > parseDuration(atMost)) {
      throw new SyntaxError(`${found}, wanted "${atMost}" at most`);
    }
    return ms;
  };
}
