/** docs/home-assistant.md says what the program does. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { documentsOf } from "../../lib/mqtt/discovery/documents.ts";
import { good, LEAST } from "../config/bad.ts";

const PAGE = await Deno.readTextFile(
  new URL("../../docs/home-assistant.md", import.meta.url),
);

async function document() {
  const { rig, topics, discovery, retainedCommands } = await good(LEAST);
  const [text = "{}"] = documentsOf({
    ...discovery,
    rig,
    topics,
    retainedCommands,
    version: "1",
    features: {
      commands: [{ name: "name", isRead: true }],
      power: true,
      temperature: true,
    },
  }).values();
  return JSON.parse(text);
}

Deno.test("docs/home-assistant.md names every entity", async () => {
  const { components } = await document();
  const table = PAGE.slice(PAGE.indexOf("## 2."), PAGE.indexOf("## 3."));
  for (
    const [key, body] of Object.entries<Record<string, unknown>>(components)
  ) {
    const name = body["name"];
    if (name === null) {
      assertStringIncludes(table, "the device's own switch");
      continue;
    }
    // "name hashrate" stands as "*name* hashrate".
    const words = `${name}`.replace(/^name /, "").replace(/ shares$/, "");
    assertStringIncludes(table, words, key);
  }
});

Deno.test("docs/home-assistant.md uses ids and topics that there are", async () => {
  const { components } = await document();
  const ids = Object.values<Record<string, unknown>>(components)
    .map((body) => body["default_entity_id"]);
  const used = [...PAGE.matchAll(/\b(?:switch|binary_sensor)\.kolikko1_\w+/g)];
  assert(used.length > 3);
  for (const [id] of used) assert(ids.includes(id), id);
  const { topics } = await good(LEAST);
  for (
    const [name, topic] of [
      ["command_topic", topics.command],
      ["state_topic", topics.status],
      ["availability_topic", topics.availability],
    ]
  ) {
    assertStringIncludes(PAGE, `${name}: ${topic}\n`);
  }
});

Deno.test("docs/home-assistant.md shows settings that are taken", async () => {
  const blocks = [...PAGE.matchAll(/```toml\n([\s\S]*?)```/g)];
  assertEquals(blocks.length, 1);
  for (const [, toml = ""] of blocks) {
    const { limits } = await good(LEAST + toml);
    assertEquals(limits.heat.silentAfterMs, 600_000);
  }
});
