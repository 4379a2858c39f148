/** The controller: wires the parts of one rig, runs them, ends them in order. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "./clock.ts";
import { CommandCollection } from "./command_collection.ts";
import type { Config } from "./config.ts";
import type { StartHold } from "./core/crash_loop.ts";
import type { EnergyCounts } from "./core/energy.ts";
import { isAlive } from "./core/guard.ts";
import { longestStopMs } from "./core/ladder.ts";
import { Doorbell } from "./doorbell.ts";
import { InputBuffer } from "./input_buffer.ts";
import type { Link } from "./mqtt/link.ts";
import { featuresOf } from "./mqtt/discovery/features.ts";
import { DiscoveryService } from "./mqtt/discovery_service.ts";
import { MqttService, type MqttServiceOptions } from "./mqtt/mqtt_service.ts";
import { PublisherService } from "./mqtt/publisher_service.ts";
import { isHostHeard } from "./mqtt/topic_list.ts";
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
/** Beside the longest stop, an end takes no longer than this, all of its proofs and words included. */
const END_MS = 30_000;
/** When all is said, the parts have so long to end. */
const PARTS_MS = 2_000;
/** So many different failures of the controller's own are logged. */
const FAILURES_MAX = 10;

/** The outside world, replaced in tests. */
export interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newMark: (command: string) => string;
  readonly spawn: Spawn;
  /** What an earlier run of the controller left behind: it is stopped before anything starts. */
  readonly leftovers: readonly Leftover[];
  /** Heat is held for so long at the start, if controllers before this one kept dying. */
  readonly startHold?: StartHold;
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
  readonly outputOf: (name: string) => (line: string, leftOut?: number) => void;
  /** Who watches over the controller from outside, if anybody does. */
  readonly overseer?: Overseer;
  /** What `info` tells of the program and the machine. */
  readonly info: Readonly<Record<string, string>>;
}

/** Watches over the controller from outside, as systemd does. */
export interface Overseer {
  /** The loop has turned; `status` says in a line how things stand. */
  turned(status: string): void;
  /** The end has been asked for, and may take so long. */
  ending(withinMs: number): void;
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
  readonly #failed = Promise.withResolvers<never>();
  readonly #failures = new Set<unknown>();

  constructor(config: Config, world: World) {
    this.#config = config;
    this.#world = world;
    // It may fail again when nobody waits for that any more.
    this.#failed.promise.catch(() => {});
    this.#input = new InputBuffer({
      clock: world.clock,
      doorbell: this.#bell,
    });
    if (world.startHold !== undefined) this.#input.hold(world.startHold);
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
    const stopMs = longestStopMs(this.#config.limits.commands);
    this.#world.overseer?.ending(stopMs + END_MS);
    this.#input.end(how);
    this.#endAsked.resolve();
  }

  /**
   * Something has failed that nobody caught, so that nothing is known of what
   * still works: all is killed, and `run()` throws the first such error.
   */
  fail(error: unknown): void {
    this.#tellFailure(error);
    this.end("force");
    this.#failed.reject(error);
  }

  /**
   * Runs until it is asked to end; returns false if something could not be stopped.
   * Whoever can speak, speaks until the last word: only then is it known what that is.
   */
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
    const voice = new AbortController();
    let proved = false;
    const heat = async (signal: AbortSignal) => {
      // Without its other parts the controller is blind: then nothing may run on.
      signal.addEventListener("abort", () => this.end("stop"), { once: true });
      try {
        const over = this.#untilOver(collection.run());
        proved = await Promise.race([over, this.#failed.promise]);
      } catch (error) {
        this.#tellFailure(error);
        proved = await this.#killAll();
        if (proved) this.#tellGone(collection, output);
        throw error;
      } finally {
        await this.#lastWords(publisher, proved).finally(() => voice.abort());
      }
    };
    const discovery = this.#discovery(output, publisher);
    const mqtt = this.#mqtt({
      onLink: (link) => {
        publisher.use(link);
        discovery.use(link);
      },
      onBirth: () => discovery.born(),
      onWord: () => discovery.spoken(),
      onOther: (message) => discovery.found(message),
      onAnswer: (answer) =>
        output.say(this.#config.topics.responseRestart, JSON.stringify(answer)),
    });
    const { overseer, telemetry, energy } = this.#world;
    const parts = [
      heat,
      () => mqtt.run(voice.signal),
      () => publisher.run(voice.signal),
      (signal: AbortSignal) => discovery.run(signal),
      (signal: AbortSignal) => telemetry.run(this.#telemetry, signal),
    ];
    if (overseer !== undefined) {
      parts.push((signal) => overseer.run(signal, () => this.#bell.ring()));
    }
    const group = runGroup(parts, (error) => this.#tellFailure(error));
    const ended = new AbortController();
    void group.catch(() => {}).finally(() => ended.abort());
    await this.#partsEnd(voice.signal, ended.signal);
    await energy.keep(this.#telemetry.energy);
    if (this.#failures.size > 0) throw [...this.#failures][0];
    return proved;
  }

  /** Each failure once; a part that fails again and again must not fill the disk. */
  #tellFailure(error: unknown): void {
    if (this.#failures.has(error) || this.#failures.size >= FAILURES_MAX) {
      return;
    }
    this.#failures.add(error);
    const words = error instanceof Error ? error.stack ?? error.message : error;
    log.fatal("Failed; all that was started is ended", { error: `${words}` });
  }

  /** Kills all trees at once and waits a moment for the proof; false if there is none. */
  async #killAll(): Promise<boolean> {
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
    return alive().length === 0;
  }

  /** Nothing is left, and the loop may be what failed: it has to be said all the same. */
  #tellGone(collection: CommandCollection, output: OutputBuffer): void {
    const { topics, commands } = this.#config;
    try {
      collection.step();
    } catch {
      output.put(
        new Map([
          [topics.status, "OFF"],
          [topics.statusmsg, "KolikkoControl has failed; all was stopped"],
          ...commands.map(({ name }) =>
            [`${topics.commandBase}/${name}/state`, "stopped"] as const
          ),
        ]),
      );
    }
  }

  async #lastWords(
    publisher: PublisherService,
    proved: boolean,
  ): Promise<void> {
    if (!proved) return await publisher.abandon(LAST_WORDS_MS);
    // A broker that is away may keep an old "online".
    this.#world.hurry();
    await publisher.finish(LAST_WORDS_MS);
  }

  /** All is said: whatever else still runs does not hold up the end for long. */
  async #partsEnd(said: AbortSignal, ended: AbortSignal): Promise<void> {
    await aborted(said);
    await this.#world.clock.sleep(PARTS_MS, ended);
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
      keepEnergy: (counts) => this.#world.energy.keep(counts),
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
    const { rig, topics, discovery, retainedCommands, limits } = this.#config;
    const { clock, random, info, telemetry } = this.#world;
    return new DiscoveryService({
      announced: {
        ...discovery,
        rig,
        topics,
        retainedCommands,
        version: info["version"] ?? "",
      },
      features: () =>
        featuresOf(limits.commands, {
          reads: telemetry.reads,
          tells: this.#telemetry.tells,
        }),
      input: this.#input,
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
      "onLink" | "onBirth" | "onWord" | "onOther" | "onAnswer"
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
      asksHost: isHostHeard(this.#config),
      onFailure: (error) => this.fail(error),
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
    const limitMs = longestStopMs(this.#config.limits.commands) + GIVE_UP_MS;
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
