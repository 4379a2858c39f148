import { assert, assertEquals, assertThrows } from "@std/assert";
import { linePattern } from "../../lib/telemetry/line_pattern.ts";

Deno.test("linePattern() takes what a miner's line needs", () => {
  const table: [string, string, Record<string, string>][] = [
    ["speed (?<hashrate>[\\d.]+) (?<unit>[kMG]?H/s)", "speed 12.5 kH/s", {
      hashrate: "12.5",
      unit: "kH/s",
    }],
    ["(?:ok|yes) (?<accepted>\\d+)(?:/(?<rejected>\\d+))?", "yes 5/1", {
      accepted: "5",
      rejected: "1",
    }],
    [
      "^.*\\[(?<power>\\d{1,4})W\\].* (?<temperature>\\d+)[^C]*C$",
      "a [120W] b 61 C",
      {
        power: "120",
        temperature: "61",
      },
    ],
    ["(?:ab){2,3}(?<hashrate>[(|)*+]+)", "abab(*+)", { hashrate: "(*+)" }],
    ["rate\\u0020(?<hashrate>\\d+)\\u{20}H\\/s", "rate 5 H/s", {
      hashrate: "5",
    }],
    ["(?:(?<accepted>\\d+) (?:good|fine),? ?)+", "5 good, 6 fine", {
      accepted: "6",
    }],
    ["\\\\k<(?<power>\\d)", "\\k<5", { power: "5" }],
  ];
  for (const [source, line, expected] of table) {
    assertEquals(linePattern(source).find(line), expected, source);
  }
});

Deno.test("linePattern() refuses what cannot be found in one go over a line", () => {
  const h = "(?<hashrate>\\d)";
  const table: [string, string][] = [
    [`(?=a)${h}`, "no look-around such as (?=a)"],
    [`(?!a)${h}`, "no look-around such as (?=a)"],
    [`(?<=a)${h}`, "no look-around such as (?=a)"],
    [`(?<!a)${h}`, "no look-around such as (?=a)"],
    [`(a)\\1${h}`, "no back reference such as \\1"],
    [`${h}\\k<hashrate>`, "no back reference such as \\1"],
    [`\\\\${h}\\\\\\k<hashrate>`, "no back reference such as \\1"],
    [`(?:a${h}|b${h})`, "a regular expression|nothing else that RE2"],
    [`a{1001}${h}`, "nothing else that RE2 does not know"],
    [`(?:(?:a{30}){30}){30}${h}`, "nothing else that RE2 does not know"],
    [`a{500}${h}`, "fewer or smaller repetitions"],
    [`(?:.{1,30}){1,30}${h}`, "fewer or smaller repetitions"],
    [`${"a".repeat(300)}${h}`, "at most 300 characters"],
  ];
  for (const [source, message] of table) {
    const error = assertThrows(() => linePattern(source), SyntaxError);
    assert(
      message.split("|").some((part) => error.message.includes(part)),
      `${source}: ${error.message}`,
    );
  }
});

Deno.test("linePattern() refuses what is no pattern, or tells nothing", () => {
  const table: [string, string][] = [
    ["(?<hashrate>", "wanted a regular expression"],
    ["(\\d+) H/s", "wanted groups named hashrate, unit, accepted"],
    ["(?<speed>\\d+)", "wanted groups named"],
    ["", "wanted groups named"],
  ];
  for (const [source, message] of table) {
    assertThrows(() => linePattern(source), SyntaxError, message);
  }
});

/** Each of them takes seconds to ages in a search by trial and error. */
const EXPLOSIVE = [
  `Speed: (?<hashrate>[\\d.]+)\\s*${"\\w*\\s*".repeat(7)}(?<unit>H/s)`,
  "(?<hashrate>(?:a+)+)b",
  "(?:a|a)*(?<hashrate>\\d)b",
  "(?:.*){9}(?<hashrate>x)y",
  "(?:(?:a?)(?:1?)(?: ?)){20}(?<hashrate>b)",
  ".*.*.*.*.*.*.*.*(?<hashrate>\\d)x",
  "(?:\\S+ ?)+(?<hashrate>\\d)!!",
];

Deno.test("linePattern() finds nothing in no time where a search by trial and error takes for ever", () => {
  for (const source of EXPLOSIVE) {
    const pattern = linePattern(source);
    for (const part of ["a", "1", " ", "a ", "1 ", "a1", "Speed: 1"]) {
      const line = `Speed: 1${part.repeat(256)}`.slice(0, 255) + "!";
      const startedAt = performance.now();
      assertEquals(pattern.find(line), undefined);
      const tookMs = performance.now() - startedAt;
      assert(tookMs < 1_000, `${source} took ${tookMs} ms`);
    }
  }
});

Deno.test("linePattern() agrees with JavaScript's own expressions", () => {
  const pieces = [
    ...[
      "a",
      "1",
      ".",
      "\\d",
      "\\s",
      "\\S",
      "[\\d.]",
      "[^a]",
      "\\w",
      "\\b",
      "$",
    ],
    ...["(?:a|1)", "(?:ab?)", " ", "(?<unit>[kM]?H)", "(?<accepted>\\d+)"],
  ];
  const repeats = ["", "", "*", "+", "?", "{1,3}", "*?", "+?"];
  const chars = [..."aab1 .kH/"];
  let seed = 7;
  const below = (count: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % count;
  };
  let found = 0;
  for (let round = 0; round < 2_000; round += 1) {
    const parts = Array.from({ length: 1 + below(4) }, () => {
      const piece = pieces[below(pieces.length)] ?? "";
      const repeat = /^(?:\$|\\b)$/.test(piece) ? "" : repeats[below(8)] ?? "";
      return piece.startsWith("(?<") ? piece : piece + repeat;
    }).filter((part, index, all) => all.indexOf(part) === index);
    const source = `${parts.join("")}(?<hashrate>\\d)`;
    const line = Array.from({ length: 12 }, () => chars[below(9)]).join("");
    const expected = new RegExp(source, "u").exec(line)?.groups;
    assertEquals(
      linePattern(source).find(line),
      expected === undefined ? undefined : { ...expected },
      `${source} in ${JSON.stringify(line)}`,
    );
    if (expected !== undefined) found += 1;
  }
  assert(found > 200, `${found} of them were found`);
});
