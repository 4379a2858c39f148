/** A rig that obeys at once: what decide() wants happens at the same moment. */

import { decide } from "../../lib/core/decide.ts";
import { failuresAfter } from "../../lib/core/guard.ts";
import type {
  Action,
  CommandFacts,
  CommandLimits,
  Desired,
  LocalMoment,
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
  /** "start a", "signal a polite", ...; nothing if absent. */
  readonly does?: readonly string[];
  /** The verdict on each command after that. */
  readonly verdicts?: readonly string[];
}

/** Plays tables of moments, and says for each what was done. */
export class Rehearsal {
  #desired: Desired;
  #commands: CommandFacts[];

  constructor(desired: Desired) {
    this.#desired = desired;
    this.#commands = desired.limits.commands.map(({ name }) => facts({ name }));
  }

  /** What was done at a moment, and where the commands stand then. */
  play(moment: Moment): Pick<Moment, "does" | "verdicts"> {
    const { at, say, crash } = moment;
    if (say !== undefined) this.#hear(say, at);
    if (crash !== undefined) this.#end(crash, at, true);
    const day: LocalMoment = moment.local === undefined
      ? NOON
      : local(moment.local);
    const decision = decide(this.#desired, observed(this.#commands, day), at);
    for (const action of decision.actions) this.#act(action, at);
    return {
      does: told(decision.actions),
      verdicts: decision.verdicts.map(({ kind }) => kind),
    };
  }

  #hear(demand: "on" | "off", at: number): void {
    const { word } = this.#desired;
    const since = word?.demand === demand ? word.since : at;
    this.#desired = { ...this.#desired, word: { demand, at, since } };
  }

  #act(action: Action, at: number): void {
    if (action.kind === "signal") this.#end(action.command, at, false);
    if (action.kind !== "start") return;
    // A start forgets the run before, all but what is counted over all runs.
    this.#change(
      action.command,
      ({ name, failures, aliveUntil }) =>
        facts({ name, failures, aliveUntil, startedAt: at, pid: 100 }),
    );
  }

  #end(command: string, at: number, endedByItself: boolean): void {
    this.#change(command, (before, limits) => {
      const ended = { ...before, exitedAt: at, endedByItself };
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
