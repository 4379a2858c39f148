/**
 * Run by narrow_test.ts without all permissions: starts a tree with a helper
 * that flees, kills it, prints what it found as JSON.
 */

import { systemClock } from "../../lib/clock.ts";
import { capabilities } from "../../lib/process/capabilities.ts";
import { createSpawn } from "../../lib/process/spawn.ts";
import { standInSpec, until } from "../stand_in/stand_in.ts";

const pidsPath = Deno.args[0] ?? "";
const spawn = createSpawn({ clock: systemClock });
const process = spawn(
  standInSpec(["--escape", "--fork", "1", "--pids-file", pidsPath]),
);
await until(
  "the tree is there",
  () => Deno.readTextFileSync(pidsPath).split("\n").length > 4,
);
const found = await process.remaining();
await process.kill();
const exit = await process.exited;
let left = await process.remaining();
for (let tries = 0; left.length > 0 && tries < 50; tries += 1) {
  await systemClock.sleep(20);
  left = await process.remaining();
}
process.release();
const report = { found: found.length, exit, left, missing: capabilities() };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
