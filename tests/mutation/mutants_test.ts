import { assertEquals, assertThrows } from "@std/assert";
import { EQUIVALENT } from "./equivalent.ts";
import { mutantsOf } from "./mutants.ts";
import { tokensOf } from "./tokens.ts";

/** What is changed in a program, one change a line. */
const changes = (code: string) => mutantsOf(code).map(({ change }) => change);
/** The programs that come out. */
const programs = (code: string) => mutantsOf(code).map(({ code }) => code);

Deno.test("mutantsOf() moves a deadline and its comparison by the least", () => {
  assertEquals(programs("x = atMs < 7;"), [
    "x = atMs + 1 < 7;",
    "x = atMs - 1 < 7;",
    "x = atMs <= 7;",
    "x = atMs > 7;",
    "x = atMs < 8;",
    "x = atMs < 6;",
  ]);
});

Deno.test("mutantsOf() swaps every operator for its neighbour", () => {
  const table: [string, string[]][] = [
    ["a <= b", ["<= -> <", "<= -> >"]],
    ["a > b", ["> -> >=", "> -> <"]],
    ["a >= b", [">= -> >", ">= -> <"]],
    ["a === b", ["=== -> !=="]],
    ["a !== b", ["!== -> ==="]],
    ["a && b", ["&& -> ||"]],
    ["a || !b", ["|| -> &&", "! ->"]],
    ["a + -b", ["+ -> -", "- ->"]],
    ["a - b", ["- -> +"]],
    ["Math.min(a, Math.max(b))", ["min -> max", "max -> min"]],
    ["x = a ?? b;", ["?? -> &&", "?? b ->"]],
    ["x = true;", ["true -> false"]],
  ];
  for (const [code, expected] of table) {
    assertEquals(changes(code), expected, code);
  }
});

Deno.test("mutantsOf() forces conditions, choices and predicates both ways", () => {
  assertEquals(programs("if (f(x)) y();"), [
    "if (false) y();",
    "if (true) y();",
    "if (f(x)) ;",
  ]);
  assertEquals(programs("x = f(y) ? a : b;"), [
    "x = false ? a : b;",
    "x = true ? a : b;",
  ]);
  assertEquals(programs("function p() { return a === b; }"), [
    "function p() { return false; }",
    "function p() { return true; }",
    "function p() { return a !== b; }",
  ]);
  // A loop that never ends would be noticed by nobody but the clock.
  assertEquals(programs("while (more) {}"), ["while (false) {}"]);
});

Deno.test("mutantsOf() changes no text, comment, import, name or pattern", () => {
  const code = [
    'import { until } from "./a-1.ts";',
    'export const say = "1 < 2 && 3";',
    "// 1 + 1",
    "/* 2 > 1 */ const found = /[<>]1+/u;",
    "function wait(untilMs, options) {}",
    "const list = parts.map((atMs) => ({ atMs, until: list }));",
    "const { startedAt } = facts;",
  ].join("\n");
  assertEquals(changes(code), []);
});

Deno.test("mutantsOf() reaches the code within a template", () => {
  assertEquals(programs("x = `a + ${b + `${c}`} < d`;"), [
    "x = `a + ${b - `${c}`} < d`;",
  ]);
});

Deno.test("mutantsOf() tells where each change is, and its like apart", () => {
  assertEquals(
    mutantsOf("\n  x = a + b + c;").map(({ line, text, change }) =>
      `${line} ${text} ${change}`
    ),
    ["2 x = a + b + c; + -> -", "2 x = a + b + c; + -> - (2)"],
  );
});

Deno.test("tokensOf() tells a division from a pattern", () => {
  const kinds = (code: string) =>
    tokensOf(code).map(({ kind, text }) => `${kind} ${text}`);
  assertEquals(kinds("a / b"), ["name a", "mark /", "name b"]);
  assertEquals(kinds("f(/b/g)"), [
    "name f",
    "open (",
    "regex /b/g",
    "close )",
  ]);
});

Deno.test("tokensOf() refuses what it cannot read to its end", () => {
  assertThrows(() => tokensOf("x = `a"), SyntaxError, "end of a template");
  assertThrows(() => tokensOf("f("), SyntaxError, "left open");
});

Deno.test("EQUIVALENT gives a reason for each change, and none twice", () => {
  const keys = EQUIVALENT.flatMap(({ file, line, changes }) =>
    changes.map((change) => `${file}: ${line}: ${change}`)
  );
  assertEquals(new Set(keys).size, keys.length);
  assertEquals(EQUIVALENT.filter(({ reason }) => reason.length < 20), []);
});
