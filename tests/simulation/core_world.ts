/** A world without promises: the core loop alone, years in seconds. */

import { beginLife, endLife, NO_LIVES } from "../../lib/core/crash_loop.ts";
import { isAlive } from "../../lib/core/guard.ts";
import { parseDemand, parseLevel } from "../../lib/core/payload.ts";
import { FakeProcesses } from "../fakes/fake_process.ts";
import { Agenda, deferAtOnce } from "./agenda.ts";
import { Chronicle } from "./chronicle.ts";
import { CoreBroker } from "./core_broker.ts";
import { decideAt, type Life, newLife } from "./core_life.ts";
import { countsRetained, hear, type HeardMessage, isOld } from "./heard.ts";
import { Random } from "./random.ts";
import {
  type ControllerDeed,
  DUST_MS,
  type Scenario,
  sessionMsOf,
  Violation,
  type WorldEvent,
} from "./script.ts";
import { SimMiners } from "./sim_miners.ts";
import { SimPolls } from "./sim_polls.ts";

/** decide() looks again after so long, whatever happens. */
const HEARTBEAT_MS = 60_000;
const HEARTBEAT_RUNNING_MS = 10_000;
/** What outlives its stop timeout by so long is left to the platform. */
const GIVE_UP_MS = 5_000;
const BOOT_MS = 60_000;
/** More steps at one moment are a loop without an end. */
const STEPS_AT_ONCE_MAX = 1_000;

/** The core loop, and all that happens around it. */
export class CoreWorld {
  readonly chronicle = new Chronicle();
  steps = 0;
  starts = 0;
  readonly #scenario: Scenario;
  readonly #agenda: Agenda;
  readonly #random = new Random(1);
  readonly #processes: FakeProcesses;
  readonly #broker: CoreBroker;
  readonly #miners = new SimMiners();
  #life: Life | undefined;
  /** What is kept of how they ended. */
  #lives = NO_LIVES;
  #polls: SimPolls | undefined;
  /** The word that was lost when the outage began. */
  #forgottenBefore = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const from = scenario.fromMs;
    this.#agenda = new Agenda({ now: from, localMs: scenario.setup.localMs });
    this.#processes = new FakeProcesses({
      ticker: this.#agenda,
      defer: deferAtOnce,
      onFact: (fact) => {
        this.chronicle.add(this.now, fact);
        this.#life?.invariants.fact(fact, this.now);
        if (fact.kind !== "started") return;
        this.starts += 1;
        // Its tree is known only once the start is done.
        this.#agenda.later(0, () => this.#polls?.began(fact.command));
      },
    });
    this.#broker = new CoreBroker({
      agenda: this.#agenda,
      sessionMs: sessionMsOf(scenario.setup),
      onHearing: (can, isMissed) => this.#hearing(can, isMissed),
      onWord: (message) => this.#word(message),
    });
  }

  get now(): number {
    return this.#agenda.now();
  }

  play(): void {
    const { events, untilMs } = this.#scenario;
    let next = 0;
    this.#boot();
    this.#step();
    let stepsAtOnce = 0;
    while (this.now < untilMs) {
      const eventAt = events[next]?.at ?? untilMs;
      const target = Math.min(eventAt, this.#agenda.nextDue(), this.#wakeAt());
      stepsAtOnce = target > this.now ? 0 : stepsAtOnce + 1;
      if (stepsAtOnce > STEPS_AT_ONCE_MAX) {
        throw new Violation("time stands still", this.now, `${target}`);
      }
      this.#probe(target);
      this.#agenda.moveTo(target);
      for (;;) {
        const event = events[next];
        if (event === undefined || event.at > this.now) break;
        next += 1;
        this.chronicle.add(this.now, event);
        this.#apply(event);
      }
      this.#step();
    }
  }

  /** When the controller has to be looked at; mere heartbeats are passed over. */
  #wakeAt(): number {
    const life = this.#life;
    if (life?.decision === undefined) return Infinity;
    const { wakeAt } = life.decision;
    const deadline = life.invariants.nextDeadline(this.now, "least");
    this.#checkWake(wakeAt);
    const isHeartbeat = wakeAt === life.steppedAt + heartbeatOf(life);
    // Behind a heartbeat may lie what only the ladder knows: a look that is given up.
    const isSteady = !life.decision.verdicts.some(({ kind }) =>
      kind === "stopping" || kind === "stuck"
    );
    const skips = isHeartbeat && isSteady &&
      !life.invariants.isInJitter(this.now);
    const switchAt = life.decision.level?.switchAt ?? Infinity;
    return Math.min(life.endsBy, deadline, skips ? switchAt : wakeAt);
  }

  /** Between two looks nothing may become due, and the last heartbeat must see what comes. */
  #probe(target: number): void {
    const life = this.#life;
    if (life === undefined) return;
    const beatMs = heartbeatOf(life);
    if (target - life.steppedAt <= beatMs) return;
    const beatAt = target - Math.ceil(this.#random.next() * beatMs);
    for (const at of [beatAt, target - 1]) {
      const local = this.#agenda.localAt(at);
      const { actions, wakeAt } = decideAt(life, local, at);
      if (actions.length > 0) {
        throw new Violation("acts too soon", at, JSON.stringify(actions));
      }
      this.#checkWake(wakeAt);
    }
  }

  #checkWake(wakeAt: number): void {
    const deadline = this.#life?.invariants.nextDeadline(this.now, "most");
    if (deadline === undefined || wakeAt <= deadline + DUST_MS) return;
    const what = `wakes at ${wakeAt}, something is due at ${deadline}`;
    throw new Violation("oversleeps", this.now, what);
  }

  #step(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.steps += 1;
    const { decision, over } = life.collection.step();
    life.decision = decision;
    life.steppedAt = this.now;
    life.board.take(life.output.drain());
    // Powering off may have ended this life within the step.
    if (this.#life !== life) return;
    if (decision.actions.length > 0) {
      throw new Violation(
        "decides twice",
        this.now,
        JSON.stringify(decision.actions),
      );
    }
    life.invariants.check(this.now, life.board.view());
    if (over) return this.#end("proved");
    if (this.now >= life.endsBy) this.#end("given up");
  }

  #apply(event: WorldEvent): void {
    switch (event.kind) {
      case "say":
        return this.#broker.say(event);
      case "thermostat":
        if (!this.#broker.canHear || this.#life === undefined) return;
        this.#life.input.thermostat(event.state);
        return this.#life.invariants.demand.thermostat(event.state, this.now);
      case "broker":
        return this.#broker.does(event.does);
      case "program":
        return this.#processes.behave(event.command, event.behaves);
      case "miner":
        return this.#miners.feel(event.command, event.mood);
      case "machine":
        return this.#miners.warm(event.celsius);
      case "crash":
        return this.#processes.crash(event.command, event.exit);
      case "local":
        this.#agenda.shiftLocal(event.shiftMs);
        return this.#life?.invariants.localShifted(this.now);
      case "sleep":
        this.#agenda.suspend(event.forMs);
        this.#life?.input.awake();
        this.#life?.invariants.localShifted(this.now);
        return this.#life?.invariants.demand.sleep(event.forMs, this.now);
      case "controller":
        return this.#controller(event.does);
    }
  }

  #controller(does: ControllerDeed): void {
    const life = this.#life;
    if (does === "start") return this.#boot();
    if (life === undefined) return;
    if (does === "die") return this.#end("died");
    if (does === "vanish") return this.#end("vanished");
    life.input.end(does);
    life.invariants.demand.end(does, this.now);
    const longest = this.#scenario.setup.commands.map((one) =>
      one.stopTimeoutMs
    );
    const endsBy = this.now + Math.max(...longest) + GIVE_UP_MS;
    life.endsBy = Math.min(life.endsBy, endsBy);
  }

  #end(how: string): void {
    this.chronicle.add(this.now, `controller: ${how}`);
    if (how === "given up") this.#life?.invariants.giveUp(this.now);
    if (how === "proved") {
      for (const { name } of this.#scenario.setup.commands) {
        if (this.#processes.living(name).length === 0) continue;
        throw new Violation("ends too soon", this.now, `${name} lives`);
      }
    }
    this.#life = undefined;
    if (how === "proved" || how === "machine off") {
      this.#lives = endLife(this.#lives);
    }
    if (how !== "vanished") this.#processes.cleanUp();
  }

  #hearing(can: boolean, isMissed: boolean): void {
    const life = this.#life;
    this.chronicle.add(this.now, can ? "hears" : "is deaf");
    if (life === undefined) return;
    if (can) life.input.heard();
    else life.input.lost();
    life.invariants.demand.isKeptZero = false;
    const { demand } = life.invariants;
    demand.hear(can, this.now);
    if (!can) this.#forgottenBefore = demand.forgotten;
    const { deafSince } = demand;
    if (!isMissed || deafSince === undefined) return;
    life.input.missed(deafSince);
    demand.miss(deafSince, this.now);
  }

  #word(heard: HeardMessage): void {
    const life = this.#life;
    if (life === undefined) return;
    const { setup } = this.#scenario;
    const { demand } = life.invariants;
    const { forgotten } = demand;
    const isForgotten = forgotten > 0 && forgotten !== this.#forgottenBefore;
    const message = { ...heard, isForgotten };
    const { payload, retain, isLevel = false } = message;
    const said = isLevel ? parseLevel(payload) : parseDemand(payload, setup);
    const word = said.kind === "demand" ? said.demand : "";
    const before = life.input.read().word?.demand;
    const isSame = before === word && !(isLevel && demand.isKeptOn);
    const counts = before === word ||
      countsRetained(demand, word.toUpperCase(), setup) &&
        !(before === "off" && (isLevel || demand.isKeptZero));
    hear(demand, message, { setup, now: this.now });
    if (retain && isSame && setup.retainedCommands === "accept") {
      life.input.confirm();
    }
    if (said.kind === "refused") return life.input.refuse(said.why);
    if (retain && isSame) return;
    if (retain && !counts) {
      return life.input.letWait("A retained message does not count");
    }
    if (!retain && word !== "off" && isOld(message)) {
      return life.input.refuse("An old message does not count");
    }
    if (said.kind === "shutdown") return life.input.shutdown();
    life.input.put(said.demand, said.level);
  }

  #powerOff(): Promise<void> {
    const life = this.#life;
    life?.invariants.powerOff(this.now);
    this.chronicle.add(this.now, "powers off");
    const done = deferAtOnce<void>();
    this.#agenda.later(10, () => {
      if (this.#life !== life || life === undefined) return;
      if (this.#scenario.setup.powerOff === "works") {
        this.#end("machine off");
        return this.#agenda.later(BOOT_MS, () => this.#boot());
      }
      life.invariants.demand.failShutdown(this.now);
      done.reject(new Error("Not allowed"));
    });
    const { promise } = done;
    const caught = (onReason: (reason: unknown) => unknown) =>
      promise.then(undefined, onReason);
    return { catch: caught } as unknown as Promise<void>;
  }

  /** Starts a controller, which may find what one before left behind. */
  #boot(): void {
    if (this.#life !== undefined) return;
    const { setup } = this.#scenario;
    this.chronicle.add(this.now, "controller: starts");
    const leftovers = this.#processes.leftovers();
    const life = newLife({
      setup,
      agenda: this.#agenda,
      random: this.#random,
      processes: this.#processes,
      powerOff: () => this.#powerOff(),
    });
    this.#life = life;
    this.#polls = new SimPolls({
      setup,
      ticker: this.#agenda,
      processes: this.#processes,
      miners: this.#miners,
      telemetry: life.telemetry,
      invariants: life.invariants,
      isOver: () => this.#life !== life,
    });
    life.invariants.find(leftovers, this.now);
    for (const { command, ...found } of leftovers) {
      life.commands.find(({ facts }) => facts.name === command)?.adopt(found);
    }
    this.#hold(life);
    life.input.lost();
    life.invariants.demand.hear(false, this.now);
    this.#broker.listen();
  }

  /** Who kept dying does not heat at once. */
  #hold({ input, invariants }: Life): void {
    const { now } = this;
    const moment = { boot: "b1", upMs: now, wallMs: now };
    const { lives, hold } = beginLife(this.#lives, moment);
    this.#lives = lives;
    if (hold === undefined) return;
    this.chronicle.add(now, `heat is held for ${hold.forMs} ms`);
    input.hold(hold);
    invariants.demand.hold(now + hold.forMs, now);
  }
}

function heartbeatOf({ commands }: Life): number {
  return commands.some(({ facts }) => isAlive(facts))
    ? HEARTBEAT_RUNNING_MS
    : HEARTBEAT_MS;
}
