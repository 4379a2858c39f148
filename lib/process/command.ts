/** Command: starts, signals, kills and looks as told; records facts, decides nothing. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { factsBefore } from "../core/facts.ts";
import { failuresAfter, hasFailed } from "../core/guard.ts";
import { NO_ANSWER } from "../core/ladder.ts";
import type {
  Bark,
  CommandFacts,
  CommandLimits,
  Exit,
  Remaining,
} from "../core/types.ts";
import { watchdogAdvice } from "../core/own_watchdog.ts";
import { recentBarks } from "../core/watchdog.ts";
import { exitInWords, wordsOf } from "../core/words.ts";
import type { Doorbell } from "../doorbell.ts";
import type { CommandSpec } from "./command_spec.ts";
import {
  type Leftover,
  type OsProcess,
  type Spawn,
  StartError,
} from "./os_process.ts";

const log = getLogger(["kolikko", "command"]);

/** So many of the last lines of output are kept for messages. */
const LAST_LINES = 5;

export interface CommandOptions {
  readonly spec: CommandSpec;
  readonly limits: CommandLimits;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Marks the processes of one run: unique over all rigs and runs. */
  readonly newMark: (command: string) => string;
  /** Where each line of output goes, and how many were left out before it. */
  readonly onLine: (line: string, leftOut?: number) => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** One run: a late event of an old run changes nothing in a new one. */
interface Run {
  readonly process: OsProcess;
  readonly facts: Writable<CommandFacts>;
}

/** One configured command, and the facts of its latest run. */
export class Command {
  readonly #options: CommandOptions;
  #facts: Writable<CommandFacts>;
  #run: Run | undefined;

  constructor(options: CommandOptions) {
    this.#options = options;
    this.#facts = factsBefore(options.limits.name);
  }

  /** What is known of the latest run, at this moment. */
  get facts(): CommandFacts {
    return { ...this.#facts };
  }

  /** Starts a new run; a failure to start is a fact like any other. */
  start(): void {
    const { spec, spawn, clock, newMark, random } = this.#options;
    const before = this.#facts;
    const lastLines: string[] = [];
    const facts: Writable<CommandFacts> = {
      ...factsBefore(spec.name),
      startedAt: clock.now(),
      startedOn: new Date(clock.wall()).toISOString(),
      aliveUntil: before.aliveUntil,
      cleared: before.cleared,
      failures: before.failures,
      forgivenAt: before.forgivenAt,
      restarts: before.restarts + (hasFailed(before) ? 1 : 0),
      barks: recentBarks(before.barks, clock.now()),
      jitter: random(),
      lastLines,
    };
    this.#facts = facts;
    try {
      const process = spawn({
        ...spec,
        mark: newMark(spec.name),
        onLine: (line, leftOut) => {
          if (lastLines.push(line) > LAST_LINES) lastLines.shift();
          this.#options.onLine(line, leftOut);
        },
      });
      facts.pid = process.pid;
      facts.killOnly = process.killOnly;
      this.#run = { process, facts };
      log.info("Started {command}", { command: spec.name, pid: process.pid });
      void process.exited.then((exit) => this.#ended(facts, exit));
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#run = undefined;
      facts.emptyAt = facts.startedAt;
      this.#ended(facts, { kind: "not_started", reason: error.message });
    }
  }

  /** Takes over what an earlier run of the controller left behind: only to stop it. */
  adopt({ process, count }: Omit<Leftover, "command">): void {
    const { clock, random, spec } = this.#options;
    const now = clock.now();
    const facts: Writable<CommandFacts> = {
      ...factsBefore(spec.name),
      leftover: count,
      startedAt: now,
      pid: process.pid,
      killOnly: process.killOnly,
      aliveUntil: now,
      jitter: random(),
    };
    this.#facts = facts;
    this.#run = { process, facts };
    log.warn("Found processes of {command} that an earlier run left", {
      command: spec.name,
      pid: process.pid,
      count,
    });
    void process.exited.then((exit) => this.#ended(facts, exit));
  }

  /** The watchdog wants a fresh run: this one is a failure from now on. */
  bark(bark: Bark): void {
    const facts = this.#facts;
    facts.bark = bark;
    facts.barks = [...facts.barks, this.#options.clock.now()];
    log.warn("The watchdog ends the run of {command}", {
      command: facts.name,
      kind: bark.kind,
      forMs: Math.round(bark.forMs),
      today: facts.barks.length,
    });
  }

  /** What failed so far is forgotten: somebody has looked after it. */
  forgive(): void {
    this.#facts.forgivenAt = this.#options.clock.now();
    this.#facts.failures = 0;
    this.#facts.barks = [];
  }

  /** Asks the tree to end: with the configured stop signal, then with SIGTERM. */
  signal(rung: "polite" | "terminate"): void {
    const now = this.#options.clock.now();
    const name = rung === "polite"
      ? this.#options.limits.stopSignal
      : "SIGTERM";
    this.#facts.signalledAt ??= now;
    if (rung === "terminate") this.#facts.terminatedAt = now;
    log.info("Asked {command} to stop", {
      command: this.#facts.name,
      signal: name,
      pid: this.#facts.pid,
    });
    this.#run?.process.signal(name);
  }

  /** Kills the whole tree. */
  kill(): void {
    const facts = this.#facts;
    const run = this.#run;
    const now = this.#options.clock.now();
    const why = killedInWords(facts);
    facts.signalledAt ??= now;
    facts.killedAt = now;
    facts.kills += 1;
    log.warn(why, {
      command: facts.name,
      pid: facts.pid,
      kills: facts.kills,
    });
    run?.process.kill().then(
      () => this.#options.doorbell.ring(),
      (error) => {
        this.#lookFailed(facts, error);
        this.#options.doorbell.ring();
      },
    );
  }

  /** Looks what is left of the tree; the answer becomes a fact and rings. */
  look(): void {
    const run = this.#run;
    if (run === undefined) return;
    const { facts } = run;
    const { clock, doorbell } = this.#options;
    if (facts.lookingSince !== undefined) {
      this.#lookFailed(facts, new Error(NO_ANSWER));
    }
    const since = clock.now();
    facts.lookingSince = since;
    const answered = (note: () => void, isProof = false) => {
      // A look that was given up has no say any more, but for this: what is gone once is gone for ever.
      const isLate = facts.lookingSince !== since;
      if (isLate && !(isProof && facts.emptyAt === undefined)) return;
      facts.lookingSince = undefined;
      facts.lookedAt = clock.now();
      facts.looks += 1;
      note();
      doorbell.ring();
    };
    run.process.remaining().then(
      (remaining) =>
        answered(() => this.#looked(run, remaining), remaining.length === 0),
      (error) => answered(() => this.#lookFailed(facts, error)),
    );
  }

  #looked(run: Run, remaining: readonly Remaining[]): void {
    const { facts } = run;
    facts.lookError = undefined;
    facts.remaining = remaining;
    if (remaining.length === 0) return this.#gone(run);
    facts.aliveUntil = facts.lookedAt;
    if (facts.endedByItself && facts.leftBehind === 0) {
      const { exec, args } = this.#options.spec;
      facts.leftBehind = remaining.length;
      facts.advice = watchdogAdvice(exec, args);
    }
  }

  #ended(facts: Writable<CommandFacts>, exit: Exit): void {
    const now = this.#options.clock.now();
    facts.exit = exit;
    // Told after the proof: then all but the manner is known already.
    if (facts.exitedAt !== undefined) return;
    facts.exitedAt = now;
    facts.endedByItself = facts.signalledAt === undefined &&
      facts.leftover === 0;
    facts.failures = failuresAfter(facts, this.#options.limits);
    if (facts.pid !== undefined) facts.aliveUntil = now;
    const properties = {
      command: facts.name,
      pid: facts.pid,
      end: exitInWords(exit),
      failures: facts.failures,
    };
    if (exit.kind === "not_started") {
      log.error("Cannot start {command}", properties);
    } else if (facts.endedByItself) {
      log.warn("Ended by itself: {command}", properties);
    } else log.info("Ended: {command}", properties);
    this.#options.doorbell.ring();
  }

  #gone(run: Run): void {
    const now = this.#options.clock.now();
    // After a kill the proof may come before the news of the leader's end; rests
    // count from an end, so without one the next start would not wait for them.
    if (run.facts.exitedAt === undefined) {
      this.#ended(run.facts, { kind: "signal", signal: "SIGKILL" });
    }
    run.facts.emptyAt = now;
    if (run.facts.leftover > 0) {
      run.facts.cleared = { count: run.facts.leftover, at: now };
    }
    run.process.release();
    if (this.#run === run) this.#run = undefined;
    log.info("Proved gone: {command}", {
      command: run.facts.name,
      stopMs: Math.round(now - (run.facts.signalledAt ?? now)),
      looks: run.facts.looks,
    });
  }

  #lookFailed(facts: Writable<CommandFacts>, error: unknown): void {
    const message = wordsOf(error);
    if (facts.lookError !== message) {
      log.error("Cannot tell what is left of {command}", {
        command: facts.name,
        error: message,
      });
    }
    facts.lookError = message;
  }
}

/** What is to be told of a kill, by what was before it. */
function killedInWords(facts: CommandFacts): string {
  if (facts.kills > 0) return "Killed {command} again: it is not gone yet";
  if (facts.killOnly) return "Killed {command}: nothing else reaches it";
  return facts.signalledAt === undefined
    ? "Killed {command} without asking it to stop"
    : "Killed {command}: it did not stop when asked";
}
