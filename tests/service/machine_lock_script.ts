/** Takes a rig's name on this machine and holds it until it is killed. */

import { systemClock } from "../../lib/clock.ts";
import { takeMachineLock } from "../../lib/service/machine_lock.ts";

setTimeout(() => Deno.exit(99), 60_000);
const lock = takeMachineLock(Deno.args[0] ?? "", systemClock);
await Deno.stdout.write(new TextEncoder().encode(`${lock.kind}\n`));
