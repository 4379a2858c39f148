/** How the owner wants a command's program to be read; see `kolikko.toml`, `[command.telemetry]`. */

import type { Family } from "./families.ts";

/** What stands in the configuration. */
export interface TelemetrySettings {
  readonly api: "auto" | "none" | "stdout" | Family;
  readonly host: string;
  /** Undefined: from the arguments, or the program's usual one. */
  readonly port: number | undefined;
  /** The API's password; never logged. */
  readonly token: string | undefined;
  readonly intervalMs: number;
  /** What the owner knows of the program's lines, as `linePattern()` takes it. */
  readonly patterns: readonly string[];
}

/** What is known of a command besides. */
export interface Program {
  readonly name: string;
  readonly exec: string;
  readonly args: readonly string[];
}
