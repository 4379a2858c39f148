/** What an earlier run of the controller left on this machine, before anything else is done. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { findLeftovers } from "../process/leftovers.ts";
import type { Leftover } from "../process/os_process.ts";
import { bootId } from "../process/process_id.ts";
import { createProcessTable } from "../process/spawn.ts";

const log = getLogger(["kolikko", "leftovers"]);

/** What is to be stopped; or why nothing may be started, in words for the owner. */
export async function lookForLeftovers(config: Config): Promise<{
  readonly leftovers: readonly Leftover[];
  readonly rival: string | undefined;
}> {
  const { id } = config.rig;
  const { leftovers, rival, blind } = await findLeftovers({
    rig: id,
    commands: config.commands.map(({ name }) => name),
    record: [],
    table: createProcessTable(systemClock),
    clock: systemClock,
    boot: bootId(),
  });
  if (blind !== undefined) {
    log.warn("Cannot see whether an earlier run left programs running", {
      reason: blind,
    });
  }
  if (rival === undefined) return { leftovers, rival: undefined };
  log.error("Another controller runs already", { rig: id, ...rival });
  return {
    leftovers: [],
    rival: `Cannot start as another controller of rig "${id}" runs already, ` +
      `process ${rival.pid}, and has started "${rival.command}": end that one, ` +
      `or give this one an "id" of its own in [rig]`,
  };
}
