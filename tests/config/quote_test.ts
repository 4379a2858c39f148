import { assertEquals } from "@std/assert";
import { quoted, shown } from "../../lib/config/quote.ts";

Deno.test("quoted() is fit for any terminal", () => {
  assertEquals(quoted('a"b'), '"a\\"b"');
  assertEquals(
    quoted("\u001b[31m\u009b0m\u2028"),
    '"\\u001b[31m\\u009b0m\\u2028"',
  );
  assertEquals(quoted("x".repeat(500)).length, 83);
});

Deno.test("shown() names what cannot be quoted", () => {
  const table: [unknown, string][] = [
    ["a", '"a"'],
    [5, "5"],
    [true, "true"],
    [[], "an array"],
    [{}, "a table"],
    [new Date(0), "a date or time"],
  ];
  for (const [value, text] of table) assertEquals(shown(value), text);
});
