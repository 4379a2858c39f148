/**
 * Run by family_test.ts, as what comes back to a controller is a matter of the
 * whole process: starts a program whose helper clears its environment and flees,
 * looks, kills it, looks for zombies; prints what it saw as JSON.
 */

import { systemClock } from "../../lib/clock.ts";
import { NO_CGROUPS } from "../../lib/process/cgroup.ts";
import { openFamily } from "../../lib/process/family.ts";
import type { ProcessTable } from "../../lib/process/process_table.ts";
import { createProcessTable, createSpawn } from "../../lib/process/spawn.ts";
import { until } from "../stand_in/stand_in.ts";
import { shell } from "./test_cgroup.ts";

const [how = ""] = Deno.args;
setTimeout(() => Deno.exit(99), 30_000);
const clock = systemClock;
if (how === "first") await reapAsFirst();
const family = how === "hiding-alone"
  ? undefined
  : openFamily({ clock, isHeld: false });
const own = createProcessTable(clock);
/** As with hidepid: whatever is without our mark is another user's. */
const hiding: ProcessTable = {
  async read(since) {
    const look = await own.read(since);
    const entries = look.entries.filter((it) =>
      it.pid === Deno.pid || it.mark !== undefined
    );
    return { ...look, entries, isSharp: false, hidden: "processes are hidden" };
  },
};
const spawn = createSpawn({
  clock,
  table: how === "ours" ? own : hiding,
  cgroups: NO_CGROUPS,
  ...(family === undefined ? {} : { family }),
});
const FLEE = "(setsid env -i sh -c 'sleep 20 & wait' & ) & ";

let error = "";
const process = spawn(shell(`${FLEE} wait; sleep 0.3`));
await process.exited;
const found = await process.remaining().catch((it) => {
  error = it.message;
  return [];
});
await process.kill();
if (how === "ours") {
  await until(
    "nothing is left",
    async () => (await process.remaining()).length === 0,
  );
}
process.release();

const others = await new Deno.Command("sh", { args: ["-c", "exit 7"] })
  .output();
let reaped = false;
if (how === "ours") {
  await until("all zombies are reaped", () => zombies() === 0);
  reaped = true;
}
const report = { found, error, reaped, code: others.code };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
Deno.exit(0);

function zombies(): number {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/self/task/${name}/children`).split(" ")
      .filter((pid) => pid !== "")
  ).filter((pid) => / Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`)))
    .length;
}

/** The first process of a container: it gets every orphan, also where a cgroup holds each run. */
async function reapAsFirst(): Promise<never> {
  const family = openFamily({ clock, isHeld: true });
  await new Deno.Command("sh", { args: ["-c", "(sleep 0.1 &) & exit 0"] })
    .output();
  await until("it has a zombie", () => zombies() > 0);
  await until("it is reaped", () => zombies() === 0);
  const report = { found: [], error: `${Deno.pid}`, orphans: family?.orphans };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
  Deno.exit(0);
}
