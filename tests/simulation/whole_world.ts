/** The whole loop: the real Controller between a fake broker, fake programs and a fake clock. */

import { OutputBuffer } from "../../lib/output_buffer.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { FakeProcesses } from "../fakes/fake_process.ts";
import { Chronicle } from "./chronicle.ts";
import { TakenWords } from "./heard.ts";
import { Invariants } from "./invariants.ts";
import { localOf } from "./local.ts";
import { Publishing } from "./publishing.ts";
import { Random } from "./random.ts";
import {
  bytesOf,
  type ControllerDeed,
  DUST_MS,
  type Outcome,
  type Scenario,
  sessionMsOf,
  Violation,
  type WorldEvent,
} from "./script.ts";
import { WholeBroker } from "./whole_broker.ts";
import { WholeLife } from "./whole_life.ts";

const CLIENT = "kolikko1";
const BOOT_MS = 60_000;
/** After the stop, or what was given up of it: the last words, and the connection's end. */
const ENDING_MS = 5_000 + 2 * 2_000;

/** Plays a scenario with the whole controller, to its end or to the first violation. */
export async function playWhole(scenario: Scenario): Promise<Outcome> {
  const world = new WholeWorld(scenario);
  // The buffer is the controller's own secret; what goes in has to be seen all the same.
  const put = OutputBuffer.prototype.put;
  OutputBuffer.prototype.put = function (payloads) {
    put.call(this, payloads);
    world.put(payloads);
  };
  let violation: Violation | undefined;
  try {
    await world.play();
  } catch (error) {
    violation = error instanceof Violation
      ? error
      : new Violation("exception", world.now, `${(error as Error).stack}`);
  } finally {
    OutputBuffer.prototype.put = put;
    world.vanish();
  }
  const { steps, starts } = world;
  const lines = violation === undefined ? [] : world.chronicle.lines();
  return { violation, lines, steps, starts };
}

class WholeWorld {
  readonly chronicle = new Chronicle();
  steps = 0;
  starts = 0;
  readonly #scenario: Scenario;
  readonly #clock: FakeClock;
  readonly #random = new Random(1);
  readonly #broker: WholeBroker;
  readonly #processes: FakeProcesses;
  readonly #publishing: Publishing;
  #life: WholeLife | undefined;
  #taken: TakenWords;
  #failure: unknown;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#taken = new TakenWords(scenario.setup);
    this.#clock = new FakeClock({
      now: scenario.fromMs,
      local: localOf(scenario.setup.localMs),
    });
    this.#broker = new WholeBroker(
      this.#clock,
      CLIENT,
      sessionMsOf(scenario.setup),
    );
    this.#publishing = new Publishing(this.#broker.fake, CLIENT);
    this.#processes = new FakeProcesses({
      ticker: {
        now: () => this.now,
        later: (ms, then) => void this.#clock.sleep(ms).then(then),
      },
      onFact: (fact) => {
        this.chronicle.add(this.now, fact);
        if (fact.kind === "started") this.starts += 1;
        this.#guard(() => this.#life?.invariants.fact(fact, this.now));
      },
    });
  }

  get now(): number {
    return this.#clock.now();
  }

  async play(): Promise<void> {
    const { events, untilMs } = this.#scenario;
    let next = 0;
    this.#boot();
    await this.#pause(0);
    while (this.now < untilMs) {
      const eventAt = events[next]?.at ?? untilMs;
      const dueAt = this.#clock.nextDue() ?? Infinity;
      const since = this.now - DUST_MS;
      const deadline = DUST_MS +
        (this.#life?.invariants.nextDeadline(since, "least") ?? Infinity);
      await this.#pause(Math.min(eventAt, dueAt, deadline) - this.now);
      for (;;) {
        const event = events[next];
        if (event === undefined || event.at > this.now) break;
        next += 1;
        this.chronicle.add(this.now, event);
        await this.#apply(event);
        await this.#pause(0);
      }
    }
  }

  put(payloads: ReadonlyMap<string, string>): void {
    const life = this.#life;
    life?.board.take([...payloads].map(([topic, payload]) => {
      return { topic, payload };
    }));
  }

  /** Nothing of it goes on. */
  vanish(): void {
    this.#life?.vanish();
  }

  /** Lets time pass, and everybody react; then all must be well. */
  async #pause(ms: number): Promise<void> {
    await this.#clock.advance(Math.max(ms, 0));
    this.steps += 1;
    if (this.#failure !== undefined) throw this.#failure;
    const life = this.#life;
    if (life === undefined) return;
    life.invariants.check(this.now, life.board.view());
    this.#taken.check(life.invariants.demand, this.now);
    if (life.links > 0 && life.inFlight === 0 && this.#broker.answers) {
      this.#publishing.check(this.now, life.board.latest);
    }
    const { endAskedAt = Infinity } = life;
    if (endAskedAt + this.#longestStopMs + ENDING_MS < this.now) {
      throw new Violation("ends too late", this.now, `asked at ${endAskedAt}`);
    }
  }

  get #longestStopMs(): number {
    const { commands } = this.#scenario.setup;
    return Math.max(...commands.map((one) => one.stopTimeoutMs));
  }

  async #apply(event: WorldEvent): Promise<void> {
    switch (event.kind) {
      case "say":
        this.#take(event);
        return this.#broker.say(event);
      case "thermostat":
        return this.#broker.thermostat(event.state);
      case "broker":
        if (event.does === "forget") this.#publishing.forget();
        return await this.#broker.does(event.does);
      case "program":
        return this.#processes.behave(event.command, event.behaves);
      case "miner":
      case "machine":
        // Nothing reads them here.
        return;
      case "crash":
        return this.#processes.crash(event.command, event.exit);
      case "local":
        this.#clock.setLocal(
          localOf(localMs(this.#clock.local()) + event.shiftMs),
        );
        return this.#life?.invariants.localShifted(this.now);
      case "sleep":
        for (const payload of event.says ?? []) {
          this.#take({ kind: "say", at: this.now, payload });
        }
        this.#broker.meanwhile(event.forMs, event.says ?? []);
        // It is noticed when the loop turns next.
        this.#clock.suspend(event.forMs);
        this.#life?.invariants.localShifted(this.now);
        return this.#life?.slept(event.forMs);
      case "controller":
        return this.#controller(event.does);
    }
  }

  #take(event: Extract<WorldEvent, { kind: "say" }>): void {
    if (!this.#broker.answers) return;
    const { isLevel = false, retain = false } = event;
    this.#taken.take({ payload: bytesOf(event), isLevel, retain }, this.now);
  }

  #controller(does: ControllerDeed): void {
    if (does === "start") return this.#boot();
    const life = this.#life;
    if (life === undefined) return;
    if (does === "die") return this.#gone(life, "died");
    if (does === "vanish") return this.#gone(life, "vanished");
    life.endAskedAt ??= this.now;
    life.invariants.demand.end(does, this.now);
    life.controller.end(does);
  }

  /** Starts a controller, which may find what one before left behind. */
  #boot(): void {
    if (this.#life !== undefined) return;
    const { setup } = this.#scenario;
    this.#taken = new TakenWords(setup);
    this.chronicle.add(this.now, "controller: starts");
    const invariants = new Invariants({
      setup,
      processes: this.#processes,
      local: () => this.#clock.local(),
      now: this.now,
    });
    const leftovers = this.#processes.leftovers();
    invariants.find(leftovers, this.now);
    const life = new WholeLife({
      setup,
      clock: this.#clock,
      random: this.#random,
      spawn: this.#processes.spawn,
      leftovers,
      connect: this.#broker.connect,
      invariants,
      powerOff: () => this.#powerOff(),
      onLink: () => this.#publishing.connected(),
      onWord: () => this.#publishing.word(),
      note: (what) => this.chronicle.add(this.now, what),
    });
    this.#life = life;
    life.run().then(
      (proved) => this.#guard(() => this.#ended(life, proved)),
      (error) => this.#failure ??= error,
    );
  }

  #ended(life: WholeLife, proved: boolean): void {
    if (this.#life !== life) return;
    this.#gone(life, proved ? "proved" : "given up");
    if (life.endAskedAt === undefined) {
      throw new Violation("ends unasked", this.now, `proved: ${proved}`);
    }
    const left = life.invariants.commands.filter(({ runs }) => runs);
    if (proved === (left.length > 0)) {
      const names = left.map(({ limits }) => limits.name);
      const what = `proved: ${proved}, left: ${names}`;
      throw new Violation("wrong end", this.now, what);
    }
    if (!proved && this.now < life.endAskedAt + this.#longestStopMs + 5_000) {
      const what = `asked at ${life.endAskedAt}`;
      throw new Violation("gives up too soon", this.now, what);
    }
    if (proved && this.#broker.isReachable) {
      this.#publishing.checkLastWord(this.now, life.board.latest);
    }
  }

  #gone(life: WholeLife, how: string): void {
    this.chronicle.add(this.now, `controller: ${how}`);
    this.#life = undefined;
    life.vanish();
    this.#broker.fake.cut(CLIENT);
    if (how !== "vanished") this.#processes.cleanUp();
  }

  async #powerOff(): Promise<void> {
    const life = this.#life;
    this.#guard(() => life?.invariants.powerOff(this.now));
    this.chronicle.add(this.now, "powers off");
    await this.#clock.sleep(10);
    if (life === undefined || this.#life !== life) return;
    if (this.#scenario.setup.powerOff === "works") {
      this.#gone(life, "machine off");
      return this.#later(BOOT_MS, () => this.#boot());
    }
    life.invariants.demand.failShutdown(this.now);
    throw new Error("Not allowed");
  }

  #later(ms: number, then: () => void): void {
    void this.#clock.sleep(ms).then(() => this.#guard(then));
  }

  /** A violation found in a callback is thrown where the world is played. */
  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#failure ??= error;
    }
  }
}

function localMs(local: ReturnType<FakeClock["local"]>): number {
  return (local.weekday * 1440 + local.minuteOfDay) * 60_000 +
    local.msOfMinute;
}
