import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "smol-toml";
import * as v from "valibot";
import { ALL_TABLES, NOT_YET, TABLES } from "../../lib/config/schema.ts";
import { bad, good, LEAST } from "./bad.ts";

const EXAMPLE = await Deno.readTextFile(
  new URL("../../kolikko.toml.example", import.meta.url),
);

/** Keys that have no default, or whose example is worth more than the default. */
const OWN = ["mqtt.url", "command.name", "command.exec", "command.args"];

Deno.test("kolikko.toml.example is a configuration of nothing but defaults", async () => {
  const example = await good(EXAMPLE);
  const least = await good(LEAST);
  const args = ["--http-port", "18088"];
  assertEquals(example, {
    ...least,
    broker: { ...least.broker, url: "mqtt://192.0.2.5:1883" },
    commands: least.commands.map((command) => ({ ...command, args })),
  });
});

Deno.test("kolikko.toml.example shows every key with its default", () => {
  const tables = parse(EXAMPLE);
  assertEquals(Object.keys(tables).sort(), Object.keys(TABLES).sort());
  for (const [name, entries] of Object.entries(TABLES)) {
    const content = [tables[name]].flat()[0];
    assert(typeof content === "object");
    checkTable(name, content, entries);
  }
});

function checkTable(
  name: string,
  content: object,
  entries: v.ObjectEntries,
): void {
  const shown = new Map(Object.entries(content));
  assertEquals([...shown.keys()].sort(), Object.keys(entries).sort());
  for (const [key, entry] of Object.entries(entries)) {
    const path = `${name}.${key}`;
    if (OWN.includes(path)) continue;
    const inner = ALL_TABLES[path];
    if (inner !== undefined) {
      checkTable(path, shown.get(key), inner);
      continue;
    }
    assert(entry.type === "optional", `${path} has no default`);
    const expected: unknown = v.getDefault(entry);
    assertEquals(JSON.stringify(shown.get(key)), JSON.stringify(expected));
  }
}

Deno.test("kolikko.toml.example marks what does not exist yet", async () => {
  const marked = EXAMPLE.replace(/^# (.*# not yet)$/gm, "$1");
  const { problems } = await bad(marked);
  assertEquals(
    problems.map(({ key }) => key.replace(/\[\d\]/, "")).sort(),
    [...NOT_YET].sort(),
  );
  for (const { message } of problems) {
    assertStringIncludes(message, "not supported by this version yet");
  }
});
