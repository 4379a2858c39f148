/**
 * A controller's loop that hangs, beside real programs that it has started:
 * `hung_program.ts RIG LIMIT_MS LINES EXEC ARGS...`. It passes their lines on and
 * hangs some time after so many of them. As main.ts, it is loaded by the thread
 * that watches, too.
 */

import { systemClock } from "../../lib/clock.ts";
import { LoopWatch } from "../../lib/cli/loop_watch.ts";
import { openGuard } from "../../lib/cli/real_world.ts";
import { watch } from "../../lib/cli/watcher.ts";
import { makeMark } from "../../lib/process/mark.ts";
import { controllerId } from "../../lib/process/process_id.ts";
import { createSpawn } from "../../lib/process/spawn.ts";

const NOBODY = 65_534;

async function hang(): Promise<void> {
  const [rig = "", limit = "", lines = "", exec = "", ...args] = Deno.args;
  const limitMs = Number(limit);
  const guard = openGuard();
  const controller = controllerId(guard);
  const loop = new LoopWatch({ rig, controller, journal: false, limitMs });
  const mark = makeMark({ rig, command: "cpu", controller, run: "1" });
  if (isRoot()) await startForger(mark);
  void loop.run(new AbortController().signal, () => loop.turned());
  const ready = Promise.withResolvers<void>();
  let left = Number(lines);
  createSpawn({
    clock: systemClock,
    ...guard === undefined ? {} : { guard },
  })({
    name: "cpu",
    exec,
    args,
    cwd: Deno.cwd(),
    env: {},
    mark,
    onLine(line) {
      say(line);
      left -= 1;
      if (left === 0) ready.resolve();
    },
  });
  await ready.promise;
  // A loop that turns is left alone.
  await systemClock.sleep(2 * limitMs);
  say("hangs now");
  while (true);
}

function isRoot(): boolean {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" && Deno.uid() === 0;
}

/** Another user's program that carries a mark of ours. */
async function startForger(mark: string): Promise<void> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", "sleep 60 > /dev/null 2>&1 & echo $!"],
    env: { KOLIKKO_MARK: mark },
    uid: NOBODY,
  }).output();
  say(`stranger ${new TextDecoder().decode(stdout).trim()}`);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if ("WorkerGlobalScope" in globalThis) watch();
else await hang();
