import { assertEquals, assertThrows } from "@std/assert";
import {
  at,
  items,
  number,
  parseJson,
  unitFactor,
} from "../../lib/telemetry/json.ts";
import { ReadError } from "../../lib/telemetry/read_error.ts";

Deno.test("number() reads numbers that are written as text", () => {
  const table: [unknown, number | undefined][] = [
    [5, 5],
    ["13502.1", 13502.1],
    ["4.591157e+06", 4591157],
    [" 7 ", 7],
    ["1,5", 1.5],
    ["46,73", 46.73],
    ["1,234", 1234],
    ["1,234,567.8", 1234567.8],
    ["1,2345", undefined],
    ["1,23,456", undefined],
    ["off", undefined],
    ["", undefined],
    ["0x10", undefined],
    ["61.50 M", undefined],
    ["nan", undefined],
    ["Infinity", undefined],
    [`${"1".repeat(60)}`, undefined],
    [null, undefined],
    [true, undefined],
    [[5], undefined],
  ];
  for (const [json, expected] of table) {
    assertEquals(number(json), expected, JSON.stringify(json));
  }
});

Deno.test("unitFactor() knows the units of miners, and guesses none", () => {
  const table: [string, number | undefined][] = [
    ["H/s", 1],
    ["kH/s", 1e3],
    ["KH/s", 1e3],
    ["Mh/s", 1e6],
    ["GH/s", 1e9],
    ["TH/s", 1e12],
    ["PHS", 1e15],
    ["khash/s", 1e3],
    ["sol/s", 1],
    ["kSol/s", 1e3],
    ["g/s", 1],
    ["Mg/s", 1e6],
    ["kH/W", undefined],
    ["W", undefined],
    ["", undefined],
  ];
  for (const [unit, expected] of table) {
    assertEquals(unitFactor(unit), expected, unit);
  }
});

Deno.test("at() finds what is there, and nothing that every object has", () => {
  const json = parseJson('{"a":[{"b":1}],"s":"text"}');
  assertEquals(at(json, "a", 0, "b"), 1);
  assertEquals(at(json, "a", 1, "b"), undefined);
  assertEquals(at(json, "s", "length"), undefined);
  assertEquals(at(json, "toString"), undefined);
  assertEquals(at(json, "__proto__"), undefined);
  assertEquals(at(null, "a"), undefined);
});

Deno.test("items() takes an array alone, and not all of a huge one", () => {
  assertEquals(items({ length: 3 }), []);
  assertEquals(items("abc"), []);
  assertEquals(items(new Array(10_000).fill(0)).length, 256);
});

Deno.test("parseJson() says what came instead of JSON", () => {
  const table: [string, string][] = [
    ["", "an empty answer came"],
    ["\0\n", "an empty answer came"],
    ["<html><body>hi", 'a web page came ("<html><body>hi")'],
    ['{"a":', 'damaged or cut-off JSON came ("{\\"a\\":")'],
    ["hello\x1b[31m", 'no JSON came, but "hello [31m"'],
  ];
  for (const [answer, message] of table) {
    assertThrows(() => parseJson(answer), ReadError, message);
  }
  assertEquals(parseJson('{"a":1}\0'), { a: 1 });
});

Deno.test("parseJson() bears nesting without end", () => {
  const deep = "[".repeat(100_000);
  assertThrows(() => parseJson(deep), ReadError, "cut-off JSON");
  assertEquals(items(parseJson(deep + "]".repeat(100_000))).length, 1);
});

Deno.test("parseJson() repairs what would make a whole answer unreadable", () => {
  const table: [string, unknown][] = [
    ['{"a": nan, "b": -inf, "c": Infinity, "d": -NaN}', {
      a: null,
      b: null,
      c: null,
      d: null,
    }],
    ['{"a": 004, "b": -007.5, "c": 0, "d": 0.5}', {
      a: 4,
      b: -7.5,
      c: 0,
      d: 0.5,
    }],
    ['{"a": [1, 2, ], "b": 3,}', { a: [1, 2], b: 3 }],
    ['{"a": "x\ny\u0001"}', { a: "x y " }],
    ['{"a": {"b": 1}}\nrest } of it', { a: { b: 1 } }],
    ['{"a": "nan, 007 ,] }", "b": nan}', { a: "nan, 007 ,] }", b: null }],
    ['{"a": "say \\"nan\\", 01", "b": 01}', { a: 'say "nan", 01', b: 1 }],
  ];
  for (const [text, value] of table) assertEquals(parseJson(text), value, text);
  for (const text of ['{"a": nan, "b', "nan", "[1, 2", '{"a" 1, "b": nan}']) {
    assertThrows(() => parseJson(text), ReadError);
  }
});

Deno.test("parseJson() gives up on text without an end as soon as it is read once", () => {
  // What looked again from each of these would not be done for minutes.
  for (const part of ['\\"', "\\", '"', "[", ", ", "-1 "]) {
    const text = `{"a": "${part.repeat(300_000)}`;
    assertThrows(() => parseJson(text), ReadError);
  }
});
