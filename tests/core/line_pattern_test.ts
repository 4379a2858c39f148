import { assertEquals, assertThrows } from "@std/assert";
import { linePattern } from "../../lib/core/line_pattern.ts";

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
  ];
  for (const [source, line, expected] of table) {
    const groups = linePattern(source).exec(line)?.groups;
    assertEquals({ ...groups }, expected, source);
  }
});

Deno.test("linePattern() refuses what could take for ever", () => {
  const h = "(?<hashrate>\\d)";
  const table: [string, string][] = [
    [`(a+)+${h}`, "no repeated group"],
    [`(?:a|a)*${h}`, "no repeated group"],
    [`(?:(?:a?)b){2,}${h}`, "no repeated group"],
    [`((a|b)c)+${h}`, "no repeated group"],
    ["(?<hashrate>\\d+)+x", "no repeated group"],
    [`(?=a)${h}`, "no look-around"],
    [`(?<!a)${h}`, "no look-around"],
    [`(a)\\1${h}`, "no back reference"],
    [`.*.*.*.*${h}`, "at most 3 of .*"],
    [`\\S+ \\S+ [^x]+ [\\W]+${h}`, "at most 3 of .*"],
    [`${"a?".repeat(17)}${h}`, "at most 16 of"],
    [`${"a".repeat(300)}${h}`, "at most 300 characters"],
  ];
  for (const [source, message] of table) {
    assertThrows(() => linePattern(source), SyntaxError, message, source);
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
