/**
 * A controller's loop that hangs, beside real programs that it has started:
 * `hung_program.ts RIG LIMIT_MS EXEC ARGS...`. As main.ts, it is loaded by the
 * thread that watches, too.
 */

import { systemClock } from "../../lib/clock.ts";
import { LoopWatch } from "../../lib/cli/loop_watch.ts";
import { watch } from "../../lib/cli/watcher.ts";
import { makeMark } from "../../lib/process/mark.ts";
import { controllerId } from "../../lib/process/process_id.ts";
import { createSpawn } from "../../lib/process/spawn.ts";

async function hang(): Promise<void> {
  const [rig = "", limit = "", exec = "", ...args] = Deno.args;
  const limitMs = Number(limit);
  const controller = controllerId(undefined);
  const loop = new LoopWatch({ rig, controller, journal: false, limitMs });
  void loop.run(new AbortController().signal, () => loop.turned());
  const ready = Promise.withResolvers<void>();
  const mark = makeMark({ rig, command: "cpu", controller, run: "1" });
  createSpawn({ clock: systemClock })({
    name: "cpu",
    exec,
    args,
    cwd: Deno.cwd(),
    env: {},
    mark,
    onLine: (line) => line.includes("ready") ? ready.resolve() : undefined,
  });
  await ready.promise;
  // A loop that turns is left alone.
  await systemClock.sleep(2 * limitMs);
  Deno.stdout.writeSync(new TextEncoder().encode("hangs now\n"));
  while (true);
}

if ("WorkerGlobalScope" in globalThis) watch();
else await hang();
