/**
 * The program and the rules of the simulation as a copy that can be saved and
 * restored: `#field` becomes `_field`, as nothing else can reach it, and a few
 * constants become small, so that a small world has few moments. No other
 * character is changed.
 */

import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = ["lib", "tests/core", "tests/fakes", "tests/simulation"];

/** All times of a small world are so many of these. */
export const UNIT_MS = 1_000;

/** In units; a heartbeat would hide what has no wake-up of its own. */
const SMALL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "lib/core/decide.ts": {
    LOOK_AGAIN_MS: Infinity,
    LOOK_AGAIN_RUNNING_MS: Infinity,
  },
  "lib/core/ladder.ts": {
    LOOK_REST_MS_FIRST: 1,
    LOOK_REST_MS_MAX: 1,
    LOOK_SILENT_MS: 1,
    LOOK_MS_MAX: 4,
    KILL_REST_MS_FIRST: 2,
    KILL_REST_MS_MAX: 2,
    STUCK_AFTER_MS: 2,
  },
  "lib/core/hearing.ts": { REMARKABLE_MS: 1, REMARK_MS: 3 },
  "tests/simulation/run_rules.ts": {
    KILL_SLACK_MS: 1,
    LOOK_SILENT_MS: 1,
    KILL_REST_MS_MAX: 2,
    LOOK_REST_MS_MAX: 1,
  },
  "tests/simulation/word_rules.ts": { STUCK_AFTER_MS: 2 },
};

type Modules =
  & typeof import("../../lib/command_collection.ts")
  & typeof import("../../lib/core/decide.ts")
  & typeof import("../../lib/core/energy.ts")
  & typeof import("../../lib/core/report.ts")
  & typeof import("../../lib/doorbell.ts")
  & typeof import("../../lib/input_buffer.ts")
  & typeof import("../../lib/process/command.ts")
  & typeof import("../../lib/process/os_process.ts")
  & typeof import("../../lib/telemetry_buffer.ts")
  & typeof import("../simulation/invariants.ts");

/** What a world is made of. */
export type Opened = Pick<
  Modules,
  | "Command"
  | "CommandCollection"
  | "decide"
  | "Doorbell"
  | "InputBuffer"
  | "Invariants"
  | "NO_ENERGY"
  | "report"
  | "StartError"
  | "TelemetryBuffer"
>;

const FILES = [
  "lib/command_collection.ts",
  "lib/core/decide.ts",
  "lib/core/energy.ts",
  "lib/core/report.ts",
  "lib/doorbell.ts",
  "lib/input_buffer.ts",
  "lib/process/command.ts",
  "lib/process/os_process.ts",
  "lib/telemetry_buffer.ts",
  "tests/simulation/invariants.ts",
];

/** Makes the copy in a folder of its own, and loads it; the folder is gone afterwards. */
export async function open(): Promise<Opened> {
  const dir = await Deno.makeTempDir({ prefix: "kolikko_exploration_" });
  try {
    for (const folder of COPIED) await copy(join(ROOT, folder), dir);
    const modules: Modules[] = [];
    for (const file of FILES) {
      modules.push(await import(pathToFileURL(join(dir, file)).href));
    }
    return Object.assign({}, ...modules);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function copy(folder: string, dir: string): Promise<void> {
  await Deno.mkdir(join(dir, relative(ROOT, folder)), { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const from = join(folder, name);
    if (isDirectory) await copy(from, dir);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) {
      const path = relative(ROOT, from).replaceAll("\\", "/");
      const text = opened(path, await Deno.readTextFile(from));
      await Deno.writeTextFile(join(dir, path), text);
    }
  }
}

function opened(path: string, text: string): string {
  const isOpened = dirname(path) === "lib" || path.startsWith("tests/") ||
    path === "lib/process/command.ts";
  let copy = isOpened ? text.replace(/#([a-z][A-Za-z]*)/g, "_$1") : text;
  for (const [name, units] of Object.entries(SMALL[path] ?? {})) {
    const line = new RegExp(`^((?:export )?const ${name}) = [\\d_]+;$`, "m");
    if (!line.test(copy)) {
      throw new Error(
        `Cannot make "${name}" of ${path} small as it is not there: correct SMALL`,
      );
    }
    copy = copy.replace(line, `$1 = ${units * UNIT_MS};`);
  }
  return copy;
}
