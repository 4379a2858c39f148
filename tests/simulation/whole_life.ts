/** One life of a whole controller in the simulated world, with the real parts of lib/. */

import type { Clock } from "../../lib/clock.ts";
import type { Config } from "../../lib/config.ts";
import { Controller } from "../../lib/controller.ts";
import { Broker } from "../../lib/mqtt/broker.ts";
import type { Connect, Message } from "../../lib/mqtt/link.ts";
import type { Leftover, Spawn } from "../../lib/process/os_process.ts";
import { SAFETY } from "../core/make.ts";
import { NO_KEPT_ENERGY, unread } from "../fakes/unread.ts";
import { Gate } from "./gate.ts";
import { hear, type HeardMessage, isLate } from "./heard.ts";
import type { Invariants } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Setup } from "./script.ts";
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
  #hearing = 0;
  /** Until all that is kept has come: what of it asks for heat. */
  #late: HeardMessage[] | undefined;
  /** The machine slept for so long, and the controller has not noticed yet. */
  #sleptMs = 0;

  constructor(options: WholeLifeOptions) {
    this.#options = options;
    this.invariants = options.invariants;
    const { setup, random } = options;
    this.#wayMs = random.pick([0, 0, 5, 150]);
    this.board = new Topicboard(setup.commands.map(({ name }) => name));
    const clock = this.#gate.clock(options.clock, () => this.#noticeSleep());
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
      links: (signal) => broker.links(signal),
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
    this.#hear();
  }

  /** Runs it; the promise waits for ever if its process goes first. */
  run(): Promise<boolean> {
    return this.#gate.pass(this.controller.run());
  }

  /** The machine slept for so long. */
  slept(forMs: number): void {
    this.#sleptMs += forMs;
  }

  /** Its process is gone. */
  vanish(): void {
    this.#gate.close();
  }

  #note(link: Awaited<ReturnType<Connect>>) {
    let isHeard = false;
    let isUsed = false;
    this.#late = [];
    this.invariants.demand.isKeptZero = false;
    return this.#gate.link(link, {
      onMessage: (message) => this.#message(message),
      onSubscribed: (topics) => {
        // What the rig said itself is asked for before it may speak.
        if (topics.includes(TOPICS.level)) return;
        if (!isUsed) {
          this.links += 1;
          this.#options.onLink();
        }
        isUsed = true;
        if (isHeard || !topics.includes(TOPICS.command)) return;
        isHeard = true;
        this.#hearing += 1;
        this.#hear();
      },
      onTaken: () => this.#settle(),
      onClosed: () => {
        if (isUsed) this.links -= 1;
        if (isHeard) this.#hearing -= 1;
        this.#hear();
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

  #noticeSleep(): void {
    const forMs = this.#sleptMs;
    this.#sleptMs = 0;
    if (forMs === 0) return;
    this.invariants.demand.sleep(forMs, this.#options.clock.now());
  }

  #hear(): void {
    const { clock, note } = this.#options;
    const can = this.#hearing > 0;
    note(can ? "hears" : "is deaf");
    this.invariants.demand.hear(can, clock.now());
  }

  /** All that is kept has come. */
  #settle(): void {
    const late = this.#late ?? [];
    this.#late = undefined;
    for (const isLevel of [false, true]) {
      late.filter((one) => one.isLevel === isLevel)
        .forEach((one) => this.#word(one));
    }
  }

  #word(message: HeardMessage): void {
    const { setup, clock, onWord } = this.#options;
    const { demand } = this.invariants;
    if (hear(demand, message, { setup, now: clock.now() })) onWord();
  }

  #message(message: Message): void {
    const { clock } = this.#options;
    const { demand } = this.invariants;
    const now = clock.now();
    const isLevel = message.topic === TOPICS.levelSet;
    if (message.topic === TOPICS.command || isLevel) {
      // Whatever is said now is said to one who is awake.
      this.#noticeSleep();
      const one = { ...message, isLevel };
      if (!message.retain) this.#late &&= [];
      if (this.#late !== undefined && isLate(one)) this.#late.push(one);
      else this.#word(one);
      return;
    }
    const text = new TextDecoder().decode(message.payload);
    const told = message.topic === TOPICS.telemetry && message.retain
      ? JSON.parse(text).on_percent
      : undefined;
    if (told !== undefined) demand.recall(told);
    if (text === "online" || text === "offline") demand.thermostat(text, now);
  }
}

/** How long the broker keeps the session of a rig that is away. */
export function sessionMsOf({ heat }: Setup): number {
  return Math.min(heat.brokerLostAfterMs, 3_600_000);
}

function configOf(setup: Setup): Config {
  const { heat, commands, retainedCommands, allowShutdown } = setup;
  return {
    file: "/simulated/kolikko.toml",
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
