/** The controller: wires the parts of one rig, runs them, ends them in order. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "./clock.ts";
import { CommandCollection } from "./command_collection.ts";
import type { Config } from "./config.ts";
import type { EnergyCounts } from "./core/energy.ts";
import { isAlive } from "./core/guard.ts";
import { Doorbell } from "./doorbell.ts";
import { InputBuffer } from "./input_buffer.ts";
import type { Link } from "./mqtt/link.ts";
import { featuresOf } from "./mqtt/discovery/features.ts";
import { DiscoveryService } from "./mqtt/discovery_service.ts";
import { MqttService, type MqttServiceOptions } from "./mqtt/mqtt_service.ts";
import { PublisherService } from "./mqtt/publisher_service.ts";
import { OutputBuffer } from "./output_buffer.ts";
import { Command } from "./process/command.ts";
import type { Leftover, Spawn } from "./process/os_process.ts";
import { runGroup } from "./run_group.ts";
import {
  TelemetryBuffer,
  type TelemetryBufferOptions,
} from "./telemetry_buffer.ts";

const log = getLogger(["kolikko", "controller"]);

/** The last words have so long to reach the broker. */
const LAST_WORDS_MS = 2_000;
/** A controller that ends waits so much longer than the longest stop timeout for the proof. */
const GIVE_UP_MS = 5_000;

/** The outside world, replaced in tests. */
export interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newMark: (command: string) => string;
  readonly spawn: Spawn;
  /** What an earlier run of the controller left behind: it is stopped before anything starts. */
  readonly leftovers: readonly Leftover[];
  /** Who reads the miners and the machine's sensors. */
  readonly telemetry: Telemetry;
  /** What was counted before this start, and where it is kept. */
  readonly energy: {
    readonly counts: EnergyCounts;
    readonly keep: (counts: EnergyCounts) => Promise<void>;
  };
  /** Each new connection to the broker; while something heats, nobody waits long for the next one. */
  readonly links: (
    signal: AbortSignal,
    isHeating: () => boolean,
  ) => AsyncIterable<Link>;
  /** Who or what throws us out of the broker again and again, if that is so. */
  readonly rival: () => string | undefined;
  /** Tries to connect at once if there is no connection. */
  readonly hurry: () => void;
  readonly powerOff: () => Promise<void>;
  /** Where a command's lines of output go. */
  readonly outputOf: (name: string) => (line: string) => void;
  /** Who watches over the controller from outside, if anybody does. */
  readonly overseer?: Overseer;
  /** What `info` tells of the program and the machine. */
  readonly info: Readonly<Record<string, string>>;
}

/** Watches over the controller from outside, as systemd does. */
export interface Overseer {
  /** The loop has turned; `status` says in a line how things stand. */
  turned(status: string): void;
  ending(): void;
  /** Wakes the loop as often as it wants to see it turn. */
  run(signal: AbortSignal, wake: () => void): Promise<void>;
}

/** Reads the miners and the machine's sensors into a buffer. */
export interface Telemetry {
  /** How each command is read, in order. */
  readonly reads: TelemetryBufferOptions["reads"];
  /** Fills the buffer until the signal is aborted. */
  readonly run: (buffer: TelemetryBuffer, signal: AbortSignal) => Promise<void>;
}

/** One rig: everything between the broker and the processes. */
export class Controller {
  readonly #config: Config;
  readonly #world: World;
  readonly #input: InputBuffer;
  readonly #bell = new Doorbell();
  readonly #commands: readonly Command[];
  readonly #telemetry: TelemetryBuffer;
  readonly #endAsked = Promise.withResolvers<void>();

  constructor(config: Config, world: World) {
    this.#config = config;
    this.#world = world;
    this.#input = new InputBuffer({
      clock: world.clock,
      doorbell: this.#bell,
    });
    this.#commands = this.#makeCommands();
    this.#telemetry = new TelemetryBuffer({
      clock: world.clock,
      doorbell: this.#bell,
      limits: config.limits,
      reads: world.telemetry.reads,
      energy: world.energy.counts,
    });
    for (const { command, ...found } of world.leftovers) {
      this.#commands.find(({ facts }) => facts.name === command)?.adopt(found);
    }
  }

  /** Asks the controller to end: politely, or at once with all children. */
  end(how: "stop" | "force"): void {
    this.#world.overseer?.ending();
    this.#input.end(how);
    this.#endAsked.resolve();
  }

  /** Kills all trees at once, when the controller itself has failed; waits a moment for the proof. */
  async killAll(): Promise<void> {
    const { clock } = this.#world;
    // If the loop still turns, it must not start anew what is killed here.
    this.end("force");
    const endAt = clock.now() + GIVE_UP_MS;
    const alive = () => this.#commands.filter(({ facts }) => isAlive(facts));
    for (const command of alive()) command.kill();
    while (alive().length > 0 && clock.now() < endAt) {
      for (const command of alive()) {
        if (command.facts.lookingSince === undefined) command.look();
      }
      await clock.sleep(20);
    }
  }

  /** Runs until it is asked to end; returns false if something could not be stopped. */
  async run(): Promise<boolean> {
    const { clock } = this.#world;
    const outBell = new Doorbell();
    const output = new OutputBuffer({ doorbell: outBell });
    const publisher = new PublisherService({
      output,
      doorbell: outBell,
      clock,
      availabilityTopic: this.#config.topics.availability,
      onDenied: (topics) => this.#input.denied("write", topics),
    });
    const collection = this.#collection(output, publisher);
    output.put(this.#info());
    let proved = false;
    const heat = async (signal: AbortSignal) => {
      // Without its other parts the controller is blind: then nothing may run on.
      signal.addEventListener("abort", () => this.end("stop"), { once: true });
      proved = await this.#untilOver(collection.run());
      this.#world.hurry();
      await publisher.finish(LAST_WORDS_MS);
    };
    const discovery = this.#discovery(output, publisher);
    const mqtt = this.#mqtt({
      onLink: (link) => {
        publisher.use(link);
        discovery.use(link);
      },
      onBirth: () => discovery.born(),
      onOther: (message) => discovery.found(message),
      onAnswer: (answer) =>
        output.say(this.#config.topics.responseRestart, JSON.stringify(answer)),
    });
    const { overseer, telemetry, energy } = this.#world;
    const parts = [
      heat,
      (signal: AbortSignal) => mqtt.run(signal),
      (signal: AbortSignal) => publisher.run(signal),
      (signal: AbortSignal) => discovery.run(signal),
      (signal: AbortSignal) => telemetry.run(this.#telemetry, signal),
    ];
    if (overseer !== undefined) {
      parts.push((signal) => overseer.run(signal, () => this.#bell.ring()));
    }
    await runGroup(parts, new AbortController().signal);
    await energy.keep(this.#telemetry.energy);
    return proved;
  }

  #collection(
    output: OutputBuffer,
    publisher: PublisherService,
  ): CommandCollection {
    const { clock, powerOff, overseer } = this.#world;
    const { topics } = this.#config;
    return new CommandCollection({
      commands: this.#commands,
      limits: this.#config.limits,
      topics,
      input: this.#input,
      output,
      telemetry: this.#telemetry,
      keepEnergy: (counts) => void this.#world.energy.keep(counts),
      clock,
      doorbell: this.#bell,
      onTurn: (said) =>
        overseer?.turned(
          `${said.get(topics.status)}: ${said.get(topics.statusmsg)}`,
        ),
      powerOff: async () => {
        await publisher.settled(LAST_WORDS_MS);
        await powerOff();
      },
    });
  }

  #makeCommands(): Command[] {
    const { clock, random, newMark, spawn, outputOf } = this.#world;
    return this.#config.commands.map((spec, index) => {
      const limits = this.#config.limits.commands[index];
      if (limits === undefined) throw new Error(`No limits of "${spec.name}"`);
      return new Command({
        spec,
        limits,
        spawn,
        clock,
        random,
        newMark,
        doorbell: this.#bell,
        onLine: outputOf(spec.name),
      });
    });
  }

  #discovery(
    output: OutputBuffer,
    publisher: PublisherService,
  ): DiscoveryService {
    const { rig, topics, discovery, limits } = this.#config;
    const { clock, random, info, telemetry } = this.#world;
    return new DiscoveryService({
      announced: { ...discovery, rig, topics, version: info["version"] ?? "" },
      features: () =>
        featuresOf(limits.commands, {
          reads: telemetry.reads,
          tells: this.#telemetry.tells,
        }),
      output,
      settled: (limitMs) => publisher.settled(limitMs),
      sayAll: () => publisher.sayAll(),
      clock,
      random,
    });
  }

  #mqtt(
    ears: Pick<
      MqttServiceOptions,
      "onLink" | "onBirth" | "onOther" | "onAnswer"
    >,
  ): MqttService {
    const { topics, retainedCommands, allowShutdown } = this.#config;
    return new MqttService({
      links: (signal) => this.#world.links(signal, () => this.#isHeating()),
      rival: this.#world.rival,
      input: this.#input,
      clock: this.#world.clock,
      topics,
      retainedCommands,
      allowShutdown,
      ...ears,
    });
  }

  #isHeating(): boolean {
    return this.#input.read().word?.demand === "on" ||
      this.#commands.some(({ facts }) => isAlive(facts));
  }

  #info(): ReadonlyMap<string, string> {
    const { rig, commands, topics, discovery } = this.#config;
    const info = {
      ...this.#world.info,
      ...rig,
      discovery: discovery.mode,
      commands: commands.map(({ name }) => name),
    };
    return new Map([[topics.info, JSON.stringify(info)]]);
  }

  /** True once nothing is left of any command, false if that takes too long after the end was asked for. */
  async #untilOver(over: Promise<void>): Promise<boolean> {
    const { clock } = this.#world;
    const { commands } = this.#config.limits;
    const longestMs = Math.max(...commands.map((one) => one.stopTimeoutMs));
    const limitMs = longestMs + GIVE_UP_MS;
    const ended = new AbortController();
    const proved = over.then(() => true);
    const tooLate = async () => {
      await this.#endAsked.promise;
      await clock.sleep(limitMs, ended.signal);
      return false;
    };
    try {
      const done = await Promise.race([proved, tooLate()]);
      if (!done) {
        log.error("Cannot stop everything; ending all the same", { limitMs });
      }
      return done;
    } finally {
      ended.abort();
    }
  }
}
