/** What `kolikko.toml` becomes. */

import type { Topics } from "../core/topics.ts";
import type { Limits } from "../core/types.ts";
import type { LogSettings } from "../log_settings.ts";
import type { BrokerSettings } from "../mqtt/link.ts";
import type { Family } from "../telemetry/families.ts";
import type { CommandSpec } from "../process/command_spec.ts";

/** How one command's program is read; see `[command.telemetry]`. */
export interface TelemetrySettings {
  readonly api: "auto" | "none" | "stdout" | Family;
  readonly host: string;
  /** Undefined: from the arguments, or the program's usual one. */
  readonly port: number | undefined;
  /** The API's password; never logged. */
  readonly token: string | undefined;
  readonly intervalMs: number;
  /** What the owner knows of the program's output. */
  readonly patterns: {
    readonly hashrate: string | undefined;
    readonly accepted: string | undefined;
    readonly rejected: string | undefined;
  };
}

/** What the owner configured; each part of the program gets its slice. */
export interface Config {
  /** Where it was read from, absolute. */
  readonly file: string;
  readonly rig: { readonly id: string; readonly name: string };
  readonly broker: BrokerSettings;
  readonly topics: Topics;
  readonly limits: Limits;
  /** In the order of the stages, as in `limits.commands`. */
  readonly commands: readonly CommandSpec[];
  /** The same order again. */
  readonly telemetry: readonly TelemetrySettings[];
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly allowShutdown: boolean;
  readonly log: LogSettings;
}
