/** Splits a program without types into its tokens: just enough of JavaScript for lib/core/. */

/** What a token is; comments and white space are none. */
export type TokenKind =
  | "name"
  | "number"
  | "text"
  | "regex"
  | "mark"
  | "open"
  | "close";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
  /** How many brackets are open around it. */
  readonly depth: number;
}

const MARKS = [
  ...["===", "!==", "**=", "...", "??=", "&&=", "||=", ">>>"],
  ...["=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "**", "++", "--"],
  ...["+=", "-=", "*=", "/=", "%=", "<<", ">>"],
];

const NUMBER = /(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?)/y;
const NAME = /#?[\p{L}_$][\p{L}\p{N}_$]*/uy;
const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)/y;
const TEXT = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** After these a slash begins a regular expression, and a minus is a sign. */
const BEFORE_OPERAND =
  /^(?:return|case|typeof|in|of|new|void|delete|throw|await|yield)$/;

/** May the next token be an operand, seen from this one? */
export function wantsOperand(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "name") return BEFORE_OPERAND.test(before.text);
  if (before.kind === "mark") return !/^(?:\+\+|--)$/.test(before.text);
  return before.kind === "open";
}

/** @throws {SyntaxError} at what it cannot read. */
export function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  /** The brackets that are open; "${" for a place in a template. */
  const open: string[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(code)?.[0];
  };
  const take = (kind: TokenKind, text: string): void => {
    if (kind === "close") open.pop();
    tokens.push({ kind, text, at, depth: open.length });
    if (kind === "open") open.push(text);
    at += text.length;
  };
  /** What stands in a template up to its end or the next place in it. */
  const template = (): void => {
    take("text", match(TEMPLATE) ?? "");
    if (code.startsWith("${", at)) take("open", "${");
    else if (code[at] === "`") take("text", "`");
    else throw new SyntaxError(`Cannot find the end of a template at ${at}`);
  };
  while (at < code.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const character = code[at] ?? "";
    const text = match(TEXT);
    const name = match(NAME);
    const number = match(NUMBER);
    const regex = character === "/" && wantsOperand(tokens.at(-1))
      ? match(REGEX)
      : undefined;
    if (text !== undefined) take("text", text);
    else if (name !== undefined) take("name", name);
    else if (number !== undefined) take("number", number);
    else if (regex !== undefined) take("regex", regex);
    else if (character === "`") {
      take("text", character);
      template();
    } else if ("([{".includes(character)) take("open", character);
    else if (character === "}" && open.at(-1) === "${") {
      take("close", character);
      template();
    } else if (")]}".includes(character)) take("close", character);
    else {
      take("mark", MARKS.find((it) => code.startsWith(it, at)) ?? character);
    }
  }
  if (open.length > 0) throw new SyntaxError(`"${open.at(-1)}" is left open`);
  return tokens;
}
