import { assertEquals } from "@std/assert";
import { type Difference, differenceOf } from "../../lib/core/pace.ts";

Deno.test("differenceOf() tells a number that wavers from one that differs, and both from a fact", () => {
  const table: [string, string, Difference][] = [
    ["12.5", "12.5", "none"],
    ["12.5", "12.6", "wavers"],
    ["100", "103", "wavers"],
    ["100", "104", "differs"],
    ["100", "75", "differs"],
    ["100", "74", "matters"],
    ["100", "1", "matters"],
    // A start, a stop, and what nobody knows any more.
    ["0", "0.1", "matters"],
    ["100", "0", "matters"],
    ["100", "null", "matters"],
    ["null", "0", "matters"],
    ['{"power_w":100}', '{"power_w":101}', "wavers"],
    ['{"power_w":100,"accepted":5}', '{"power_w":101,"accepted":6}', "differs"],
    ['{"effective_percent":40}', '{"effective_percent":100}', "matters"],
    ['{"temperature_c":61}', '{"temperature_c":70}', "differs"],
    ['{"temperature_c":61}', '{"temperature_c":97}', "matters"],
    ['{"temperature_c":61}', '{"temperature_c":null}', "matters"],
    ['{"failures":100}', '{"failures":101}', "matters"],
    ['{"pid":7,"power_w":100}', '{"pid":8,"power_w":101}', "matters"],
    ['{"state":"running"}', '{"state":"stopping"}', "matters"],
    ['{"power_w":100}', '{"power_w":100,"pool":"a"}', "matters"],
    [
      '{"others":[{"algorithm":"a","hashrate_khs":100}]}',
      '{"others":[{"algorithm":"a","hashrate_khs":101}]}',
      "wavers",
    ],
    ['{"others":[]}', '{"others":[{"hashrate_khs":1}]}', "matters"],
  ];
  for (const [before, after, expected] of table) {
    assertEquals(differenceOf(before, after), expected, `${before} ${after}`);
  }
});
