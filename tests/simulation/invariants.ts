/**
 * What must never happen (design.md, section 6), checked at each moment. The
 * rules are written anew here and ask nothing of the code under test. Virtual
 * time stands still while code runs, so most rules hold to the millisecond;
 * each tolerance says why it is there.
 */

import type { Found } from "../../lib/core/reading.ts";
import type { LocalMoment } from "../../lib/core/types.ts";
import type { Leftover } from "../../lib/process/os_process.ts";
import type { FakeTree, OsFact } from "../fakes/fake_tree.ts";
import { Demand } from "./demand.ts";
import {
  barkDueAt,
  checkProgress,
  checkStart,
  checkStop,
} from "./run_rules.ts";
import { DUST_MS, type Setup, Violation } from "./script.ts";
import { checkNumbers } from "./told_rules.ts";
import { ToldMachine } from "./told_run.ts";
import { checkWords, type View } from "./word_rules.ts";
import { Watched } from "./watched.ts";

/** What the rules ask of an operating system that knows the truth. */
export interface Processes {
  living(command: string): readonly WatchedTree[];
  latest(command: string): WatchedTree | undefined;
}

/** What they ask of one run. */
export type WatchedTree = Pick<
  FakeTree,
  | "lives"
  | "killOnly"
  | "behaviour"
  | "endsAt"
  | "unkillableUntil"
  | "looksFailUntil"
  | "pids"
>;

export interface InvariantsOptions {
  readonly setup: Setup;
  readonly processes: Processes;
  readonly local: () => LocalMoment;
  readonly now: number;
}

/** The rules for one life of a controller. */
export class Invariants {
  readonly setup: Setup;
  readonly processes: Processes;
  readonly demand: Demand;
  readonly commands: readonly Watched[];
  lastStartAt = -Infinity;
  /** A shifted local clock is noticed within a minute: it is looked at once a minute. */
  shiftedUntil = -Infinity;
  /** The machine's own sensor; undefined if there is none. */
  readonly machine: ToldMachine | undefined;
  /** Since when the machine's sensor does not hold all. */
  machineFreeSince = -Infinity;
  #isHeld = false;
  readonly #local: () => LocalMoment;

  constructor(options: InvariantsOptions) {
    const { heat, commands } = options.setup;
    this.setup = options.setup;
    this.processes = options.processes;
    this.#local = options.local;
    this.demand = new Demand(heat, options.now);
    const { telling } = options.setup;
    this.commands = commands.map((limits) =>
      new Watched(limits, heat, telling)
    );
    this.machine = telling?.hasMachine ? new ToldMachine(telling) : undefined;
  }

  /** A miner was read; a word that is said in the same moment comes in time. */
  told(command: string, found: Found, now: number): void {
    this.#watched(command).told?.take(found, now);
  }

  /** The machine's sensor was read. */
  toldMachine(celsius: number, now: number): void {
    this.machine?.take(celsius, now);
    this.#passMachine(now);
  }

  /** Since when, or from when on, a run is too hot; Infinity if it is not. */
  hotSince({ run, told }: Watched, now: number): number {
    const { machine } = this;
    const { hotAt = Infinity, silentAt = Infinity } = told?.run ?? {};
    // Whoever was asked to stop tells nothing more, as he may.
    const own = Math.min(
      hotAt,
      run?.askedAt === undefined ? silentAt : Infinity,
    );
    return Math.min(
      own,
      machine?.hotAt(now) ?? Infinity,
      this.#machineSilentAt(),
    );
  }

  /** Does the machine's sensor hold all? */
  isMachineHeld(now: number): boolean {
    if (this.machine === undefined) return false;
    return this.machine.coolsUntil > now + DUST_MS ||
      this.#machineSilentAt() <= now;
  }

  /** When the machine's sensor was, or will be, silent for too long in any run. */
  #machineSilentAt(): number {
    const { machine } = this;
    if (machine === undefined) return Infinity;
    return Math.min(
      Infinity,
      ...this.commands.map(({ run }) => {
        if (run?.pid === undefined) return Infinity;
        const at = machine.silentAt(run.startedAt);
        return at <= (run.provenAt ?? Infinity) ? at : Infinity;
      }),
    );
  }

  /** A fact between the controller and the operating system, at its moment. */
  fact(fact: OsFact, now: number): void {
    const watched = this.#watched(fact.command);
    this.#pass(now);
    if (fact.kind === "started" || fact.kind === "start_failed") {
      checkStart(this, watched, now);
      this.lastStartAt = now;
    }
    if (fact.kind === "signalled" || fact.kind === "killed") {
      const { run } = watched;
      const isUntouched = run?.askedAt === undefined &&
        run?.exitToldAt === undefined && !run?.isLeftover;
      if (isUntouched && barkDueAt(this, watched, now) <= now + DUST_MS) {
        watched.bark(now);
      }
      checkStop(this, watched, { now, kill: fact.kind === "killed" });
    }
    watched.take(fact, now);
  }

  /** A controller that starts finds what one before left behind. */
  find(leftovers: readonly Leftover[], now: number): void {
    for (const { command, process: { pid } } of leftovers) {
      this.#watched(command).take({ kind: "found", command, pid }, now);
    }
  }

  localShifted(now: number): void {
    this.shiftedUntil = now + 60_000;
  }

  /** The machine is told to power off. */
  powerOff(now: number): void {
    for (const { limits } of this.commands) {
      if (this.processes.living(limits.name).length > 0) {
        throw new Violation("power off", now, `${limits.name} still lives`);
      }
    }
    if (this.demand.shutdown === "no") {
      throw new Violation("power off", now, "nobody asks for it");
    }
    this.demand.beginShutdown(now);
  }

  /** A controller that ends leaves what lives to the platform: it must have tried all. */
  giveUp(now: number): void {
    for (const { limits, run, runs } of this.commands) {
      if (!runs || run === undefined || run.kills > 0) continue;
      throw new Violation("gives up unkilled", now, `${limits.name} may live`);
    }
  }

  /** After the controller did all that this moment asks for. */
  check(now: number, view: View): void {
    this.#pass(now);
    const { demand } = this;
    if (
      demand.shutdown === "asked" && this.commands.every((one) => !one.runs)
    ) {
      demand.beginShutdown(now);
    }
    for (const watched of this.commands) checkProgress(this, watched, now);
    checkWords(this, view, now);
    if (view.numbers !== undefined) checkNumbers(this, view.numbers, now);
  }

  /**
   * The next moment at which some rule asks for something new. Only the
   * controller knows its jitter, so a rest has an earliest and a latest end.
   */
  nextDeadline(now: number, rest: "least" | "most"): number {
    let next = Infinity;
    const consider = (at: number) => {
      if (at > now && at < next) next = at;
    };
    // One that ends does not care any more what the thermostat wants.
    if (this.demand.ending === "no") this.demand.strikes.forEach(consider);
    const { minOnMs, staggerMs } = this.setup.heat;
    for (const watched of this.commands) {
      const { limits, run } = watched;
      if (watched.hasQuiet) {
        consider(now + watched.quiet.changesInMs(this.#local()));
      }
      const isWanted = this.demand.heat && watched.quietSince === Infinity;
      // A stage may be called for or not, and nobody here knows.
      const { isPartial } = this.demand;
      const isCalled = isWanted && !(isPartial && rest === "most");
      const mayRest = !isWanted || (isPartial && rest === "least");
      if (run !== undefined && watched.runs) {
        const isUntouched = run.askedAt === undefined &&
          run.exitToldAt === undefined;
        if (isUntouched && mayRest) consider(run.startedAt + minOnMs);
        if (watched.told !== undefined) {
          if (watched.told.run !== undefined) {
            consider(watched.told.run.staleAt);
          }
          if (isUntouched) consider(this.hotSince(watched, now));
          if (isUntouched) consider(barkDueAt(this, watched, now));
        }
        if (run.askedAt === undefined) continue;
        const killOnly = this.processes.latest(limits.name)?.killOnly ?? false;
        const killAt = run.askedAt + (killOnly ? 0 : limits.stopTimeoutMs);
        if (run.signals < 2 && run.kills === 0) {
          consider(run.askedAt + limits.stopTimeoutMs / 2);
        }
        if (run.kills === 0) consider(killAt);
        if (this.demand.ending !== "force") consider(killAt + 5_000);
      } else if (isCalled || watched.isLockedOut) {
        // The longest hold counts; a lockout is told of even while nobody wants heat.
        // Other stages take over until then.
        if (isPartial && watched.isLockedOut) {
          consider(
            Math.max(watched.minOffUntil, watched.failureHold()[rest]),
          );
        }
        const isSilent = this.#machineSilentAt() <= now;
        if (isCalled && isSilent) continue;
        consider(Math.max(
          watched.minOffUntil,
          watched.failureHold()[rest],
          isCalled ? watched.coolsUntil : -Infinity,
          isCalled ? this.machine?.coolsUntil ?? -Infinity : -Infinity,
          isCalled ? this.lastStartAt + staggerMs : -Infinity,
        ));
      }
    }
    return next;
  }

  /** Is a start due at a moment that only the controller's own jitter knows? */
  isInJitter(now: number): boolean {
    return this.commands.some((watched) => {
      const { least, most } = watched.failureHold();
      return !watched.runs && least <= now && now <= most;
    });
  }

  #pass(now: number): void {
    this.demand.pass(now);
    this.#passMachine(now);
    for (const watched of this.commands) {
      if (watched.hasQuiet) watched.passQuiet(this.#local(), now);
    }
  }

  #passMachine(now: number): void {
    if (this.machine === undefined) return;
    const isHeld = this.isMachineHeld(now);
    if (this.#isHeld && !isHeld) this.machineFreeSince = now;
    this.#isHeld = isHeld;
  }

  #watched(name: string): Watched {
    const watched = this.commands.find(({ limits }) => limits.name === name);
    if (watched === undefined) throw new Error(`No command "${name}"`);
    return watched;
  }
}
