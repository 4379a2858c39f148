/**
 * A controller that a test kills: it starts a tree of three generations, says
 * the line of each, and stays for a minute at most.
 */

import { systemClock } from "../../lib/clock.ts";
import { childEnvironment, drain } from "../../lib/process/child.ts";
import { guardController } from "../../lib/process/windows_job.ts";
import { spawnWindows } from "../../lib/process/windows_process.ts";
import { standIn } from "./windows_helpers.ts";

const LIFE_MS_MAX = 60_000;

spawnWindows({
  name: "miner",
  exec: Deno.execPath(),
  path: Deno.execPath(),
  args: standIn("tree", "2"),
  cwd: Deno.cwd(),
  env: {},
  mark: "mark-1",
  onLine: say,
}, {
  guard: guardController(),
  drain,
  environment: childEnvironment,
  clock: systemClock,
  systemRoot: undefined,
  onUnguarded: say,
});
await systemClock.sleep(LIFE_MS_MAX);
Deno.exit(1);

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
