/** One run of a fake program, as the fake operating system sees it. */

import type { Exit, Remaining, StopSignal } from "../../lib/core/types.ts";
import type { OsProcess } from "../../lib/process/os_process.ts";

/** How a program behaves; what is left out is harmless. */
export interface Behaviour {
  /** The only line of its output. */
  readonly says?: string;
  /** It cannot be started, for this reason. */
  readonly startFails?: string;
  /** It ends by itself after so long. */
  readonly endsAfterMs?: number;
  /** How it ends by itself; exit code 1 by default. */
  readonly exit?: Exit;
  /** After the stop signal the leader lives so long; `Infinity` ignores it. */
  readonly obeysAfterMs?: number;
  /** The same after SIGTERM, if that is not the stop signal. */
  readonly obeysTermAfterMs?: number;
  /** So many children outlive the leader, deaf to all but the kill. */
  readonly children?: number;
  /** So many kills miss it, as it forks and flees in that moment. */
  readonly flees?: number;
  /** From the first kill on it hangs in the kernel for so long (state D); deaf before. */
  readonly unkillableMs?: number;
  /** Nothing polite can reach it, as on Windows. */
  readonly killOnly?: boolean;
  /** Its end is told so much later than it happens. */
  readonly exitLateMs?: number;
  /** A look takes so long; it shows what there was when it began. */
  readonly lookMs?: number;
  /** From the first look on, looks fail for so long. */
  readonly looksFailMs?: number;
}

/** What happened between a controller and the operating system; `pid` tells the run. */
export type OsFact =
  | { readonly kind: "start_failed"; readonly command: string }
  | {
    readonly kind: "started" | "found" | "killed" | "exit_told";
    readonly command: string;
    readonly pid: number;
  }
  | {
    readonly kind: "signalled";
    readonly command: string;
    readonly pid: number;
    readonly signal: StopSignal;
  }
  | {
    readonly kind: "look_began" | "look_failed";
    readonly command: string;
    readonly pid: number;
  }
  | {
    readonly kind: "looked";
    readonly command: string;
    readonly pid: number;
    /** When this look began. */
    readonly since: number;
    readonly pids: readonly number[];
  };

/** What carries time: a fake clock, or an agenda without promises. */
export interface Ticker {
  now(): number;
  later(ms: number, then: () => void): void;
}

/** What a fake tree needs of its operating system. */
export interface FakeSystem {
  readonly ticker: Ticker;
  readonly onFact: (fact: OsFact) => void;
  readonly defer: <T>() => PromiseWithResolvers<T>;
}

/** The kill takes so long to take effect. */
const KILL_MS = 10;
const OBEYS_AFTER_MS = 300;
const LOOK_MS = 5;

interface Member {
  readonly pid: number;
  readonly name: string;
  endsAt: number;
}

/** One run of a fake program: its leader and what that started. */
export class FakeTree implements OsProcess {
  readonly pid: number;
  readonly killOnly: boolean;
  readonly exited: Promise<Exit>;
  readonly command: string;
  readonly behaviour: Behaviour;
  readonly #system: FakeSystem;
  readonly #told: PromiseWithResolvers<Exit>;
  readonly #members: Member[];
  #exit: Exit | undefined;
  #isTold = false;
  #polite = false;
  #kills = 0;
  #firstKillAt: number | undefined;
  #firstLookAt: number | undefined;
  /** So many controllers that watched it are gone: none of them hears of it any more. */
  #orphaned = 0;

  constructor(
    system: FakeSystem,
    run: { command: string; behaviour: Behaviour; firstPid: number },
  ) {
    this.#system = system;
    this.command = run.command;
    this.behaviour = run.behaviour;
    this.pid = run.firstPid;
    this.killOnly = run.behaviour.killOnly ?? false;
    this.#told = system.defer<Exit>();
    this.exited = this.#told.promise;
    this.#members = [{ pid: this.pid, name: "leader", endsAt: Infinity }];
    for (let child = 1; child <= (run.behaviour.children ?? 0); child++) {
      const pid = this.pid + child;
      this.#members.push({ pid, name: "child", endsAt: Infinity });
    }
    const { endsAfterMs, exit } = run.behaviour;
    if (endsAfterMs !== undefined) {
      this.#endLeader(endsAfterMs, exit ?? { kind: "code", code: 1 });
    }
  }

  get lives(): boolean {
    return this.endsAt > this.#system.ticker.now();
  }

  /** So many of its processes live. */
  get living(): number {
    const now = this.#system.ticker.now();
    return this.#members.filter(({ endsAt }) => endsAt > now).length;
  }

  /** When its last process ends, as far as that is settled. */
  get endsAt(): number {
    let at = -Infinity;
    for (const member of this.#members) at = Math.max(at, member.endsAt);
    return at;
  }

  /** All its pids, living or not. */
  get pids(): readonly number[] {
    return this.#members.map(({ pid }) => pid);
  }

  /** Until when the kernel itself keeps it from dying, if it does. */
  get unkillableUntil(): number {
    const { unkillableMs } = this.behaviour;
    if (unkillableMs === undefined) return -Infinity;
    return (this.#firstKillAt ?? Infinity) + unkillableMs + KILL_MS;
  }

  /** Until when looks fail, if they do. */
  get looksFailUntil(): number {
    const { looksFailMs = 0 } = this.behaviour;
    return (this.#firstLookAt ?? -Infinity) + looksFailMs;
  }

  crash(exit: Exit): void {
    if (this.behaviour.unkillableMs === undefined) this.#endLeader(0, exit);
  }

  signal(signal: StopSignal): void {
    const { command, pid, behaviour } = this;
    this.#system.onFact({ kind: "signalled", command, pid, signal });
    if (this.killOnly || behaviour.unkillableMs !== undefined) return;
    const { obeysAfterMs = OBEYS_AFTER_MS, obeysTermAfterMs = Infinity } =
      behaviour;
    const ms = this.#polite ? obeysTermAfterMs : obeysAfterMs;
    this.#polite = true;
    if (Number.isFinite(ms)) this.#endLeader(ms, { kind: "code", code: 0 });
  }

  kill(): Promise<void> {
    const { ticker, onFact, defer } = this.#system;
    onFact({ kind: "killed", command: this.command, pid: this.pid });
    const now = ticker.now();
    this.#firstKillAt ??= now;
    this.#kills += 1;
    if (this.#kills > (this.behaviour.flees ?? 0)) {
      const { unkillableMs = 0 } = this.behaviour;
      const at = this.#firstKillAt + unkillableMs;
      const ms = Math.max(at, now) + KILL_MS - now;
      for (const member of this.#members.slice(1)) {
        member.endsAt = Math.min(member.endsAt, now + ms);
      }
      this.#endLeader(ms, { kind: "signal", signal: "SIGKILL" });
    }
    const done = defer<void>();
    ticker.later(KILL_MS, () => done.resolve());
    return done.promise;
  }

  remaining(): Promise<readonly Remaining[]> {
    const { ticker, onFact, defer } = this.#system;
    const { command, pid, behaviour } = this;
    onFact({ kind: "look_began", command, pid });
    const now = ticker.now();
    this.#firstLookAt ??= now;
    const fails = now < this.looksFailUntil;
    const left = this.#members.filter((member) => member.endsAt > now)
      .map(({ pid, name }) => ({ pid, name }));
    const seen = defer<readonly Remaining[]>();
    const orphaned = this.#orphaned;
    ticker.later(behaviour.lookMs ?? LOOK_MS, () => {
      if (orphaned !== this.#orphaned) return;
      onFact(
        fails ? { kind: "look_failed", command, pid } : {
          kind: "looked",
          command,
          pid,
          since: now,
          pids: left.map(({ pid }) => pid),
        },
      );
      if (fails) seen.reject(new Error("Cannot read the process table"));
      else seen.resolve(left);
    });
    return seen.promise;
  }

  release(): void {}

  /** The same tree, as the next controller finds it. */
  orphan(): OsProcess {
    this.#orphaned += 1;
    return {
      pid: this.pid,
      killOnly: this.killOnly,
      exited: this.#system.defer<Exit>().promise,
      signal: (name) => this.signal(name),
      kill: () => this.kill(),
      remaining: () => this.remaining(),
      release: () => {},
    };
  }

  #endLeader(ms: number, exit: Exit): void {
    const { ticker } = this.#system;
    const leader = this.#members[0];
    const at = ticker.now() + ms;
    if (leader === undefined || leader.endsAt <= at) return;
    leader.endsAt = at;
    this.#exit = exit;
    ticker.later(ms, () => {
      // An end that came sooner has been told already, or will be.
      if (this.#isTold || leader.endsAt !== at) return;
      this.#isTold = true;
      ticker.later(this.behaviour.exitLateMs ?? 0, () => this.#tell());
    });
  }

  #tell(): void {
    const { command, pid } = this;
    // Of what is not its child no controller is told.
    if (this.#orphaned > 0) return;
    this.#system.onFact({ kind: "exit_told", command, pid });
    this.#told.resolve(this.#exit ?? { kind: "code", code: 0 });
  }
}
