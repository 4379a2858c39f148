/** Which way a command is read: by its API, by its output, or not at all. */

import type { Family } from "./families.ts";
import type { Reader, Where } from "./reader.ts";
import { READERS } from "./readers.ts";
import { recognise } from "./recognise.ts";
import type { Program, TelemetrySettings } from "./settings.ts";

/** The way, and what would be better, if anything. */
export type Way =
  | { readonly kind: "none" }
  | { readonly kind: "api"; readonly reader: Reader; readonly where: Where }
  | { readonly kind: "stdout"; readonly advice: string | undefined };

/** What the settings, the program's name and its arguments come to. */
export function wayOf(settings: TelemetrySettings, program: Program): Way {
  const { api, patterns } = settings;
  if (api === "none") return { kind: "none" };
  if (api === "stdout") return { kind: "stdout", advice: undefined };
  const known = recognise(program.exec, program.args);
  const family = api === "auto" ? known?.family : api;
  // Who writes patterns wants the lines to be read.
  if (api === "auto" && patterns.length > 0) {
    return { kind: "stdout", advice: undefined };
  }
  if (family === undefined) return { kind: "stdout", advice: undefined };
  const fitting = known?.family === family ? known : undefined;
  const port = settings.port ?? portOf(family, fitting);
  if (port === undefined) {
    return { kind: "stdout", advice: READERS[family].advice };
  }
  const host = settings.port === undefined && settings.host === LOCAL
    ? fitting?.host ?? LOCAL
    : settings.host;
  const { token } = settings;
  return {
    kind: "api",
    reader: READERS[family],
    where: { host, port, ...(token === undefined ? {} : { token }) },
  };
}

const LOCAL = "127.0.0.1";

/** What the arguments say; the usual port only if nothing is known of them. */
function portOf(
  family: Family,
  fitting: { readonly port: number | undefined } | undefined,
): number | undefined {
  return fitting === undefined ? READERS[family].defaultPort : fitting.port;
}
