/** `kolikko.toml`: finds it, reads it, and tells all that is wrong with it at once. */

import { basename, join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import type { Config } from "./config/types.ts";
import { checkCombinations } from "./config/combinations.ts";
import {
  type Complaint,
  missingKey,
  type Problem,
  toProblems,
  unknownKey,
} from "./config/complaints.ts";
import { toDraft } from "./config/draft.ts";
import { findLines } from "./config/lines.ts";
import { readText } from "./config/read_text.ts";
import { type Path, SCHEMA, unknownKeys } from "./config/schema.ts";
import { syntaxProblem } from "./config/syntax.ts";
import { toConfig } from "./config/to_config.ts";

export type { Config, Problem };

/** The configuration cannot be used; the message has one line for each problem. */
export class ConfigError extends Error {
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => lineFor(file, problem)).join("\n"));
    this.name = "ConfigError";
    this.file = file;
    this.problems = problems;
  }
}

/** The name that is looked for. */
export const CONFIG_NAME = "kolikko.toml";

/** What the environment may say instead of the file, so that no secret stands in it. */
export const PASSWORD_VARIABLE = "KOLIKKO_MQTT_PASSWORD";

function lineFor(file: string, { line, key, message }: Problem): string {
  const place = line === undefined ? "" : `:${line}`;
  return `${basename(file)}${place}: ${key === "" ? "" : `${key}: `}${message}`;
}

/**
 * The text of a `kolikko.toml` as a Config.
 * @throws {ConfigError} with everything that is wrong with it.
 */
export async function parseConfig(
  text: string,
  options: { file: string; env: Readonly<Record<string, string>> },
): Promise<Config> {
  const { file, env } = options;
  // Editors on Windows put a mark in front that is no part of the text.
  const plain = text.replace(/^\ufeff/, "");
  const raw = parseToml(plain, file);
  const password = env[PASSWORD_VARIABLE] || undefined;

  const result = v.safeParse(SCHEMA, raw, { abortEarly: false });
  const complaints = [
    ...unknownKeys(raw).map(unknownKey),
    ...(result.issues ?? []).map(toComplaint),
  ];
  const wrong = complaints.map(({ path }) => path);
  complaints.push(
    ...checkCombinations(toDraft(result.output, wrong), password),
  );
  if (result.success && complaints.length === 0) {
    return toConfig(result.output, { file, password });
  }
  const lineOf = await findLines(plain);
  throw new ConfigError(file, toProblems(complaints, lineOf));
}

function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new ConfigError(file, [syntaxProblem(error, text)]);
  }
}

function toComplaint(issue: v.BaseIssue<unknown>): Complaint {
  const path: Path = (issue.path ?? []).map(({ key }) =>
    typeof key === "number" ? key : String(key)
  );
  const missing = issue.path?.at(-1)?.origin === "key" &&
    issue.type === "object";
  return missing ? missingKey(path) : { path, message: issue.message };
}

/**
 * Where the configuration is: as given, else beside the binary, else in the
 * working directory.
 * @throws {ConfigError} that names every place where it is not.
 */
export async function findConfig(options: {
  /** What `--config` says. */
  given: string | undefined;
  /** The folder of the binary, if it is compiled. */
  execDir: string | undefined;
  cwd: string;
}): Promise<string> {
  const { given, execDir, cwd } = options;
  const places = given !== undefined
    ? [resolve(cwd, given)]
    : [...new Set([execDir ?? cwd, cwd])].map((dir) => join(dir, CONFIG_NAME));
  for (const place of places) if (await exists(place)) return place;
  for (const place of places) {
    // Editors on Windows put it behind the name, and the file manager hides it.
    const wrong = `${place}.txt`;
    if (await exists(wrong)) throw notFound(place, `rename "${wrong}" to that`);
  }
  const quotedPlaces = places.map((place) => `"${place}"`).join(" or ");
  throw notFound(
    places.at(-1) ?? CONFIG_NAME,
    "copy kolikko.toml.example there and edit it, or name a file with --config FILE",
    quotedPlaces,
  );
}

function notFound(
  file: string,
  advice: string,
  places = `"${file}"`,
): ConfigError {
  const message =
    `Cannot find the configuration, looked for ${places}; ${advice}`;
  return new ConfigError(file, [{ line: undefined, key: "", message }]);
}

async function exists(file: string): Promise<boolean> {
  try {
    await Deno.stat(file);
    return true;
  } catch (error) {
    // Whatever else is wrong with it, reading it will tell.
    return !(error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory);
  }
}

/**
 * Reads and parses the file.
 * @throws {ConfigError} if it cannot be read, or with everything that is wrong with it.
 */
export async function loadConfig(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<Config> {
  const file = resolve(path);
  const { text, fault } = await readText(file);
  if (text === undefined) {
    throw new ConfigError(file, [{ line: undefined, key: "", message: fault }]);
  }
  return parseConfig(text, { file, env });
}
