/** A rig that obeys at once: what decide() wants happens at the same moment. */

import { decide } from "../../lib/core/decide.ts";
import { failuresAfter, isAlive } from "../../lib/core/guard.ts";
import { statusMessage } from "../../lib/core/message.ts";
import { type Found, readingOf } from "../../lib/core/reading.ts";
import { absorb, beginRun, telemetryBefore } from "../../lib/core/telemetry.ts";
import type {
  MachineFacts,
  TelemetryFacts,
} from "../../lib/core/telemetry_types.ts";
import { absorbTemperatures } from "../../lib/core/thermal.ts";
import { recentBarks } from "../../lib/core/watchdog.ts";
import type {
  Action,
  CommandFacts,
  CommandLimits,
  Decision,
  Desired,
  LocalMoment,
  Observed,
} from "../../lib/core/types.ts";
import { facts, local, NOON, observed, told } from "./make.ts";

/** A moment of a table: what happens then, and what decide() does about it. */
export interface Moment {
  readonly at: number;
  /** What the thermostat says. */
  readonly say?: "on" | "off";
  /** The command that ends by itself. */
  readonly crash?: string;
  /** The time of day; noon if absent. */
  readonly local?: string;
  /** What a command's miner tells. */
  readonly reads?: Readonly<Record<string, Found>>;
  /** What the machine's sensors tell, in degrees Celsius. */
  readonly machine?: Readonly<Record<string, number>>;
  /** "start a", "signal a polite", ...; nothing if absent. */
  readonly does?: readonly string[];
  /** The verdict on each command after that. */
  readonly verdicts?: readonly string[];
  /** What `statusmsg` says. */
  readonly says?: string;
}

/** Plays tables of moments, and says for each what was done. */
export class Rehearsal {
  #desired: Desired;
  #commands: CommandFacts[];
  #telemetry: TelemetryFacts[];
  #machine: MachineFacts = { sensors: [], power: undefined };

  constructor(desired: Desired, reads: Parameters<typeof telemetryBefore>[0]) {
    this.#desired = desired;
    this.#commands = desired.limits.commands.map(({ name }) => facts({ name }));
    this.#telemetry = this.#commands.map(() => telemetryBefore(reads));
  }

  /** What was done at a moment, and where the commands stand then. */
  play(moment: Moment): Required<Pick<Moment, "does" | "verdicts" | "says">> {
    const { at, say, crash } = moment;
    if (say !== undefined) this.#hear(say, at);
    if (crash !== undefined) this.#end(crash, at, true);
    this.#read(moment);
    const day: LocalMoment = moment.local === undefined
      ? NOON
      : local(moment.local);
    let { decision } = this.#decide(day, at);
    const does = told(decision.actions);
    for (const action of decision.actions) this.#act(action, at);
    // What the watchdog is against is asked to stop in the same step.
    if (decision.actions.some(({ kind }) => kind === "bark")) {
      ({ decision } = this.#decide(day, at));
      does.push(...told(decision.actions));
      for (const action of decision.actions) this.#act(action, at);
    }
    const verdicts = decision.verdicts.map(({ kind }) => kind);
    return { does, verdicts, says: this.#says(day, at) };
  }

  #decide(day: LocalMoment, at: number): {
    readonly seen: Observed;
    readonly decision: Decision;
  } {
    const seen = observed(this.#commands, day, {
      telemetry: this.#telemetry,
      machine: this.#machine,
    });
    return { seen, decision: decide(this.#desired, seen, at) };
  }

  #says(day: LocalMoment, now: number): string {
    const { seen, decision } = this.#decide(day, now);
    const desired = this.#desired;
    const picture = { desired, observed: seen, decision, now };
    return statusMessage({ ...picture, commandTopic: "h" });
  }

  #read({ at, reads = {}, machine }: Moment): void {
    const { safety, commands } = this.#desired.limits;
    for (const [index, limits] of commands.entries()) {
      const found = reads[limits.name];
      const before = this.#telemetry[index];
      const one = this.#commands[index];
      if (found === undefined || before === undefined) continue;
      if (one === undefined || !isAlive(one)) throw new Error("A dead one");
      const { minHashrateHs } = limits.watchdog;
      this.#telemetry[index] = absorb(
        before,
        { reading: readingOf(found), at },
        { minHashrateHs, safety },
      );
    }
    if (machine === undefined) return;
    const temperatures = Object.entries(machine).map(([device, celsius]) => {
      return { device, celsius };
    });
    const { sensors } = this.#machine;
    const told = { temperatures, at };
    this.#machine = {
      ...this.#machine,
      sensors: absorbTemperatures(sensors, told, safety),
    };
  }

  #hear(demand: "on" | "off", at: number): void {
    const { word } = this.#desired;
    const since = word?.demand === demand ? word.since : at;
    this.#desired = { ...this.#desired, word: { demand, at, since } };
  }

  #act(action: Action, at: number): void {
    if (action.kind === "signal") this.#end(action.command, at, false);
    if (action.kind === "bark") {
      const { bark, command } = action;
      this.#change(command, (before) => {
        return { ...before, bark, barks: [...before.barks, at] };
      });
    }
    if (action.kind !== "start") return;
    // A start forgets the run before, all but what is counted over all runs.
    this.#change(
      action.command,
      ({ name, failures, aliveUntil, barks }) =>
        facts({
          name,
          failures,
          aliveUntil,
          barks: recentBarks(barks, at),
          startedAt: at,
          pid: 100,
        }),
    );
    this.#telemetry = this.#telemetry.map((before, index) =>
      this.#commands[index]?.name === action.command
        ? beginRun(before, at)
        : before
    );
  }

  #end(command: string, at: number, endedByItself: boolean): void {
    this.#change(command, (before, limits) => {
      const signalledAt = endedByItself ? before.signalledAt : at;
      const ended = { ...before, signalledAt, exitedAt: at, endedByItself };
      const failures = failuresAfter(ended, limits);
      return { ...ended, emptyAt: at, aliveUntil: at, failures };
    });
  }

  #change(
    command: string,
    change: (before: CommandFacts, limits: CommandLimits) => CommandFacts,
  ): void {
    const limits = this.#desired.limits.commands;
    this.#commands = this.#commands.map((before, index) => {
      const own = limits[index];
      return before.name === command && own !== undefined
        ? change(before, own)
        : before;
    });
  }
}
