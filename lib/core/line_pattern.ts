/** The owner's own regular expressions for a miner's lines: none that can hold the program up. */

/** What a pattern may name, as in `(?<hashrate>[\d.]+) (?<unit>[kM]?H/s)`. */
export const LINE_GROUPS = [
  "hashrate",
  "unit",
  "accepted",
  "rejected",
  "power",
  "temperature",
] as const;

const LENGTH_MAX = 300;
/** Each may double the work, or multiply it with the length of the line. */
const REPEATS_MAX = 16;
const WIDE_MAX = 3;

/**
 * The expression that a text is.
 * @throws {SyntaxError} that says what is wanted: at least one known group, and
 * nothing whose time could grow out of all bounds.
 */
export function linePattern(source: string): RegExp {
  if (source.length > LENGTH_MAX) {
    throw wrong(source, `at most ${LENGTH_MAX} characters`);
  }
  const pattern = compiled(source);
  const groups = [...source.matchAll(/\(\?<(\w+)>/g)].map((match) => match[1]);
  const known = new Set<string>(LINE_GROUPS);
  const strange = groups.find((name) => !known.has(name ?? ""));
  if (groups.length === 0 || strange !== undefined) {
    throw wrong(
      source,
      `groups named ${LINE_GROUPS.join(", ")}, as in (?<hashrate>[\\d.]+)`,
    );
  }
  const fault = new Scan(source).fault();
  if (fault !== undefined) throw wrong(source, fault);
  return pattern;
}

function compiled(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrong(source, `a regular expression (${error.message})`);
  }
}

function wrong(source: string, wanted: string): SyntaxError {
  return new SyntaxError(
    `found ${JSON.stringify(source.slice(0, 60))}, wanted ${wanted}`,
  );
}

/** What is inside a group, its inner groups included. */
interface Group {
  repeats: boolean;
  chooses: boolean;
}

/** Goes through an expression that is known to be one. */
class Scan {
  readonly #source: string;
  #at = 0;
  #repeats = 0;
  #wide = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** What is wanted instead, if there is a danger in it. */
  fault(): string | undefined {
    const open: Group[] = [{ repeats: false, chooses: false }];
    while (this.#at < this.#source.length) {
      const fault = this.#step(open);
      if (fault !== undefined) return fault;
    }
    if (this.#repeats > REPEATS_MAX) {
      return `at most ${REPEATS_MAX} of *, +, ? and {}`;
    }
    if (this.#wide > WIDE_MAX) {
      return `at most ${WIDE_MAX} of .*, \\S+, [^x]* and the like; name the ` +
        `characters, as in [\\d.]+`;
    }
    return undefined;
  }

  #step(open: Group[]): string | undefined {
    const group = open.at(-1);
    const rest = this.#source.slice(this.#at);
    if (/^\(\?(?:[=!]|<[=!])/.test(rest)) return "no look-around, such as (?=";
    if (/^\\(?:[1-9]|k<)/.test(rest)) return "no back reference, such as \\1";
    const opening = rest.match(/^\((?:\?(?:<\w+>|[\w-]*:))?/);
    if (opening !== null) {
      this.#at += opening[0].length;
      open.push({ repeats: false, chooses: false });
      return undefined;
    }
    if (rest.startsWith("|")) {
      this.#at += 1;
      if (group !== undefined) group.chooses = true;
      return undefined;
    }
    if (rest.startsWith(")")) {
      this.#at += 1;
      return this.#close(open);
    }
    const atom = rest.match(
      /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\.|[^])/u,
    );
    this.#at += atom?.[0].length ?? 1;
    const repeat = this.#repeat();
    if (repeat === "none") return undefined;
    if (group !== undefined) group.repeats = true;
    if (repeat === "many" && isWide(atom?.[0] ?? "")) this.#wide += 1;
    return undefined;
  }

  #close(open: Group[]): string | undefined {
    const closed = open.pop();
    const outer = open.at(-1);
    const repeat = this.#repeat();
    if (closed === undefined || outer === undefined) return undefined;
    if (repeat === "many" && (closed.repeats || closed.chooses)) {
      return "no repeated group that repeats or chooses inside, such as " +
        "(a+)+ or (a|b)*";
    }
    outer.repeats ||= closed.repeats || repeat !== "none";
    outer.chooses ||= closed.chooses;
    return undefined;
  }

  /** Takes a quantifier, if there is one here. */
  #repeat(): "none" | "once" | "many" {
    const rest = this.#source.slice(this.#at);
    const found = rest.match(/^(?:[*+?]|\{\d+(?:,\d*)?\})\??/)?.[0];
    if (found === undefined) return "none";
    this.#at += found.length;
    this.#repeats += 1;
    return found.startsWith("?") ? "once" : "many";
  }
}

function isWide(atom: string): boolean {
  return atom === "." || /^\\[SDW]$/.test(atom) || /^\\P/.test(atom) ||
    /^\[(?:\^|.*\\[SDW])/.test(atom);
}
