/** docs/miners.md says what the program does. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Config } from "../../lib/config.ts";
import { watchdogAdvice } from "../../lib/core/own_watchdog.ts";
import { FAMILIES } from "../../lib/telemetry/families.ts";
import { wayOf } from "../../lib/telemetry/way.ts";
import { good } from "../config/bad.ts";

const PAGE = await Deno.readTextFile(
  new URL("../../docs/miners.md", import.meta.url),
);

/** Each block, and the heading that it stands below. */
const BLOCKS = PAGE.split(/^## /m).flatMap((part) => {
  const heading = part.slice(0, part.indexOf("\n"));
  return [...part.matchAll(/```toml\n([\s\S]*?)```/g)].map((match) => ({
    heading,
    toml: match[1] ?? "",
  }));
});

function load(toml: string): Promise<Config> {
  return good(`[mqtt]\nurl = "mqtt://192.0.2.5"\n\n${toml}`);
}

/** How each command of a block is read: `xmrig 127.0.0.1:18088`, or `stdout`. */
async function ways(toml: string): Promise<string[]> {
  const config = await load(toml);
  return config.commands.map((command, index) => {
    const settings = config.telemetry[index];
    assert(settings !== undefined);
    const way = wayOf(settings, command);
    if (way.kind !== "api") return way.kind;
    return `${way.reader.family} ${way.where.host}:${way.where.port}`;
  });
}

/** The families that a row of the table promises for a heading. */
function promised(heading: string): string[] {
  const rows = PAGE.split("\n").filter((line) => line.startsWith("| "));
  const anchor = heading.toLowerCase().replace(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
  return rows.filter((row) => row.includes(`(#${anchor})`))
    .flatMap((row) => /`(\w+)`/.exec(row)?.[1] ?? []);
}

Deno.test("docs/miners.md has a row for each family, and a section for each row", () => {
  const said = PAGE.replaceAll(/ +/g, " ");
  for (const family of FAMILIES) {
    assertStringIncludes(said, `| \`${family}\` |`);
  }
  for (const [, anchor] of PAGE.matchAll(/\(#([\w-]+)\)/g)) {
    const headings = [...PAGE.matchAll(/^## (.*)$/gm)].map((match) =>
      (match[1] ?? "").toLowerCase().replace(/[^\w\s-]/g, "")
        .replaceAll(" ", "-")
    );
    assert(headings.includes(anchor ?? ""), `no section for #${anchor}`);
  }
});

Deno.test("docs/miners.md shows blocks that are read as the table says", async () => {
  let seen = 0;
  for (const { heading, toml } of BLOCKS) {
    const [family] = promised(heading);
    if (family === undefined) continue;
    for (const way of await ways(toml)) {
      seen += 1;
      assertEquals(way.split(" ")[0], family, heading);
    }
  }
  assertEquals(seen, FAMILIES.length + 5);
});

Deno.test("docs/miners.md shows ports that the arguments open", async () => {
  for (const { heading, toml } of BLOCKS) {
    for (const way of await ways(toml)) {
      const port = /:(\d+)$/.exec(way)?.[1];
      if (port === undefined || heading === "Bitaxe") continue;
      assertStringIncludes(toml, port, heading);
    }
  }
});

Deno.test("docs/miners.md leaves no miner its own watchdog", async () => {
  for (const { heading, toml } of BLOCKS) {
    const { commands } = await load(toml);
    for (const { exec, args } of commands) {
      assertEquals(watchdogAdvice(exec, args), undefined, heading);
    }
  }
});
