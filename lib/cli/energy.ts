/** Where the controller's energy counts come from and go to. */

import { getLogger } from "@logtape/logtape";
import type { World } from "../controller.ts";
import { NO_ENERGY } from "../core/energy.ts";
import { AtomicFile } from "../service/atomic_file.ts";
import { EnergyFile } from "../service/energy_file.ts";

/** Counts that begin at 0 and are kept nowhere. */
export const UNKEPT_ENERGY: World["energy"] = {
  counts: NO_ENERGY,
  keep: () => Promise.resolve(),
};

/** Loads what was counted before; `stateDir` is where it is kept, if anywhere. */
export async function recallEnergy(
  rig: string,
  stateDir: string | undefined,
): Promise<World["energy"]> {
  if (stateDir === undefined) return UNKEPT_ENERGY;
  const path = `${stateDir}/${rig}.energy.json`;
  const kept = new EnergyFile({
    path,
    file: new AtomicFile({ path }),
    putAside: () => Deno.rename(path, `${path}.damaged`),
    log: getLogger(["kolikko", "energy"]),
  });
  const counts = await kept.load();
  return { counts, keep: (latest) => kept.keep(latest) };
}
