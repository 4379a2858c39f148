/** What `kolikko.toml` becomes. */

import type { Topics } from "../core/topics.ts";
import type { Limits } from "../core/types.ts";
import type { LogSettings } from "../log_settings.ts";
import type { BrokerSettings } from "../mqtt/link.ts";
import type { TelemetrySettings } from "../telemetry/settings.ts";
import type { CommandSpec } from "../process/command_spec.ts";

/** What the owner configured; each part of the program gets its slice. */
export interface Config {
  /** Where it was read from, absolute. */
  readonly file: string;
  /** A password or token stands in it. */
  readonly hasSecrets: boolean;
  readonly rig: { readonly id: string; readonly name: string };
  readonly broker: BrokerSettings;
  readonly topics: Topics;
  readonly limits: Limits;
  /** In the order of the stages, as in `limits.commands`. */
  readonly commands: readonly CommandSpec[];
  /** The same order again. */
  readonly telemetry: readonly TelemetrySettings[];
  readonly discovery: {
    readonly mode: "device" | "single" | "off";
    /** Of Home Assistant's discovery topics. */
    readonly prefix: string;
  };
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly allowShutdown: boolean;
  readonly log: LogSettings;
}
