/** `kolikko check`: tries all that the controller needs, and says what to do. */

import { configureSync } from "@logtape/logtape";
import type { Config } from "../config.ts";
import { checkBroker, isElsewhere } from "./check/broker.ts";
import { checkCommands } from "./check/commands.ts";
import { type Finding, summaryOf, tableOf } from "./check/finding.ts";
import { checkMachine } from "./check/machine.ts";
import { configured } from "./configured.ts";
import { exposures } from "./exposure.ts";
import { takePlace } from "./place.ts";

export interface CheckOptions {
  readonly config: string | undefined;
  readonly stdout: { readonly write: (text: string) => void };
  readonly stderr: (text: string) => void;
}

/** Prints a table; returns 0 if nothing has to be put right, else 1, or 2 for a bad configuration. */
export async function check(options: CheckOptions): Promise<number> {
  const { stdout, stderr } = options;
  const config = await configured(options.config, stderr);
  if (config === undefined) return 2;
  // What the parts log stands in the table.
  configureSync({
    reset: true,
    sinks: {},
    loggers: [{ category: ["logtape", "meta"], sinks: [] }],
  });
  const findings = await findAll(config);
  stdout.write(tableOf(findings));
  stdout.write("");
  stdout.write(summaryOf(findings));
  return findings.some(({ level }) => level === "wrong") ? 1 : 0;
}

async function findAll(config: Config): Promise<Finding[]> {
  const place = await takePlace(config.rig.id);
  const runs = place.kind === "taken";
  const exposed = await exposures(config);
  try {
    const [broker, machine] = await Promise.all([
      checkBroker(config, { runs }),
      checkMachine(config, place.kind === "ours" ? place : undefined),
    ]);
    const commands = await checkCommands(config, {
      runs,
      isElsewhere: isElsewhere(broker),
    });
    return [
      { level: "ok", what: "file", found: config.file },
      ...exposed.map((found): Finding => ({
        level: "wrong",
        what: "file",
        found,
      })),
      {
        level: "ok",
        what: "controller",
        found: runs ? place.message : `none runs for rig "${config.rig.id}"`,
      },
      ...broker,
      ...commands,
      ...machine,
    ];
  } finally {
    if (place.kind === "ours") place.leave();
  }
}
