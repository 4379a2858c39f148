/** A small world: the program as it is, and a thermostat, a broker and an operating system that may do anything. */

import type { CommandCollection } from "../../lib/command_collection.ts";
import type { Decision, LocalMoment } from "../../lib/core/types.ts";
import type { Doorbell } from "../../lib/doorbell.ts";
import type { InputBuffer } from "../../lib/input_buffer.ts";
import type { Command } from "../../lib/process/command.ts";
import type { TelemetryBuffer } from "../../lib/telemetry_buffer.ts";
import { SAFETY, TOPICS } from "../core/make.ts";
import type { OsFact } from "../fakes/fake_tree.ts";
import type { Invariants } from "../simulation/invariants.ts";
import { localOf } from "../simulation/local.ts";
import type { Setup } from "../simulation/script.ts";
import type { View } from "../simulation/word_rules.ts";
import { type Opened, UNIT_MS } from "./opened.ts";
import type { Plan } from "./plan.ts";
import { Tree } from "./trees.ts";

/** More turns at one moment are a loop without an end. */
const TURNS_MAX = 40;
/** Longer than what a word survives. */
const SLEEP_MS = 301_000;

/** Something that must never happen did, or is about to. */
export class Broken extends Error {
  readonly rule: string;

  constructor(rule: string, what: string) {
    super(`${rule}: ${what}`);
    this.name = "Broken";
    this.rule = rule;
  }
}

/** One controller, and all that happens to it. */
export class World {
  readonly plan: Plan;
  readonly opened: Opened;
  readonly setup: Setup;
  readonly bell: Doorbell & { _rung?: boolean };
  readonly input: InputBuffer;
  readonly telemetry: TelemetryBuffer;
  readonly collection: CommandCollection;
  readonly commands: readonly Command[];
  readonly invariants: Invariants;
  readonly trees: (Tree | undefined)[];
  readonly refuses: boolean[];
  now = 0;
  sleptMs = 0;
  lastPid = 0;
  wakeAt = 0;
  /** The controller has ended. */
  isOver = false;
  hasBegun = false;
  powerOffFails: ((error: unknown) => unknown) | undefined;
  said: ReadonlyMap<string, string> = new Map();
  decision: Decision | undefined;
  #isHeld = false;

  constructor(plan: Plan, opened: Opened) {
    const { heat, commands } = plan;
    this.plan = plan;
    this.opened = opened;
    this.setup = {
      heat,
      commands,
      retainedCommands: "off-only",
      allowShutdown: true,
      powerOff: "fails",
      localMs: 0,
    };
    this.trees = commands.map(() => undefined);
    this.refuses = commands.map(() => false);
    const clock = {
      now: () => this.now,
      wall: () => 0,
      uptime: () => this.now + this.sleptMs,
      local: () => this.localAt(this.now),
      sleep: () => Promise.reject(new Error("Nobody sleeps here")),
    };
    const doorbell = this.bell = new opened.Doorbell();
    this.input = new opened.InputBuffer({ clock, doorbell });
    this.invariants = new opened.Invariants({
      setup: this.setup,
      processes: this,
      local: clock.local,
      now: 0,
    });
    this.commands = commands.map((limits, index) =>
      new opened.Command({
        spec: { name: limits.name, exec: "m", args: [], cwd: "/", env: {} },
        limits,
        clock,
        doorbell,
        spawn: () => this.#spawn(index),
        random: () => 0,
        newMark: (name) => name,
        onLine: () => {},
      })
    );
    const limits = { heat, safety: SAFETY, commands };
    this.telemetry = new opened.TelemetryBuffer({
      clock,
      doorbell,
      limits,
      reads: commands.map(() => ({ isRead: false, staleAfterMs: Infinity })),
      energy: opened.NO_ENERGY,
    });
    const output = { put: () => {}, say: () => {}, repeat: () => {} };
    this.collection = new opened.CommandCollection({
      commands: this.commands,
      limits,
      topics: TOPICS,
      input: this.input,
      output: output as never,
      telemetry: this.telemetry,
      keepEnergy: () => Promise.resolve(),
      clock,
      doorbell,
      onTurn: (said) => this.said = said,
      powerOff: () => this.#powerOff(),
    });
    if (plan.isLeft) this.#findLeft();
    this.input.lost();
    this.input.heard();
    this.#settle();
  }

  /** What the rules ask of the operating system. */
  living(name: string): readonly Tree[] {
    const tree = this.latest(name);
    return tree?.lives ? [tree] : [];
  }

  latest(name: string): Tree | undefined {
    return this.trees[this.plan.commands.findIndex((one) => one.name === name)];
  }

  localAt(now: number): LocalMoment {
    return localOf(now + this.sleptMs);
  }

  /** Is something due at this very moment? Only between two things of a batch. */
  get isDue(): boolean {
    return this.bell._rung === true || this.wakeAt <= this.now;
  }

  /** What stands on the topics. */
  view(): View {
    const { said } = this;
    const states = this.plan.commands.map(({ name }) =>
      [name, said.get(`${TOPICS.commandBase}/${name}/state`) ?? ""] as const
    );
    return {
      status: said.get(TOPICS.status),
      statusmsg: said.get(TOPICS.statusmsg),
      problem: said.get(TOPICS.problem),
      states: new Map(states),
    };
  }

  /** Does something, and lets the loop turn until nothing is due; "+": before it turns something else happens. */
  do(event: string): void {
    const [what = "", who = ""] = event.replace(" +", "").split(" @");
    this.#isHeld = event.endsWith(" +");
    this.#happen(what, who === "b" ? 1 : 0);
    if (this.isDue) this.#settle();
  }

  #happen(what: string, index: number): void {
    const { input, now } = this;
    const { demand } = this.invariants;
    const tree = this.trees[index];
    switch (what) {
      case "time":
        return this.#pass();
      case "ON":
      case "OFF":
        demand.say(what === "ON" ? "on" : "off", now);
        return input.put(what === "ON" ? "on" : "off");
      case "level 50":
      case "level 100": {
        const level = Number(what.slice(6));
        demand.say("on", now, level);
        return input.put("on", level);
      }
      case "SHUTDOWN":
        demand.askShutdown(now);
        return input.shutdown();
      case "offline":
      case "online":
        demand.thermostat(what, now);
        return input.thermostat(what);
      case "broker lost":
        demand.hear(false, now);
        return void input.lost();
      case "broker back":
        demand.hear(true, now);
        return void input.heard();
      case "stop":
      case "force":
        demand.end(what, now);
        return input.end(what);
      case "power off fails":
        return this.#powerOffFailed();
      case "sleep":
        this.#pass();
        this.sleptMs += SLEEP_MS;
        demand.sleep(SLEEP_MS, this.now);
        return this.bell.ring();
      case "starts fail":
      case "starts work":
        this.refuses[index] = what === "starts fail";
        return;
    }
    if (tree !== undefined) this.#happenTo(tree, what);
  }

  #happenTo(tree: Tree, what: string): void {
    switch (what) {
      case "ends":
      case "ends with its kids":
        tree.end({ kids: what !== "ends" });
        if (!this.plan.happens.includes("late")) this.#tell(tree);
        return;
      case "kids end":
        return tree.end({ kids: true });
      case "end told":
        return this.#tell(tree);
      case "hangs":
        tree.hangs = true;
        return;
      case "hangs no more":
        tree.hangs = false;
        tree.unhungAt = this.now;
        return;
      case "look answers":
        return tree.answer("latest", "truth");
      case "old look answers":
        return tree.answer("older", "truth");
      case "look fails":
        return tree.answer("latest", "failure");
    }
    throw new Error(`Nobody knows what "${what}" is`);
  }

  /** Nobody tells of the end of what is not our child. */
  #tell(tree: Tree): void {
    if (!tree.isLeftover) tree.tell();
  }

  /** To the next full unit, or to what is due before. */
  #pass(): void {
    const unitAt = Math.floor(this.now / UNIT_MS) * UNIT_MS + UNIT_MS;
    this.now = Math.min(this.wakeAt, unitAt);
    this.invariants.demand.pass(this.now);
  }

  /** As run() does: turn, wait, notice a sleep, turn again. */
  #settle(): void {
    if (this.#isHeld) return;
    for (let turns = 0; this.isDue && !this.isOver; turns += 1) {
      if (turns > TURNS_MAX) throw new Broken("spins", "at one moment");
      this.bell._rung = false;
      if (this.hasBegun) this.input.awake();
      this.hasBegun = true;
      const { decision, over } = this.collection.step();
      this.decision = decision;
      this.wakeAt = decision.wakeAt;
      this.input.rest(this.wakeAt);
      this.isOver = over;
    }
  }

  #spawn(index: number): Tree {
    const { name: command = "" } = this.plan.commands[index] ?? {};
    if (this.refuses[index]) {
      this.#fact({ kind: "start_failed", command });
      throw new this.opened.StartError("The file is busy");
    }
    const tree = this.#grow(index, { isLeftover: false });
    this.#fact({ kind: "started", command, pid: tree.pid });
    return tree;
  }

  #grow(index: number, own: { readonly isLeftover: boolean }): Tree {
    const { kids, killOnly, isPrompt, commands } = this.plan;
    this.lastPid += 10;
    return this.trees[index] = new Tree({
      command: commands[index]?.name ?? "",
      pid: this.lastPid,
      kids,
      killOnly,
      isPrompt,
      now: () => this.now,
      onFact: (fact) => this.#fact(fact),
      ...own,
    });
  }

  #findLeft(): void {
    for (const [index, command] of this.commands.entries()) {
      const process = this.#grow(index, { isLeftover: true });
      const found = { process, count: 1 + process.kids };
      this.invariants.find([{ command: command.facts.name, ...found }], 0);
      command.adopt(found);
    }
  }

  #fact(fact: OsFact): void {
    this.invariants.fact(fact, this.now);
  }

  #powerOff(): Promise<void> {
    this.invariants.powerOff(this.now);
    const refused = {
      catch: (call: (error: unknown) => unknown) => this.powerOffFails = call,
    };
    return refused as unknown as Promise<void>;
  }

  #powerOffFailed(): void {
    const fails = this.powerOffFails;
    this.powerOffFails = undefined;
    this.invariants.demand.failShutdown(this.now);
    fails?.(new Error("Not allowed"));
  }
}
