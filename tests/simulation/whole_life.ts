/** One life of a whole controller in the simulated world, with the real parts of lib/. */

import type { Clock } from "../../lib/clock.ts";
import type { Config } from "../../lib/config.ts";
import { Controller } from "../../lib/controller.ts";
import { Broker } from "../../lib/mqtt/broker.ts";
import type { Connect } from "../../lib/mqtt/link.ts";
import type { Leftover, Spawn } from "../../lib/process/os_process.ts";
import { SAFETY } from "../core/make.ts";
import { NO_KEPT_ENERGY, unread } from "../fakes/unread.ts";
import { Ear } from "./ear.ts";
import { Gate } from "./gate.ts";
import type { Invariants } from "./invariants.ts";
import type { Random } from "./random.ts";
import { sessionMsOf, type Setup } from "./script.ts";
import { Topicboard, TOPICS } from "./topicboard.ts";

export interface WholeLifeOptions {
  readonly setup: Setup;
  readonly clock: Clock;
  readonly random: Random;
  readonly spawn: Spawn;
  readonly leftovers: readonly Leftover[];
  readonly connect: Connect;
  readonly invariants: Invariants;
  readonly powerOff: () => Promise<void>;
  /** A new connection can be spoken on. */
  readonly onLink: () => void;
  /** The thermostat said a word that counts. */
  readonly onWord: () => void;
  readonly note: (what: unknown) => void;
}

const QUIET_LOG = { debug() {}, info() {}, warn() {} };

export class WholeLife {
  readonly invariants: Invariants;
  readonly board: Topicboard;
  readonly controller: Controller;
  /** When it was asked to end, the first time. */
  endAskedAt: number | undefined;
  /** Connections that can be spoken on. */
  links = 0;
  /** Messages on their way to the broker. */
  inFlight = 0;
  readonly #wayMs: number;
  readonly #options: WholeLifeOptions;
  readonly #gate = new Gate();
  readonly #ear: Ear;

  constructor(options: WholeLifeOptions) {
    this.#options = options;
    this.invariants = options.invariants;
    const { setup, random } = options;
    this.#wayMs = random.pick([0, 0, 5, 150]);
    this.board = new Topicboard(setup.commands.map(({ name }) => name));
    this.#ear = new Ear({ ...options, demand: this.invariants.demand });
    const clock = this.#gate.clock(
      options.clock,
      () => this.#ear.noticeSleep(),
    );
    const broker = new Broker({
      connect: async (signal) => this.#note(await options.connect(signal)),
      clock,
      log: QUIET_LOG,
      random: () => random.next(),
    });
    this.controller = new Controller(configOf(setup), {
      clock,
      random: () => random.next(),
      newMark: (command) => command,
      spawn: options.spawn,
      leftovers: options.leftovers,
      telemetry: unread(setup.commands.length),
      energy: NO_KEPT_ENERGY,
      links: (signal, isHeating) => broker.links(signal, isHeating),
      rival: () => {
        const { rival } = broker;
        const isContested = rival !== undefined;
        this.invariants.demand.contest(isContested, options.clock.now());
        return rival;
      },
      hurry: () => broker.hurry(),
      powerOff: () => this.#gate.pass(options.powerOff()),
      outputOf: () => () => {},
      info: { version: "simulated" },
    });
  }

  /** Runs it; the promise waits for ever if its process goes first. */
  run(): Promise<boolean> {
    return this.#gate.pass(this.controller.run());
  }

  /** The machine slept for so long. */
  slept(forMs: number): void {
    this.#ear.slept(forMs);
  }

  /** Its process is gone. */
  vanish(): void {
    this.#gate.close();
  }

  #note(link: Awaited<ReturnType<Connect>>) {
    let isUsed = false;
    const line = this.#ear.connected(link, () => {
      isUsed = true;
      this.links += 1;
      this.#options.onLink();
    });
    return this.#gate.link(link, {
      onMessage: (message) => this.#ear.message(message),
      onSubscribed: (topics) => {
        if (topics.includes(TOPICS.command)) this.#ear.granted(line);
      },
      onTaken: () => this.#ear.taken(line),
      onClosed: (reason) => {
        if (isUsed) this.links -= 1;
        this.#ear.over(line, reason);
      },
      onPublish: (more) => {
        this.inFlight += more;
      },
      way: () => {
        if (this.#wayMs === 0) return Promise.resolve();
        return this.#options.clock.sleep(this.#wayMs);
      },
    });
  }
}

function configOf(setup: Setup): Config {
  const { heat, commands, retainedCommands, allowShutdown } = setup;
  return {
    file: "/simulated/kolikko.toml",
    hasSecrets: false,
    rig: { id: "kolikko1", name: "Kolikko 1" },
    discovery: { mode: "device", prefix: "homeassistant" },
    broker: {
      url: "mqtt://simulated:1883",
      clientId: "kolikko1",
      username: undefined,
      password: undefined,
      passwordFile: undefined,
      protocol: "auto",
      caFile: undefined,
      certFile: undefined,
      keyFile: undefined,
      keepaliveS: 30,
      sessionMs: sessionMsOf(setup),
      willTopic: TOPICS.availability,
    },
    topics: TOPICS,
    limits: { heat, safety: SAFETY, commands },
    commands: commands.map(({ name }) => ({
      name,
      exec: "miner",
      args: [],
      cwd: "/",
      env: {},
    })),
    telemetry: [],
    retainedCommands,
    allowShutdown,
    log: { level: "info", dir: undefined, maxSizeBytes: 1, keep: 2 },
  };
}
