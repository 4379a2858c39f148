import { assertEquals } from "@std/assert";
import { nearest } from "../../lib/config/suggest.ts";

Deno.test("nearest() finds what was meant", () => {
  const keys = ["min_on", "min_off", "max_on", "stop_timeout", "args", "cwd"];
  const table: [string, string | undefined][] = [
    ["min_onn", "min_on"],
    ["minOn", "min_on"],
    ["min-off", "min_off"],
    ["MAX_ON", "max_on"],
    ["agrs", "args"],
    ["arg", "args"],
    ["timeout", "stop_timeout"],
    ["min", undefined],
    ["port", undefined],
    ["", undefined],
    ["x".repeat(10_000), undefined],
  ];
  for (const [word, meant] of table) {
    assertEquals(nearest(word, keys), meant, word.slice(0, 20));
  }
});
