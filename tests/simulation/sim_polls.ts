/** Reads simulated miners and sensors for one life of a controller. */

import { readingOf } from "../../lib/core/reading.ts";
import type { TelemetryBuffer } from "../../lib/telemetry_buffer.ts";
import type { FakeProcesses } from "../fakes/fake_process.ts";
import type { Ticker } from "../fakes/fake_tree.ts";
import type { Invariants } from "./invariants.ts";
import type { Setup } from "./script.ts";
import type { SimMiners } from "./sim_miners.ts";

export interface SimPollsOptions {
  readonly setup: Setup;
  readonly ticker: Ticker;
  readonly processes: FakeProcesses;
  readonly miners: SimMiners;
  readonly telemetry: TelemetryBuffer;
  readonly invariants: Invariants;
  /** Is the controller gone? */
  readonly isOver: () => boolean;
}

/** Asks each miner of a run again and again, and the machine's sensor meanwhile. */
export class SimPolls {
  readonly #options: SimPollsOptions;
  #readsMachine = false;

  constructor(options: SimPollsOptions) {
    this.#options = options;
  }

  /** A run of a command began. */
  began(command: string): void {
    const { setup, miners, processes } = this.#options;
    if (setup.telling === undefined) return;
    const index = setup.commands.findIndex(({ name }) => name === command);
    miners.begin(command);
    this.#poll(index, command, processes.latest(command)?.pid);
    if (!setup.telling.hasMachine || this.#readsMachine) return;
    this.#readsMachine = true;
    this.#pollMachine();
  }

  #poll(index: number, command: string, pid: number | undefined): void {
    const { setup, ticker, processes, miners, telemetry, invariants } =
      this.#options;
    const { intervalMs = 0 } = setup.telling ?? {};
    ticker.later(intervalMs, () => {
      const tree = processes.latest(command);
      const run = telemetry.runOf(index);
      const isGone = !tree?.lives || tree.pid !== pid || run === undefined;
      if (this.#options.isOver() || isGone) return;
      const found = miners.answer(command, intervalMs);
      if (found === undefined) telemetry.fail(index, run, "No answer");
      else {
        telemetry.put(index, run, readingOf(found));
        invariants.told(command, found, ticker.now());
      }
      this.#poll(index, command, pid);
    });
  }

  /** At rest it sleeps with its device, once nothing hangs on it. */
  #pollMachine(): void {
    const { setup, ticker, processes, miners, telemetry, invariants } =
      this.#options;
    ticker.later(setup.telling?.intervalMs ?? 0, () => {
      if (this.#options.isOver()) return;
      const celsius = miners.machineCelsius;
      telemetry.putMachine({
        temperatures: [{ device: "CPU", celsius }],
        powerW: undefined,
      });
      invariants.toldMachine(celsius, ticker.now());
      const lives = setup.commands.some(({ name }) =>
        processes.living(name).length > 0
      );
      this.#readsMachine = lives || invariants.isMachineHeld(ticker.now());
      if (this.#readsMachine) this.#pollMachine();
    });
  }
}
