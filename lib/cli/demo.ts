/** `kolikko demo`: the real controller, beside a broker, stand-in miners and a room, all in one program. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import { type Config, parseConfig } from "../config.ts";
import { wordsOf } from "../core/words.ts";
import { DEMO_COMMANDS, demoToml, type Self } from "../demo/demo_config.ts";
import {
  type EmbeddedBroker,
  startEmbeddedBroker,
} from "../demo/embedded_broker.ts";
import { farewell, introduction } from "../demo/demo_text.ts";
import { lineOf } from "../demo/happening.ts";
import { Household, TARGET_C, TOLERANCE_C } from "../demo/household.ts";
import { closeLog, openLog } from "../log.ts";
import { createConnect } from "../mqtt/connect.ts";
import type { Stdout } from "../stdout.ts";
import { realWorld } from "./real_world.ts";
import { control } from "./run.ts";
import { type EndSignals, listenForEnd } from "./signals.ts";

export interface DemoOptions {
  readonly version: string;
  /** 0: the usual one, or any if that is taken. */
  readonly port: number;
  readonly forMs: number;
  readonly stdout: Stdout;
  readonly stderr: (text: string) => void;
}

/** Not 1883, where a broker of the owner's may stand. */
const USUAL_PORT = 18_830;

/** The rig's last words have so long to be seen. */
const GOODBYE_MS = 1_000;

/** Runs until the time is up, or a signal comes; returns the exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  const { version, port, forMs, stdout, stderr } = options;
  const signals = listenForEnd({ endsAtHangup: true });
  if (!mayListen()) {
    stderr(
      "Cannot open a broker as the permission for the network is missing: " +
        "run it with --allow-net, and --allow-run for the stand-in miners",
    );
    return 2;
  }
  let broker: EmbeddedBroker;
  try {
    broker = await openBroker(port);
  } catch (error) {
    if (!isAddressInUse(error)) throw error;
    stderr(
      `Cannot open a broker on port ${port}: another program has it; ` +
        `leave --port out to take a free one`,
    );
    return 1;
  }
  try {
    const toml = demoToml({
      url: broker.url,
      self: self(),
      ports: DEMO_COMMANDS.map(freePort),
    });
    const file = join(Deno.cwd(), "kolikko.toml");
    const config = await parseConfig(toml, { file, env: {} });
    await openLog({
      settings: config.log,
      commands: config.commands.map(({ name }) => name),
      write: stdout.write,
    });
    stdout.write(introduction({
      version,
      forMs,
      toml,
      port: broker.port,
      topic: config.topics.command,
      os: Deno.build.os,
    }));
    const code = await show(config, { ...options, signals });
    await closeLog();
    return code;
  } finally {
    await broker.close();
  }
}

/** The controller on one side of the broker, the household on the other. */
async function show(
  config: Config,
  options: DemoOptions & { readonly signals: EndSignals },
): Promise<number> {
  const { version, forMs, stdout, stderr, signals } = options;
  const clock = systemClock;
  const over = new AbortController();
  const away = new AbortController();
  const link = await createConnect({
    ...config.broker,
    clientId: "household",
    sessionMs: 0,
    willTopic: config.topics.thermostatStatus,
  }, { log: getLogger(["kolikko", "demo"]) })(over.signal);
  const tolerated = {
    lowestC: TARGET_C - TOLERANCE_C,
    highestC: TARGET_C + TOLERANCE_C,
  };
  const colour = Deno.stdout.isTerminal() && !Deno.noColor;
  const household = new Household({
    link,
    clock,
    topics: config.topics,
    watts: Object.fromEntries(
      DEMO_COMMANDS.map(({ name, watts }) => [name, watts]),
    ),
    tell: (moment, happening) =>
      stdout.write(lineOf(moment, happening, { tolerated, colour })),
  });
  let failed = false;
  const living = household.run(away.signal).catch((error) => {
    failed = true;
    stderr(wordsOf(error));
    // A room without its thermostat is nothing to look at.
    over.abort();
  });
  void clock.sleep(forMs, over.signal).then(() => {
    if (over.signal.aborted) return;
    stdout.write("The time is up: the controller is asked to end");
    over.abort();
  });
  // What miners print would hide what happens.
  const world = { ...realWorld(config, { version }), outputOf: () => () => {} };
  const code = await control(config, world, {
    signals,
    over: over.signal,
  });
  over.abort();
  await household.goodbye(GOODBYE_MS);
  away.abort();
  await living;
  stdout.write(farewell(household.account, code));
  return failed ? 1 : code;
}

/** Asked before: the server throws what nobody can catch. */
function mayListen(): boolean {
  return Deno.permissions.querySync({ name: "net", host: "127.0.0.1" })
    .state === "granted";
}

async function openBroker(port: number): Promise<EmbeddedBroker> {
  if (port !== 0) return await startEmbeddedBroker({ port });
  try {
    return await startEmbeddedBroker({ port: USUAL_PORT });
  } catch (error) {
    if (!isAddressInUse(error)) throw error;
    return await startEmbeddedBroker({ port: 0 });
  }
}

/** One that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    error.code === "EADDRINUSE";
}

/** A compiled program is its own; otherwise Deno runs the main module once more. */
function self(): Self {
  const { standalone } = Deno.build as { standalone?: boolean };
  const exec = Deno.execPath();
  if (standalone === true) return { exec, args: [] };
  return { exec, args: ["run", "-A", fileURLToPath(Deno.mainModule)] };
}
