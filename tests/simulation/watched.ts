/** What the simulation knows of one command: facts as the controller was told them, kept apart. */

import type {
  CommandLimits,
  HeatLimits,
  LocalMoment,
} from "../../lib/core/types.ts";
import type { OsFact } from "../fakes/fake_process.ts";
import { QuietTable } from "./local.ts";
import { type Telling, Violation } from "./script.ts";
import { Lag } from "./told_rules.ts";
import { ToldCommand } from "./told_run.ts";

/** The latest run, or the latest try to start one. */
export interface Run {
  /** Undefined if the start failed. */
  readonly pid: number | undefined;
  readonly startedAt: number;
  /** An earlier controller left it behind: it has to go, and its end is no failure. */
  readonly isLeftover: boolean;
  /** When the first signal or kill was sent. */
  askedAt: number | undefined;
  signals: number;
  killedAt: number | undefined;
  kills: number;
  exitToldAt: number | undefined;
  unasked: boolean;
  lookBeganAt: number | undefined;
  /** When the last look that answered ended, and what it showed. */
  lookedAt: number | undefined;
  shown: readonly number[];
  /** When a look showed that nothing is left. */
  provenAt: number | undefined;
  /** The watchdog ended it, and whether it had worked for long enough before. */
  bark: { readonly worked: boolean } | undefined;
}

export class Watched {
  readonly limits: CommandLimits;
  readonly quiet: QuietTable;
  readonly hasQuiet: boolean;
  run: Run | undefined;
  failures = 0;
  /** When a look, or the leader's end, told of life for the last time. */
  knownAliveAt = -Infinity;
  /** Since when its quiet hours hold it; Infinity if they do not. */
  quietSince = Infinity;
  /** Since when they do not. */
  awakeSince = -Infinity;
  /** What was told of it; undefined if nothing reads it. */
  readonly told: ToldCommand | undefined;
  /** What its rate and its count of shares were. */
  readonly rates = new Lag();
  readonly counts = new Lag();
  readonly #heat: HeatLimits;
  #shownAccepted = 0;

  constructor(limits: CommandLimits, heat: HeatLimits, telling?: Telling) {
    this.limits = limits;
    this.told = telling && new ToldCommand(telling, limits.watchdog);
    this.#heat = heat;
    this.quiet = QuietTable.of(limits.quietHours);
    this.hasQuiet = limits.quietHours.length > 0;
  }

  /** Did it start, and did nothing show yet that it is gone? */
  get runs(): boolean {
    return this.run !== undefined && this.run.provenAt === undefined;
  }

  /** Time has come to this moment of the local day. */
  passQuiet(local: LocalMoment, now: number): void {
    if (this.quiet.isQuiet(local)) {
      this.quietSince = Math.min(this.quietSince, now);
    } else if (this.quietSince < Infinity) {
      this.quietSince = Infinity;
      this.awakeSince = now;
    }
  }

  take(fact: OsFact, now: number): void {
    if (fact.kind === "started") return this.#begin(fact.pid, now);
    if (fact.kind === "found") {
      this.knownAliveAt = now;
      return this.#begin(fact.pid, now, true);
    }
    if (fact.kind === "start_failed") return this.#begin(undefined, now);
    const run = this.run;
    // What comes late from an earlier run, or from an earlier controller's.
    if (run === undefined || run.pid !== fact.pid) return;
    switch (fact.kind) {
      case "signalled":
        run.askedAt ??= now;
        run.signals += 1;
        return;
      case "killed":
        run.askedAt ??= now;
        run.killedAt = now;
        run.kills += 1;
        return;
      case "exit_told":
        return this.#ended(run, now);
      case "look_began":
        run.lookBeganAt = now;
        return;
      case "looked":
        if (run.provenAt !== undefined) return;
        // Of a look that was given up only this is still true: that nothing was left.
        if (fact.since !== run.lookBeganAt && fact.pids.length > 0) return;
        run.lookedAt = now;
        run.shown = fact.pids;
        if (fact.pids.length > 0) this.knownAliveAt = now;
        else {
          // The kill may be known to have worked before the end itself is told.
          this.#ended(run, now);
          run.provenAt = now;
        }
        return;
      case "look_failed":
        return;
    }
  }

  /** A count of shares stands on its topic: it never falls. */
  shown(accepted: string, now: number): void {
    if (accepted === "null") return;
    const count = Number(accepted);
    if (!(count >= this.#shownAccepted)) {
      const what = `${accepted} after ${this.#shownAccepted}`;
      throw new Violation("count falls", now, what);
    }
    this.#shownAccepted = count;
  }

  /** The rest after a failure, without and with the longest jitter. */
  rests(): { readonly least: number; readonly most: number } {
    const { restartRestMs, restartRestMaxMs } = this.limits;
    const rest = restartRestMs * Math.pow(2, this.failures - 1);
    return {
      least: Math.min(rest, restartRestMaxMs),
      most: Math.min(rest * 1.2, restartRestMaxMs),
    };
  }

  /** Did the latest run end in a way that is a failure? */
  get hasFailed(): boolean {
    return this.run?.unasked === true || this.run?.bark !== undefined;
  }

  /** The watchdog ends the present run. */
  bark(now: number): void {
    const { run, told } = this;
    if (run === undefined || told === undefined) return;
    run.bark = { worked: told.workedFor(this.limits.stableAfterMs, now) };
    told.barks.push(now);
  }

  /** Until when its own cards have to cool down. */
  get coolsUntil(): number {
    const { run, told } = this;
    if (run === undefined || told === undefined || this.runs) return -Infinity;
    const { askedAt = Infinity, exitToldAt = Infinity } = run;
    const endAt = Math.min(askedAt, exitToldAt);
    return told.coolsUntil(endAt, run.provenAt ?? -Infinity);
  }

  get isLockedOut(): boolean {
    return this.hasFailed &&
      this.failures >= this.limits.lockoutFailures;
  }

  get minOffUntil(): number {
    return this.knownAliveAt + this.#heat.minOffMs;
  }

  /** Until when a failure holds it back: the earliest and the latest moment. */
  failureHold(): { readonly least: number; readonly most: number } {
    const run = this.run;
    if (run?.exitToldAt === undefined || !this.hasFailed) {
      return { least: -Infinity, most: -Infinity };
    }
    if (this.isLockedOut) {
      const until = run.exitToldAt + this.limits.lockoutForMs;
      return { least: until, most: until };
    }
    const { least, most } = this.rests();
    return { least: run.exitToldAt + least, most: run.exitToldAt + most };
  }

  #begin(pid: number | undefined, now: number, isLeftover = false): void {
    const run: Run = {
      pid,
      isLeftover,
      startedAt: now,
      askedAt: undefined,
      signals: 0,
      killedAt: undefined,
      kills: 0,
      exitToldAt: undefined,
      unasked: false,
      lookBeganAt: undefined,
      lookedAt: undefined,
      shown: [],
      provenAt: undefined,
      bark: undefined,
    };
    this.run = run;
    if (pid !== undefined && !isLeftover) this.told?.begin(now);
    else this.told?.forget();
    if (pid !== undefined) return;
    run.exitToldAt = now;
    run.unasked = true;
    run.provenAt = now;
    this.failures += 1;
  }

  #ended(run: Run, now: number): void {
    if (run.exitToldAt !== undefined) {
      // Told at last, after the proof: it was known to be gone before.
      return;
    }
    run.exitToldAt = now;
    run.unasked = run.askedAt === undefined && !run.isLeftover;
    this.knownAliveAt = now;
    if (run.isLeftover) return;
    const worked = run.bark?.worked ??
      now - run.startedAt >= this.limits.stableAfterMs;
    if (worked) this.failures = 0;
    if (this.hasFailed) this.failures += 1;
  }
}
