/** What can be broken in a program: one small change at a time. Pure. */

import { type Token, tokensOf, wantsOperand } from "./tokens.ts";

/** A program with one change. */
export interface Mutant {
  /** From 1. */
  readonly line: number;
  /** The line that holds the change, without the white space around it. */
  readonly text: string;
  /** `<= -> <`, and which of its like on the line from 2 on. */
  readonly change: string;
  readonly code: string;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: string;
  /** What it is called where that says more than the texts. */
  readonly name?: string;
}

/** All mutants of a program without types, in its order. */
export function mutantsOf(code: string): Mutant[] {
  const tokens = tokensOf(code);
  const edits = tokens.flatMap((token, index) => {
    const place: Place = { code, tokens, index, token };
    return isImport(place) ? [] : RULES.flatMap((rule) => rule(place));
  });
  const sorted = edits.toSorted((a, b) => a.from - b.from);
  const counts = new Map<string, number>();
  return sorted.map((edit) => {
    const line = code.slice(0, edit.from).split("\n").length;
    const before = oneLine(code.slice(edit.from, edit.to));
    const what = edit.name ?? `${before} -> ${oneLine(edit.by)}`.trim();
    const count = (counts.get(`${line} ${what}`) ?? 0) + 1;
    counts.set(`${line} ${what}`, count);
    return {
      line,
      text: code.split("\n")[line - 1]?.trim().replace(/ {2,}/g, " ") ?? "",
      change: count === 1 ? what : `${what} (${count})`,
      code: code.slice(0, edit.from) + edit.by + code.slice(edit.to),
    };
  });
}

interface Place {
  readonly code: string;
  readonly tokens: readonly Token[];
  readonly index: number;
  readonly token: Token;
}

type Rule = (place: Place) => Edit[];

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

function endOf(token: Token): number {
  return token.at + token.text.length;
}

function swap(token: Token, by: string): Edit {
  return { from: token.at, to: endOf(token), by };
}

function isImport({ tokens, index, token }: Place): boolean {
  const from = tokens.slice(0, index).findLastIndex((it) =>
    it.depth === 0 && it.text === "import"
  );
  if (token.text === "import") return true;
  return from >= 0 &&
    !tokens.slice(from, index).some((it) => it.depth === 0 && it.text === ";");
}

const SWAPS = new Map<string, readonly string[]>(Object.entries({
  "<": ["<=", ">"],
  "<=": ["<", ">"],
  ">": [">=", "<"],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&&": ["||"],
  "||": ["&&"],
  "??": ["&&"],
  "+": ["-"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "+=": ["-="],
  "-=": ["+="],
}));

const operators: Rule = ({ tokens, index, token }) => {
  if (token.kind !== "mark") return [];
  const isSign = wantsOperand(tokens[index - 1]);
  if (token.text === "-") return [swap(token, isSign ? "" : "+")];
  if (token.text === "!") return [swap(token, "")];
  if (isSign) return [];
  return (SWAPS.get(token.text) ?? []).map((by) => swap(token, by));
};

const NAMES = new Map(Object.entries({
  min: "max",
  max: "min",
  floor: "ceil",
  round: "floor",
  some: "every",
  every: "some",
  true: "false",
  false: "true",
}));

const names: Rule = ({ tokens, index, token }) => {
  const by = NAMES.get(token.text);
  if (token.kind !== "name" || by === undefined) return [];
  const isMember = tokens[index - 1]?.text === ".";
  const isWord = token.text === "true" || token.text === "false";
  return isMember === isWord ? [] : [swap(token, by)];
};

const numbers: Rule = ({ token }) => {
  if (token.kind !== "number") return [];
  const value = Number(token.text.replaceAll("_", ""));
  return [value + 1, value - 1].map((by) => swap(token, `${by}`));
};

/** Names of moments and spans. */
const MOMENT = /^(?:at|from|to|until|now)$|(?:Ms|At|Until|Minute)$/;

const moments: Rule = (place) => {
  const { tokens, index, token } = place;
  if (token.kind !== "name" || !MOMENT.test(token.text)) return [];
  const after = tokens[index + 1]?.text ?? "";
  const isValue = /^(?:[-+*/%<>,;)\]}?:]|[<>=!]==?|&&|\|\||\?\?)$/.test(after);
  if (!isValue || isDeclared(place)) return [];
  if (/^[!=]==$/.test(after) && tokens[index + 2]?.text === "undefined") {
    return [];
  }
  return ["+ 1", "- 1"].map((by) => ({
    from: token.at,
    to: endOf(token),
    by: `${token.text} ${by}`,
  }));
};

/** Is it the name of a parameter, a key, or a property that has its variable's name? */
function isDeclared({ tokens, index, token }: Place): boolean {
  const before = tokens[index - 1]?.text ?? "";
  const after = tokens[index + 1]?.text ?? "";
  if (before === ".") return false;
  const opening = tokens.findLastIndex((it, at) =>
    at < index && it.kind === "open" && it.depth === token.depth - 1
  );
  const bracket = tokens[opening]?.text;
  if (bracket === "{" && /^[{,]$/.test(before) && /^[,}:]$/.test(after)) {
    return true;
  }
  if (bracket !== "(") return false;
  const closing = tokens.findIndex((it, at) =>
    at > index && it.kind === "close" && it.depth === token.depth - 1
  );
  return tokens[closing + 1]?.text === "=>" ||
    tokens[opening - 2]?.text === "function";
}

/** From a token to the last before one that ends it, on the same level. */
function stretch(
  tokens: readonly Token[],
  first: number,
  ends: RegExp,
): Token | undefined {
  const depth = tokens[first]?.depth ?? 0;
  const end = tokens.findIndex((it, at) =>
    at >= first && (it.depth < depth || (it.depth === depth &&
      it.kind !== "text" && ends.test(it.text)))
  );
  return tokens[end - 1];
}

const conditions: Rule = ({ code, tokens, index, token }) => {
  if (token.kind !== "name" || !/^(?:if|while)$/.test(token.text)) return [];
  const opening = tokens[index + 1];
  const closing = tokens.find((it, at) =>
    at > index && it.kind === "close" && it.depth === token.depth
  );
  if (opening === undefined || closing === undefined) return [];
  const from = endOf(opening);
  return forced(code, from, closing.at, token.text === "if" ? [true] : []);
};

const choices: Rule = ({ code, tokens, index, token }) => {
  if (token.text !== "?" || token.kind !== "mark") return [];
  const begins = /^(?:[=,;:?]|=>|return|[-+]=)$/;
  const before = tokens.slice(0, index).findLastIndex((it) =>
    it.depth < token.depth ||
    (it.depth === token.depth && it.kind !== "text" && begins.test(it.text))
  );
  const first = tokens[before + 1];
  const last = tokens[index - 1];
  if (first === undefined || last === undefined) return [];
  return forced(code, first.at, endOf(last), [true]);
};

const returns: Rule = ({ code, tokens, index, token }) => {
  if (token.text !== "return" || token.kind !== "name") return [];
  const first = tokens[index + 1];
  const last = stretch(tokens, index + 1, /^;$/);
  if (first === undefined || last === undefined) return [];
  const parts = tokens.slice(index + 1, tokens.indexOf(last) + 1);
  const level = parts.filter(({ depth }) => depth === first.depth);
  const isPredicate =
    level.some(({ text, kind }) =>
      kind === "mark" && /^(?:[<>]=?|[!=]==|&&|\|\|)$/.test(text)
    ) && !level.some(({ text, kind }) => kind === "mark" && text === "?");
  return isPredicate ? forced(code, first.at, endOf(last), [true]) : [];
};

/** `false`, and the others, instead of what stands there. */
function forced(
  code: string,
  from: number,
  to: number,
  others: readonly boolean[],
): Edit[] {
  const isForced = (by: boolean) => code.slice(from, to) === `${by}`;
  return [false, ...others].filter((by) => !isForced(by)).map((by) => ({
    from,
    to,
    by: `${by}`,
  }));
}

/** `a ?? b` becomes `a`. */
const fallbacks: Rule = ({ tokens, index, token }) => {
  if (token.text !== "??") return [];
  const last = stretch(tokens, index + 1, /^(?:[,;:?]|\?\?|&&|\|\|)$/);
  if (last === undefined) return [];
  return [{ from: token.at, to: endOf(last), by: "" }];
};

/** A call for its effect is left out. */
const calls: Rule = ({ code, tokens, index, token }) => {
  const before = tokens[index - 1]?.text ?? ";";
  const second = tokens[index + 1]?.text ?? "";
  if (token.kind !== "name" || !/^(?:[;{})]|else)$/.test(before)) return [];
  if (second !== "." && second !== "(") return [];
  const last = stretch(tokens, index, /^;$/);
  if (last?.text !== ")" || code[endOf(last)] !== ";") return [];
  if (/^(?:if|while|for|switch|function|return)$/.test(token.text)) return [];
  return [{ from: token.at, to: endOf(last), by: "" }];
};

const RULES: readonly Rule[] = [
  operators,
  names,
  numbers,
  moments,
  conditions,
  choices,
  returns,
  fallbacks,
  calls,
];
