/** The real controller on a broker in memory, with programs in memory; it can be killed. */

import type { Config } from "../../lib/config.ts";
import { Controller } from "../../lib/controller.ts";
import { Broker } from "../../lib/mqtt/broker.ts";
import { ConnectError } from "../../lib/mqtt/link.ts";
import { Gate } from "../simulation/gate.ts";
import type { FakeBroker } from "../fakes/fake_broker.ts";
import type { FakeClock } from "../fakes/fake_clock.ts";
import { FakeProcesses } from "../fakes/fake_process.ts";
import { NO_KEPT_ENERGY, unread } from "../fakes/unread.ts";

const QUIET_LOG = { debug() {}, info() {}, warn() {} };
const NOTHING = {
  onMessage() {},
  onSubscribed() {},
  onTaken() {},
  onClosed() {},
  onPublish() {},
  way: () => Promise.resolve(),
};

export interface RigOptions {
  readonly clock: FakeClock;
  readonly broker: FakeBroker;
  readonly config: Config;
  readonly random: () => number;
}

export class Rig {
  readonly #options: RigOptions;
  readonly #processes: FakeProcesses;
  #isCutOff = false;
  #life: { readonly controller: Controller; readonly gate: Gate } | undefined;

  constructor(options: RigOptions) {
    this.#options = options;
    const { clock } = options;
    this.#processes = new FakeProcesses({
      ticker: {
        now: () => clock.now(),
        later: (ms, then) => void clock.sleep(ms).then(then),
      },
    });
    for (const { name } of options.config.commands) {
      this.#processes.behave(name, { obeysAfterMs: 800 });
    }
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  /** Its network is broken. */
  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  /** How many commands really run. */
  get living(): number {
    const { commands } = this.#options.config;
    return commands.reduce(
      (sum, { name }) => sum + this.#processes.living(name).length,
      0,
    );
  }

  start(): void {
    const { clock, broker, config, random } = this.#options;
    const gate = new Gate();
    const own = gate.clock(clock, () => {});
    const connect = broker.connect({
      clientId: config.rig.id,
      will: {
        topic: config.topics.availability,
        payload: "offline",
        retain: true,
      },
      willDelayMs: 5_000,
      sessionMs: config.broker.sessionMs,
      keepaliveMs: 30_000,
    });
    const connection = new Broker({
      connect: async (signal) => {
        if (this.#isCutOff) throw new ConnectError("No way to the broker");
        return gate.link(await connect(signal), NOTHING);
      },
      clock: own,
      log: QUIET_LOG,
      random,
    });
    const controller = new Controller(config, {
      clock: own,
      random,
      newMark: (command) => command,
      spawn: this.#processes.spawn,
      leftovers: this.#processes.leftovers(),
      telemetry: unread(config.commands.length),
      energy: NO_KEPT_ENERGY,
      links: (signal, isHeating) => connection.links(signal, isHeating),
      rival: () => connection.rival,
      hurry: () => connection.hurry(),
      powerOff: () => Promise.resolve(),
      outputOf: () => () => {},
      info: { version: "simulated" },
    });
    const life = { controller, gate };
    this.#life = life;
    void gate.pass(controller.run()).then(() => {
      if (this.#life === life) this.#life = undefined;
    });
  }

  /** Ends in order, or its process is gone from one moment to the next. */
  stop(how: "order" | "kill"): void {
    if (how === "order") return this.#life?.controller.end("stop");
    this.#life?.gate.close();
    this.#life = undefined;
    this.#options.broker.cut(this.#options.config.rig.id);
  }

  /** Its network is broken; everybody else's is not. */
  cutOff(): void {
    this.#isCutOff = true;
    this.#options.broker.cut(this.#options.config.rig.id);
  }

  reconnect(): void {
    this.#isCutOff = false;
  }

  crash(): void {
    const [command] = this.#options.config.commands;
    if (command === undefined) return;
    this.#processes.crash(command.name, { kind: "code", code: 1 });
  }
}
