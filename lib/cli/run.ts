/** `kolikko run`: the controller with the owner's configuration. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { Controller, type World } from "../controller.ts";
import { closeLog, LogError, openLog } from "../log.ts";
import { watchdogAdvice } from "../core/own_watchdog.ts";
import { capabilities } from "../process/capabilities.ts";
import { NO_CGROUPS } from "../process/cgroup.ts";
import { openFamily } from "../process/family.ts";
import { startTicksOf } from "../process/process_id.ts";
import type { Stdout } from "../stdout.ts";
import { configured } from "./configured.ts";
import { recallEnergy } from "./energy.ts";
import { recallRuns } from "./leftovers.ts";
import { openOverseer } from "./overseer.ts";
import { takePlace } from "./place.ts";
import { openGuard, realWorld } from "./real_world.ts";
import { listenForEnd } from "./signals.ts";

const log = getLogger(["kolikko", "run"]);

export interface RunOptions {
  readonly version: string;
  readonly config: string | undefined;
  readonly stdout: Stdout;
  readonly stderr: (text: string) => void;
}

/** Returns the exit code: 0 asked to stop, 1 failed, 2 bad configuration, 3 another controller runs. */
export async function run(options: RunOptions): Promise<number> {
  const { version, stdout, stderr } = options;
  const config = await configured(options.config, stderr);
  if (config === undefined) return 2;
  try {
    await openLog({
      settings: config.log,
      commands: config.commands.map(({ name }) => name),
      write: stdout.write,
    });
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    stderr(error.message);
    return 2;
  }
  const place = await takePlace(config.rig.id);
  if (place.kind === "taken") {
    stderr(place.message);
    log.error("{message}", { message: place.message });
    await closeLog();
    return 3;
  }
  log.info("KolikkoControl starts", {
    version,
    config: config.file,
    pid: Deno.pid,
    commands: config.commands.map(({ name }) => name).join(", "),
  });
  for (const off of [...capabilities(), ...place.missing]) {
    log.warn("A protection is off: {off}", { off });
  }
  for (const { name, exec, args } of config.commands) {
    const advice = watchdogAdvice(exec, args);
    if (advice === undefined) continue;
    log.warn("{command} looks after itself: {advice}", {
      command: name,
      advice,
    });
  }
  let code: number;
  {
    await using overseer = openOverseer(place.dir);
    await using runs = await recallRuns(config, place.dir);
    if (runs.rival !== undefined) stderr(runs.rival);
    const guard = openGuard();
    const { cgroups } = runs;
    const isHeld = cgroups !== NO_CGROUPS;
    using family = openFamily({ clock: systemClock, isHeld });
    const world = realWorld(config, { version, cgroups, guard, family });
    code = runs.rival !== undefined ? 3 : await control(config, {
      ...runs.watch(world, (pid) => startTicksOf(pid, guard)),
      energy: await recallEnergy(config.rig.id, place.dir),
      ...overseer.part,
    });
  }
  place.leave();
  log.info("KolikkoControl ends", { code });
  await closeLog();
  return code;
}

/** Runs a controller until a signal, `over`, or a failure of its own, ends it; returns the exit code. */
export async function control(
  config: Config,
  world: World,
  over?: AbortSignal,
): Promise<number> {
  const controller = new Controller(config, world);
  const end = () => controller.end("stop");
  over?.addEventListener("abort", end, { once: true });
  if (over?.aborted) end();
  const deaf = listenForEnd((ask, signal) => {
    log.info("Asked to end", { signal, how: ask });
    controller.end(ask);
  });
  try {
    const failed = Promise.withResolvers<never>();
    using _watch = watchFailures(failed.reject);
    const proved = await Promise.race([controller.run(), failed.promise]);
    return proved ? 0 : 1;
  } catch (error) {
    // A controller that failed must not leave anything that heats.
    log.fatal("Failed; killing all that was started", {
      error: error instanceof Error ? error.stack ?? error.message : `${error}`,
    });
    await controller.killAll();
    return 1;
  } finally {
    deaf();
    over?.removeEventListener("abort", end);
  }
}

/** Errors that nobody caught, anywhere in the program. */
function watchFailures(onFailure: (error: unknown) => void): Disposable {
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    onFailure(event.reason);
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    onFailure(event.error);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}
