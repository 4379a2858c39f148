/** What the miners and the machine's sensors told last, beside what it sums up to. */

import type { Clock } from "./clock.ts";
import {
  addEnergy,
  type EnergyCounts,
  type EnergyMoment,
} from "./core/energy.ts";
import { isAlive } from "./core/guard.ts";
import { fullPowerOf, machinePower, powerOf } from "./core/power.ts";
import type { Reading, Temperature } from "./core/reading.ts";
import {
  absorb,
  absorbIdle,
  beginRun,
  telemetryBefore,
} from "./core/telemetry.ts";
import type { MachineFacts, TelemetryFacts } from "./core/telemetry_types.ts";
import { absorbTemperatures } from "./core/thermal.ts";
import type { CommandFacts, Limits, Observed } from "./core/types.ts";
import { Doorbell } from "./doorbell.ts";

export interface TelemetryBufferOptions {
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  readonly limits: Limits;
  /** How each command is read, in order. */
  readonly reads: readonly {
    readonly isRead: boolean;
    readonly staleAfterMs: number;
  }[];
  /** What was counted before this start. */
  readonly energy: EnergyCounts;
}

/** What a command is doing, for whoever reads it. */
export interface RunState {
  /** Tells runs apart: changes whenever a new one begins or the last one is gone. */
  readonly run: number | undefined;
}

/** Every put stamps the time and rings; nobody acts here. */
export class TelemetryBuffer {
  readonly #options: TelemetryBufferOptions;
  readonly #facts: TelemetryFacts[];
  #machine: MachineFacts = { sensors: [], power: undefined };
  #energy: EnergyCounts;
  /** What is told: a power cut takes nothing of it back. */
  #keptEnergy: EnergyCounts;
  #moment: EnergyMoment | undefined;
  #runs: readonly (number | undefined)[] = [];
  readonly #bells: readonly Doorbell[];
  #tells = { power: false, temperature: false };

  constructor(options: TelemetryBufferOptions) {
    this.#options = options;
    this.#facts = options.reads.map(telemetryBefore);
    this.#energy = options.energy;
    this.#keptEnergy = options.energy;
    this.#bells = options.reads.map(() => new Doorbell());
  }

  /** All that is known at this moment of these commands. */
  observe(
    commands: readonly CommandFacts[],
  ): Pick<Observed, "telemetry" | "machine" | "energy"> {
    for (const [index, facts] of commands.entries()) {
      const told = this.#facts[index];
      const isNew = facts.leftover === 0 && facts.pid !== undefined &&
        facts.startedAt !== undefined && facts.startedAt !== told?.runAt;
      if (isNew && told !== undefined && facts.startedAt !== undefined) {
        this.#facts[index] = beginRun(told, facts.startedAt);
      }
    }
    const before = this.#runs;
    this.#runs = commands.map((facts) =>
      isAlive(facts) ? facts.startedAt : undefined
    );
    for (const [index, run] of this.#runs.entries()) {
      if (run !== before[index]) this.#bells[index]?.ring();
    }
    this.#count(commands);
    return {
      telemetry: [...this.#facts],
      machine: this.#machine,
      energy: this.#keptEnergy,
    };
  }

  /** What each command has used so far. */
  get energy(): EnergyCounts {
    return this.#energy;
  }

  /** These counts are kept as well as can be: from now on they are told. */
  energyKept(counts: EnergyCounts): void {
    const before = this.#keptEnergy.total;
    this.#keptEnergy = counts;
    const { kwh, heatHours, starts } = counts.total;
    const isSame = kwh === before.kwh && heatHours === before.heatHours &&
      starts === before.starts;
    if (!isSame) this.#options.doorbell.ring();
  }

  /** What was told at any time: can it be told at all? */
  get tells(): { readonly power: boolean; readonly temperature: boolean } {
    return this.#tells;
  }

  /** Which run of a command there is to be read; undefined while nothing of it lives. */
  runOf(index: number): number | undefined {
    return this.#runs[index];
  }

  /** Rings when a run of this command begins or is gone; for its reader alone. */
  bellOf(index: number): Doorbell {
    const bell = this.#bells[index];
    if (bell === undefined) throw new Error(`No command ${index}`);
    return bell;
  }

  /** A reading of a run; one that comes late, after that run, is dropped. `staleAfterMs`: it holds for so long, not as long as usual. */
  put(
    index: number,
    run: number | undefined,
    reading: Reading,
    { staleAfterMs }: { readonly staleAfterMs?: number } = {},
  ): void {
    const before = this.#facts[index];
    if (before === undefined || run !== this.runOf(index)) return;
    const told = staleAfterMs === undefined
      ? before
      : { ...before, staleAfterMs };
    this.#learn(reading);
    const at = this.#options.clock.now();
    const limits = this.#options.limits.commands[index];
    if (limits === undefined) return;
    if (run === undefined) {
      this.#facts[index] = absorbIdle(told, { reading, at });
    } else if (run === told.runAt) {
      this.#facts[index] = absorb(told, { reading, at }, {
        minHashrateHs: limits.watchdog.minHashrateHs,
        safety: this.#options.limits.safety,
      });
    }
    this.#options.doorbell.ring();
  }

  /** A run could not be read, for this reason; the last reading grows old by itself. */
  fail(index: number, run: number | undefined, fault: string): void {
    const told = this.#facts[index];
    if (told === undefined || run !== this.runOf(index)) return;
    if (run === undefined) {
      this.#facts[index] = absorbIdle(told, undefined);
    } else this.#facts[index] = { ...told, fault };
    this.#options.doorbell.ring();
  }

  /** What the machine's own sensors told. */
  putMachine(
    told: {
      readonly temperatures: readonly Temperature[];
      readonly powerW: number | undefined;
    },
  ): void {
    const at = this.#options.clock.now();
    const { safety } = this.#options.limits;
    const { temperatures, powerW } = told;
    this.#learn(told);
    this.#machine = {
      sensors: absorbTemperatures(
        this.#machine.sensors,
        { temperatures, at },
        safety,
      ),
      power: powerW === undefined
        ? undefined
        : machinePower(powerW, this.#machine.power, {
          at,
          isIdle: this.#runs.every((run) => run === undefined),
          fullW: fullPowerOf(this.#options.limits.commands, this.#facts),
        }),
    };
    this.#options.doorbell.ring();
  }

  #learn(told: Pick<Reading, "powerW" | "temperatures">): void {
    const { power, temperature } = this.#tells;
    this.#tells = {
      power: power || told.powerW !== undefined,
      temperature: temperature || told.temperatures.length > 0,
    };
  }

  #count(commands: readonly CommandFacts[]): void {
    const at = this.#options.clock.now();
    const limits = this.#options.limits.commands;
    const seen = { commands, telemetry: this.#facts, machine: this.#machine };
    const powers = powerOf(seen, limits, at);
    const moment: EnergyMoment = {
      at,
      commands: commands.map((facts, index) => {
        const power = powers[index];
        const isMeasured = power !== undefined && power.source !== "estimated";
        return {
          name: facts.name,
          runningSince: isAlive(facts) && facts.leftover === 0
            ? facts.startedAt
            : undefined,
          measured: isMeasured ? { watts: power.watts, at } : undefined,
          estimatedWatts: limits[index]?.watts,
        };
      }),
    };
    this.#energy = addEnergy(this.#energy, this.#moment, moment);
    this.#moment = moment;
  }
}
