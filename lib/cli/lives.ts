/** Whether this controller may heat at once, as those before it ended. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { World } from "../controller.ts";
import { bootId } from "../process/process_id.ts";
import { AtomicFile } from "../service/atomic_file.ts";
import { LivesFile } from "../service/lives_file.ts";

const log = getLogger(["kolikko", "lives"]);

/** A life of the controller, from its begin on. */
export interface Life {
  /** What it brings into the controller's world. */
  readonly part: Pick<World, "startHold">;
  /** It ended in order; without this the next start counts it as unclean. */
  readonly end: () => Promise<void>;
}

/** Writes down that a controller begins; `stateDir` is where that is kept, if anywhere. */
export async function startLife(
  rig: string,
  stateDir: string | undefined,
): Promise<Life> {
  if (stateDir === undefined) {
    return { part: {}, end: () => Promise.resolve() };
  }
  const file = new AtomicFile({ path: `${stateDir}/${rig}.lives.json` });
  const lives = new LivesFile({ file, log });
  const startHold = await lives.begin({
    boot: bootId() ?? "",
    upMs: systemClock.uptime(),
    wallMs: systemClock.wall(),
  });
  if (startHold === undefined) return { part: {}, end: () => lives.end() };
  log.error("Heat is held, as the controller did not end in order before", {
    times: startHold.ends ?? "unknown",
    forMs: Math.round(startHold.forMs),
  });
  return { part: { startHold }, end: () => lives.end() };
}
