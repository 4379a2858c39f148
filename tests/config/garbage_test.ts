import { assert, assertStringIncludes } from "@std/assert";
import { ConfigError } from "../../lib/config.ts";
import { TABLES } from "../../lib/config/schema.ts";
import { bad, good } from "./bad.ts";

/** Numbers below a bound, the same ones at each run, so that a failure happens again. */
function numbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
}

const VALUES = [
  `""`,
  `"a"`,
  `"5m"`,
  `"never"`,
  `"0s"`,
  `'C:\\x'`,
  `"\\u0000\\u001b"`,
  `"mqtt://h"`,
  `"mqtts://[::1]:1"`,
  `"/kolikko1/heat"`,
  `"/kolikko1/heat/status"`,
  "5",
  "-1",
  "1e999",
  "nan",
  "0x7fffffff",
  "true",
  "07:00:00",
  "1979-05-27",
  "[]",
  `["5s", "5m"]`,
  `["5m", "5s"]`,
  `["22:00-06:00", 5]`,
  `[[], {}]`,
  "{}",
  `{ A = "1" }`,
  `{ a.b = 1, c = [{ d = 1 }] }`,
];

const SCRAPS = [
  ...VALUES,
  ...[" = ", "url", "[[command]]", "[mqtt]", "\n", "\n", "\r", '"""', "'"],
  ...['"', "[", "]", "{", "}", ",", "\\", "\0", "\ufeff", "#", "😀", "\ud800"],
];

/** Only ConfigError may come out, and its lines must be lines of the text. */
async function check(text: string): Promise<ConfigError | undefined> {
  try {
    await good(text);
    return undefined;
  } catch (error) {
    const shown = JSON.stringify(text);
    assert(error instanceof ConfigError, `${shown}: ${error}`);
    assert(error.problems.length > 0, shown);
    const length = text.split("\n").length;
    for (const { line, message } of error.problems) {
      assert(line === undefined || (line >= 1 && line <= length), shown);
      assert(message !== "" && !/[\n\0]|undefined/.test(message), message);
    }
    return error;
  }
}

Deno.test("parseConfig() throws nothing but ConfigError on scraps of TOML", async () => {
  const next = numbers(20_261_125);
  for (let round = 0; round < 2000; round++) {
    const scraps = Array.from(
      { length: next(20) },
      () => SCRAPS[next(SCRAPS.length)],
    );
    await check(scraps.join(""));
  }
});

Deno.test("parseConfig() throws nothing but ConfigError on any values of any keys", async () => {
  const next = numbers(7);
  const names = [...Object.keys(TABLES), "command", "web", "x", "__proto__"];
  let withKeys = 0;
  for (let round = 0; round < 1000; round++) {
    const lines = new Set<string>();
    for (const [table, entries] of Object.entries(TABLES)) {
      const chosen = names[next(names.length * 3)] ?? table;
      if (chosen !== "command" && lines.has(`[${chosen}]`)) continue;
      lines.add(chosen === "command" ? "[[command]]" : `[${chosen}]`);
      for (const key of Object.keys(entries)) {
        if (next(3) === 0) lines.add(`${key} = ${VALUES[next(VALUES.length)]}`);
      }
    }
    const error = await check([...lines].join("\n"));
    if (error?.problems.some(({ key }) => key !== "")) withKeys++;
  }
  // Were most of it no TOML at all, this would test the parser alone.
  assert(withKeys > 800, `${withKeys}`);
});

Deno.test("parseConfig() survives deep nesting", async () => {
  const { message } = await bad(`a = ${"[".repeat(100_000)}`);
  assertStringIncludes(message, "kolikko.toml:1: column");
  const nested = `a = ${"[".repeat(900)}${"]".repeat(900)}`;
  assertStringIncludes((await bad(nested)).message, "a: there is no such key");
});
