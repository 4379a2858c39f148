import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bad } from "./bad.ts";

Deno.test("parseConfig() explains what is not TOML, with line and column", async () => {
  const table: [string, number, number, ...string[]][] = [
    [`exec = "C:\\Users\\x"`, 1, 13, "single quotes", "'C:\\mining"],
    [`\nexec = "C:\\mining"`, 2, 12, "single quotes"],
    [`[heat]\nmin_on = "1s"\nmin_on = "2s"`, 3, 1, `"min_on" is on line 2`],
    [`[heat]\n[mqtt]\n[heat]`, 3, 2, `"heat" is on line 1 first`],
    [`[a]\nx = 1\n[b]\nx = 1\nx = 1`, 5, 1, `"x" is on line 4 first`],
    [`command = []\n[[command]]`, 2, 3, "there already"],
    [`; a comment`, 1, 1, "a comment begins with #"],
    [`// a comment`, 1, 1, "a comment begins with #"],
    [`mqtt:\n  url: x`, 1, 5, `write "=" instead of ":"`],
    [
      `[command.telemetry]\napi = "none"\n[[command]]`,
      3,
      3,
      "[command.telemetry] on line 1 belongs below its [[command]]",
    ],
    [
      `[rig]\n[command . watchdog] # x\n[[ command ]]`,
      3,
      3,
      "[command.watchdog] on line 2 belongs below its [[command]]",
    ],
    [`[command]\n[[command]]`, 2, 3, "[command] on line 1 wants two brackets"],
    [`min_on = 5m`, 1, 11, "belong in quotes", `"5m"`],
    [`exec = xmrig`, 1, 8, "belongs in quotes"],
    [`allow_shutdown = True`, 1, 18, "lower case"],
    [`exec =`, 1, 7, "a value is missing"],
    [`exec = "a\nx = 1`, 1, 10, "closing quote"],
    [`exec = “a”`, 1, 8, "curly"],
    [`exec: "a"`, 1, 5, "key = value"],
    [`exec`, 1, 1, `no "="`],
    [`args = ["a" "b"]`, 1, 13, "a comma or the closing bracket"],
    [`args = ["a"\nx = 1`, 2, 1, "a comma or the closing bracket"],
    [`a = 1 b = 2`, 1, 7, "a line of its own"],
    [`a = 007`, 1, 5, "begin with 0"],
    [`a = 9007199254740993`, 1, 5, "integer value"],
    [`{ "a": 1 }`, 1, 1, "key = value"],
  ];
  for (const [text, line, column, ...phrases] of table) {
    const { problems, message } = await bad(text);
    assertEquals(problems.length, 1, text);
    assertEquals([problems[0]?.line, problems[0]?.key], [line, ""], text);
    for (const phrase of [`column ${column}: `, ...phrases]) {
      assertStringIncludes(message, phrase, text);
    }
    assert(!message.includes("\n"), text);
  }
});
