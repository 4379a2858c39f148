/** Counts energy into a folder, again and again, as a controller does, and says each count that is kept. */

import { recallEnergy } from "../../lib/cli/energy.ts";
import type { EnergyCounts } from "../../lib/core/energy.ts";

setTimeout(() => Deno.exit(99), 60_000);
const energy = await recallEnergy("rig", Deno.args[0]);
let { starts } = energy.counts.total;
while (true) {
  starts += 1;
  const count = { kwh: starts / 1000, heatHours: starts / 100, starts };
  const counts: EnergyCounts = {
    total: count,
    commands: new Map([["cpu", count], ["gpu", count]]),
  };
  await energy.keep(counts);
  await Deno.stdout.write(new TextEncoder().encode(`${starts}\n`));
}
