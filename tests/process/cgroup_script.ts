/**
 * Run by cgroup_test.ts as a controller in a cgroup of its own: starts a program
 * whose helper clears its environment and flees, kills it, prints what it saw as JSON.
 */

import { systemClock } from "../../lib/clock.ts";
import { createSpawn } from "../../lib/process/spawn.ts";
import { standInSpec, until } from "../stand_in/stand_in.ts";

const [ownCgroup = "", pidsPath = ""] = Deno.args;
setTimeout(() => Deno.exit(99), 30_000);
await until(
  "we are in our cgroup",
  () => Deno.readTextFileSync("/proc/self/cgroup").includes(ownCgroup),
);
const spawn = createSpawn({ clock: systemClock });
const process = spawn(
  standInSpec(["--clear-env-escape", "--leave", "--pids-file", pidsPath], {
    mark: "rig/miner/run",
  }),
);
await process.exited;
await until(
  "the helper is there",
  () => Deno.readTextFileSync(pidsPath).split("\n").length > 3,
);
const found = await process.remaining();
const fled = Deno.readTextFileSync(`/proc/${found[0]?.pid}/cgroup`);
await process.kill();
await until(
  "nothing is left",
  async () => (await process.remaining()).length === 0,
);
process.release();
const report = { found: found.length, fled };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
Deno.exit(0);
