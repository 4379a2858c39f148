/**
 * The real controller, broker and processes, but one part of it fails soon
 * after the first start: `failing_program.ts HOW run --config FILE`.
 */

import { systemClock } from "../../lib/clock.ts";
import { control } from "../../lib/cli/run.ts";
import { realWorld } from "../../lib/cli/real_world.ts";
import { listenForEnd } from "../../lib/cli/signals.ts";
import { loadConfig } from "../../lib/config.ts";
import type { World } from "../../lib/controller.ts";
import { openLog } from "../../lib/log.ts";
import { openStdout } from "../../lib/stdout.ts";

const FAILS_AFTER_MS = 300;
/** What nobody catches comes in a crowd. */
const CROWD_MS = [0, 0, 1, 5, 20, 100, 300];

const [how, , , file = ""] = Deno.args;
const config = await loadConfig(file, {});
const stdout = openStdout();
await openLog({
  settings: config.log,
  commands: config.commands.map(({ name }) => name),
  write: stdout.write,
});

const started = Promise.withResolvers<void>();
const real = realWorld(config, { version: "test" });
const world: World = {
  ...real,
  telemetry: {
    ...real.telemetry,
    async run() {
      await started.promise;
      await systemClock.sleep(FAILS_AFTER_MS);
      if (how !== "crowd") throw new Error("a part fails");
      for (const ms of CROWD_MS) {
        void systemClock.sleep(ms).then(() => {
          throw new Error(`nobody catches the one after ${ms} ms`);
        });
      }
      await new Promise(() => {});
    },
  },
  spawn(spec) {
    const process = real.spawn(spec);
    started.resolve();
    if (how !== "unproven") return process;
    const { pid, killOnly, exited } = process;
    return {
      pid,
      killOnly,
      exited,
      signal: (name) => process.signal(name),
      kill: () => process.kill(),
      // As if the kernel could not end it.
      remaining: () => Promise.resolve([{ pid, name: "stuck" }]),
      release: () => process.release(),
    };
  },
};
const code = await control(config, world, {
  signals: listenForEnd({ endsAtHangup: false }),
});
await stdout.flush(1_000);
Deno.exit(code);
