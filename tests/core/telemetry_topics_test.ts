/** How numbers stand on their topics. */

import { assertEquals } from "@std/assert";
import {
  expiringTopics,
  numberTopics,
  plain,
} from "../../lib/core/telemetry_report.ts";
import { TOPICS } from "./make.ts";

Deno.test("plain() writes numbers without an exponent", () => {
  const table: [number | null, string][] = [
    [null, "null"],
    [0, "0"],
    [100, "100"],
    [1200.5, "1200.5"],
    [0.000001, "0.000001"],
    [0.1 + 0.2, "0.3"],
    [9007199254740991, "9007199254740991"],
    [1e20, "100000000000000000000"],
    [0.0000004, "0"],
  ];
  for (const [value, expected] of table) assertEquals(plain(value), expected);
});

Deno.test("numberTopics() names each topic that holds a number", () => {
  assertEquals(numberTopics(TOPICS, ["a"]), [
    "h/command/hashrate",
    "h/command/accepted",
    "h/telemetry",
    "h/command/a",
    "h/command/a/hashrate",
    "h/command/a/accepted",
  ]);
});

Deno.test("expiringTopics() names each topic of a sensor with expire_after", () => {
  assertEquals(expiringTopics(TOPICS, ["a"]), [
    "h/command/hashrate",
    "h/telemetry",
    "h/command/a",
  ]);
});
