/** `kolikko run`: the controller with the owner's configuration. */

import { getLogger } from "@logtape/logtape";
import { type Config, ConfigError, findConfig, loadConfig } from "../config.ts";
import { Controller, type World } from "../controller.ts";
import { closeLog, LogError, openLog } from "../log.ts";
import { capabilities } from "../process/capabilities.ts";
import type { Stdout } from "../stdout.ts";
import { lookForLeftovers } from "./leftovers.ts";
import { realWorld } from "./real_world.ts";
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
  let config: Config;
  try {
    config = await loadConfig(await fileOf(options.config), environment());
    await openLog({
      settings: config.log,
      commands: config.commands.map(({ name }) => name),
      write: stdout.write,
    });
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof LogError)) {
      throw error;
    }
    if (error instanceof ConfigError) stderr(`Cannot use ${error.file}:`);
    stderr(error.message);
    return 2;
  }
  log.info("KolikkoControl starts", {
    version,
    config: config.file,
    pid: Deno.pid,
    commands: config.commands.map(({ name }) => name).join(", "),
  });
  for (const off of capabilities()) {
    log.warn("A protection is off: {off}", { off });
  }
  const found = await lookForLeftovers(config);
  if (found.rival !== undefined) stderr(found.rival);
  const code = found.rival !== undefined ? 3 : await control(config, {
    ...realWorld(config, version),
    leftovers: found.leftovers,
  });
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

async function fileOf(given: string | undefined): Promise<string> {
  return await findConfig({
    given,
    execDir: standalone() ? dirOf(Deno.execPath()) : undefined,
    cwd: Deno.cwd(),
  });
}

/** Is this a compiled program? Older runtimes do not say so in their types. */
function standalone(): boolean {
  return (Deno.build as { standalone?: boolean }).standalone === true;
}

function dirOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, "");
}

/** The environment, as far as the permissions show it. */
function environment(): Record<string, string> {
  const name = "KOLIKKO_MQTT_PASSWORD";
  try {
    const password = Deno.env.get(name);
    return password === undefined ? {} : { [name]: password };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return {};
    throw error;
  }
}
