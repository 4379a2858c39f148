/** `kolikko run`: the controller with the owner's configuration. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { Controller, type World } from "../controller.ts";
import { isJournal } from "../journal.ts";
import { closeLog, openLog } from "../log.ts";
import { longestStopMs } from "../core/ladder.ts";
import { watchdogAdvice } from "../core/own_watchdog.ts";
import { limitResources } from "../platform/resource_limits.ts";
import { capabilities } from "../process/capabilities.ts";
import { NO_CGROUPS } from "../process/cgroup.ts";
import { openFamily } from "../process/family.ts";
import { controllerId, startTicksOf } from "../process/process_id.ts";
import { startRefusal } from "../process/spawn.ts";
import type { Stdout } from "../stdout.ts";
import { configured } from "./configured.ts";
import { recallEnergy } from "./energy.ts";
import { exposures } from "./exposure.ts";
import { recallRuns } from "./leftovers.ts";
import { startLife } from "./lives.ts";
import { LoopWatch } from "./loop_watch.ts";
import { openOverseer, together, warnOfShortStop } from "./overseer.ts";
import { takePlace } from "./place.ts";
import { openGuard, realWorld } from "./real_world.ts";
import { type EndSignals, listenForEnd } from "./signals.ts";
import { variable } from "./variable.ts";

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
  const signals = listenForEnd({ endsAtHangup: false });
  const unlimited = limitResources();
  const journal = isJournal("stdout", variable);
  const config = await configured(options.config, stderr);
  if (config === undefined) return 2;
  await openLog({
    settings: config.log,
    commands: config.commands.map(({ name }) => name),
    write: stdout.write,
    journal,
  });
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
  for (const off of [...capabilities(), ...place.missing, ...unlimited]) {
    log.warn("A protection is off: {off}", { off });
  }
  await warnOf(config);
  let code: number;
  {
    await using overseer = openOverseer(place.dir);
    // Waited for: what it asks is a process, and no stray of an earlier run.
    await warnOfShortStop(longestStopMs(config.limits.commands));
    await using runs = await recallRuns(config, place.dir);
    if (runs.rival !== undefined) stderr(runs.rival);
    const guard = openGuard();
    const { cgroups } = runs;
    const isHeld = cgroups !== NO_CGROUPS;
    using family = openFamily({ clock: systemClock, isHeld });
    const world = realWorld(config, { version, cgroups, guard, family });
    const life = runs.rival === undefined
      ? await startLife(config.rig.id, place.dir)
      : undefined;
    code = life === undefined ? 3 : await control(config, {
      ...runs.watch(world, (pid) => startTicksOf(pid, guard)),
      energy: await recallEnergy(config.rig.id, place.dir),
      overseer: together([
        ...overseer.part.overseer === undefined ? [] : [overseer.part.overseer],
        new LoopWatch({
          rig: config.rig.id,
          controller: controllerId(guard),
          journal,
        }),
      ]),
      ...life.part,
    }, { signals });
    if (code === 0) await life?.end();
  }
  place.leave();
  log.info("KolikkoControl ends", { code });
  await closeLog();
  return code;
}

/** What is wrong, or soon will be, and holds up nothing now. */
async function warnOf(config: Config): Promise<void> {
  for (const warning of await exposures(config)) {
    log.warn("{warning}", { warning });
  }
  for (const command of config.commands) {
    const { name, exec, args } = command;
    const warning = startRefusal(command);
    if (warning !== undefined) log.warn("{warning}", { warning });
    const advice = watchdogAdvice(exec, args);
    if (advice === undefined) continue;
    log.warn("{command} looks after itself: {advice}", {
      command: name,
      advice,
    });
  }
}

/** Runs a controller until a signal, `over`, or a failure of its own, ends it; returns the exit code. */
export async function control(
  config: Config,
  world: World,
  { signals, over }: {
    readonly signals: EndSignals;
    readonly over?: AbortSignal;
  },
): Promise<number> {
  const controller = new Controller(config, world);
  const end = () => controller.end("stop");
  over?.addEventListener("abort", end, { once: true });
  if (over?.aborted) end();
  signals.heed({
    onAsk(ask, signal) {
      log.info("Asked to end", { signal, how: ask });
      controller.end(ask);
    },
    onPassed(signal) {
      log.warn("Goes on at {signal}: {why}", {
        signal,
        why: signal === "SIGHUP"
          ? "to read a changed configuration, start it again; to end it, send SIGTERM"
          : "what stands still could not hear OFF; to end it, press Ctrl-C",
      });
    },
  });
  watchFailures((error) => controller.fail(error));
  try {
    return await controller.run() ? 0 : 1;
  } catch {
    // The controller has told of it.
    return 1;
  } finally {
    over?.removeEventListener("abort", end);
  }
}

/**
 * Errors that nobody caught, anywhere in the program, until it exits: a second
 * one must not end it before the proof that the first one asks for.
 */
function watchFailures(onFailure: (error: unknown) => void): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    onFailure(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    onFailure(event.error);
  });
}
