/** The rules of the house that a test can check. */

import { assert, assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  /** From the top level, with slashes. */
  readonly path: string;
  readonly text: string;
}

async function sources(dir: string): Promise<Source[]> {
  const found: Source[] = [];
  for await (const entry of Deno.readDir(join(ROOT, dir))) {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (path.endsWith(".ts")) {
      found.push({ path, text: await Deno.readTextFile(join(ROOT, path)) });
    }
  }
  return found;
}

async function program(): Promise<Source[]> {
  const main = await Deno.readTextFile(join(ROOT, "main.ts"));
  return [{ path: "main.ts", text: main }, ...await sources("lib")];
}

/** What a file imports, local files as paths from the top level. */
function importsOf({ path, text }: Source): string[] {
  const found = text.matchAll(
    /^(?:import|export)\s[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return [...found].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    if (!name.startsWith(".")) return name;
    return relative(ROOT, join(ROOT, dirname(path), name))
      .replaceAll("\\", "/");
  });
}

/** The room of the house a file lives in: `core`, `mqtt`, ..., or its own name. */
function roomOf(path: string): string {
  const [top, second = "", third] = path.split("/");
  if (top !== "lib") return top ?? "";
  return third === undefined ? second : second;
}

const LEAVES = ["clock.ts", "log.ts", "doorbell.ts"];
const EDGES = ["mqtt", "process", "telemetry", "service", "web"];
const SPINE = ["input_buffer.ts", "output_buffer.ts", "telemetry_buffer.ts"];
/** Which rooms a room may import from, besides itself. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  core: [],
  types: [],
  platform: ["core"],
  config: ["core", "mqtt", "process", "telemetry", "log_settings.ts"],
  "config.ts": ["config", "core", "mqtt", "process", "log_settings.ts"],
  "clock.ts": ["core"],
  "doorbell.ts": ["clock.ts"],
  "log.ts": ["journal.ts", "log_file.ts", "log_settings.ts"],
  "log_file.ts": [],
  "journal.ts": [],
  "log_settings.ts": [],
  "stdout.ts": [],
  "run_group.ts": [],
  "sleep_watch.ts": ["clock.ts"],
  "input_buffer.ts": [...LEAVES, "core", "sleep_watch.ts"],
  "output_buffer.ts": [...LEAVES, "core"],
  mqtt: [...LEAVES, ...SPINE, "core"],
  process: [...LEAVES, "core", "platform"],
  service: [...LEAVES, "core", "platform"],
  telemetry: [...LEAVES, "telemetry_buffer.ts", "core"],
  "telemetry_buffer.ts": [...LEAVES, "core"],
  "command_collection.ts": [...LEAVES, ...SPINE, "core", "process"],
  "controller.ts": [
    ...LEAVES,
    ...SPINE,
    "core",
    "mqtt",
    "process",
    "command_collection.ts",
    "config.ts",
    "run_group.ts",
  ],
};

Deno.test("The rooms of lib/ import in one direction only", async () => {
  const wrong: string[] = [];
  for (const source of await program()) {
    const room = roomOf(source.path);
    const may = MAY[room];
    if (may === undefined) continue;
    for (const name of importsOf(source)) {
      if (!name.startsWith("lib/") && name !== "main.ts") continue;
      const other = roomOf(name);
      if (other === room || may.includes(other)) continue;
      wrong.push(`${source.path} imports ${name}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("Every room of lib/ has its rule, or is where all are wired", async () => {
  const wired = ["cli", "demo", "dev"];
  const rooms = new Set(
    (await sources("lib")).map(({ path }) => roomOf(path)),
  );
  const known = [...Object.keys(MAY), ...wired, ...EDGES];
  assertEquals([...rooms].filter((room) => !known.includes(room)), []);
});

Deno.test("Files of lib/core/ are pure: no clock, no I/O, no await, no logging", async () => {
  const impure =
    /\bawait\b|\basync\b|\bDeno\.|\bDate\b|performance\.|setTimeout|setInterval|Math\.random|console\.|fetch\(/;
  const wrong: string[] = [];
  for (const source of await sources("lib/core")) {
    const code = source.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const match = code.match(impure);
    if (match !== null) wrong.push(`${source.path}: ${match[0]}`);
    for (const name of importsOf(source)) {
      if (!name.startsWith("lib/core/")) wrong.push(`${source.path}: ${name}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("Only clock.ts reads the time in lib/", async () => {
  const reads = /\bDate\.now\(|new Date\(\)|performance\.now\(/;
  const may = ["lib/clock.ts"];
  const wrong = (await program())
    .filter(({ path }) => !may.includes(path) && !path.startsWith("lib/dev/"))
    .filter(({ text }) => reads.test(text))
    .map(({ path }) => path);
  assertEquals(wrong, []);
});

Deno.test("Files do not import each other in circles", async () => {
  const graph = new Map<string, string[]>();
  for (const source of await program()) {
    graph.set(source.path, importsOf(source));
  }
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      // Types may refer to each other across a wire; code may not.
      throw new Error(`In a circle: ${[...trail, path].join(" -> ")}`);
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) {
      if (graph.has(next)) visit(next, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("What clears the promise that it is kept in awaits something first", async () => {
  // Otherwise it may clear it before it is set, and the finished promise stays for ever.
  const wrong: string[] = [];
  let seen = 0;
  for (const { path, text } of await program()) {
    const kept = text.matchAll(
      /(?:this\.#)?(\w+) \?\?= (?:this\.#)?(\w+)\(\);/g,
    );
    for (const [, variable, name] of kept) {
      const body = text.match(
        new RegExp(`async (?:function |#)${name}\\([^]*?\\n {2}}\n`),
      )?.[0];
      if (!body?.includes(`${variable} = undefined`)) continue;
      seen += 1;
      const [first = ""] = body.split(/\b(?:if|while|for|return|try)\b/);
      if (!/\bawait\b/.test(first)) wrong.push(`${path}: ${name}()`);
    }
  }
  assertEquals(wrong, []);
  assert(seen >= 4, `found ${seen} alone`);
});

Deno.test("Only the demo and the tests know the embedded broker", async () => {
  const wrong = (await program())
    .filter((source) => importsOf(source).includes("aedes"))
    .map(({ path }) => path)
    .filter((path) => !path.startsWith("lib/demo/"));
  assertEquals(wrong, []);
});

Deno.test("No file is longer than 420 lines, and main.ts not longer than 80", async () => {
  const all = [...await program(), ...await sources("tests")];
  const long = all
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ path, lines }) => lines > (path === "main.ts" ? 80 : 420));
  assertEquals(long, []);
});

Deno.test("Every exported thing in lib/ has a line that says what it is", async () => {
  const wrong: string[] = [];
  for (const { path, text } of await sources("lib")) {
    const lines = text.split("\n");
    for (const [index, line] of lines.entries()) {
      const name = line.match(
        /^export (?:async |abstract )*(?:function\*?|class|const|interface|type) (\w+)/,
      )?.[1];
      if (name === undefined) continue;
      const above = lines[index - 1]?.trim() ?? "";
      // Options and the like are told by the thing they belong to.
      if (/(Options|Spec)$/.test(name)) continue;
      if (!above.endsWith("*/") && !above.startsWith("//")) {
        wrong.push(`${path}: ${name}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("The top level holds what it should, and nothing else", async () => {
  const allowed = new Set([
    "main.ts",
    "lib",
    "tests",
    "deno.json",
    "deno.lock",
    "kolikko.toml.example",
    "docs",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
  ]);
  const ignored = new Set(["dist", "logs", "coverage", "kolikko.toml"]);
  const strange: string[] = [];
  for await (const { name } of Deno.readDir(ROOT)) {
    if (name.startsWith(".") || allowed.has(name) || ignored.has(name)) {
      continue;
    }
    strange.push(name);
  }
  assertEquals(strange, []);
  assert(allowed.size > 0);
});
