/** An operating system whose every answer is a choice of whoever explores. */

import type { Exit, Remaining } from "../../lib/core/types.ts";
import type { OsProcess } from "../../lib/process/os_process.ts";
import type { OsFact } from "../fakes/fake_tree.ts";
import type { WatchedTree } from "../simulation/invariants.ts";

/** A promise that calls in the very moment in which it is settled, and whose state can be saved. */
class Answer<T> {
  #call: ((value: T) => unknown) | undefined;
  #refuse: ((error: unknown) => unknown) | undefined;

  then(call: (value: T) => unknown, refuse?: (error: unknown) => unknown) {
    this.#call = call;
    this.#refuse = refuse;
  }

  resolve(value: T): void {
    this.#call?.(value);
  }

  reject(error: unknown): void {
    this.#refuse?.(error);
  }

  /** All that the code under test does with these promises is then(). */
  get promise(): Promise<T> {
    return this as unknown as Promise<T>;
  }
}

/** A look that waits for its answer, and what is true of the moment in which it began. */
interface PendingLook {
  readonly answer: Answer<readonly Remaining[]>;
  readonly truth: readonly Remaining[];
  readonly at: number;
}

/** More are never under way: the older of two was given up. */
const LOOKS_MAX = 2;

export interface TreeOptions {
  readonly command: string;
  readonly pid: number;
  readonly kids: number;
  readonly killOnly: boolean;
  /** Nobody tells of its end. */
  readonly isLeftover: boolean;
  /** Looks are answered at once. */
  readonly isPrompt: boolean;
  readonly now: () => number;
  readonly onFact: (fact: OsFact) => void;
}

/** One run: a leader, and children that outlive it. */
export class Tree implements OsProcess, WatchedTree {
  readonly exited: Promise<Exit>;
  readonly behaviour = { exitLateMs: Infinity };
  readonly looksFailUntil = Infinity;
  leader = true;
  kids: number;
  isTold = false;
  isAsked = false;
  /** It hangs in the kernel: no kill reaches it. */
  hangs = false;
  unhungAt = -Infinity;
  looks: readonly PendingLook[] = [];
  readonly fixed: {
    readonly options: TreeOptions;
    readonly exit: Answer<Exit>;
  };

  constructor(options: TreeOptions) {
    const exit = new Answer<Exit>();
    this.fixed = { options, exit };
    this.kids = options.kids;
    this.exited = exit.promise;
  }

  get pid(): number {
    return this.fixed.options.pid;
  }

  get killOnly(): boolean {
    return this.fixed.options.killOnly;
  }

  get isLeftover(): boolean {
    return this.fixed.options.isLeftover;
  }

  get lives(): boolean {
    return this.leader || this.kids > 0;
  }

  get endsAt(): number {
    return this.lives ? Infinity : -Infinity;
  }

  get pids(): readonly number[] {
    return [this.pid, ...this.#kidPids(this.fixed.options.kids)];
  }

  /** After it came back the next kill may rest, and a moment passes. */
  get unkillableUntil(): number {
    return this.hangs ? Infinity : this.unhungAt + 3_000;
  }

  signal(signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT"): void {
    this.isAsked = true;
    this.#fact({ kind: "signalled", ...this.#own, signal });
  }

  kill(): Promise<void> {
    this.isAsked = true;
    this.#fact({ kind: "killed", ...this.#own });
    if (!this.hangs) this.end({ kids: true });
    const done = {
      then: (call: () => unknown) => void call(),
    };
    return done as unknown as Promise<void>;
  }

  remaining(): Promise<readonly Remaining[]> {
    this.#fact({ kind: "look_began", ...this.#own });
    const answer = new Answer<readonly Remaining[]>();
    const truth = [
      ...this.leader ? [{ pid: this.pid, name: "leader" }] : [],
      ...this.#kidPids(this.kids).map((pid) => ({ pid, name: "child" })),
    ];
    const look = { answer, truth, at: this.fixed.options.now() };
    if (this.fixed.options.isPrompt) return this.#answered(look);
    this.looks = [...this.looks, look].slice(-LOOKS_MAX);
    return answer.promise;
  }

  release(): void {}

  /** The leader ends, and its children with it or not. */
  end({ kids }: { readonly kids: boolean }): void {
    this.leader = false;
    if (kids) this.kids = 0;
  }

  /** The leader's end is told. */
  tell(): void {
    this.isTold = true;
    this.#fact({ kind: "exit_told", ...this.#own });
    this.fixed.exit.resolve({ kind: "code", code: 1 });
  }

  /** The latest look, or the one that was given up, is answered, or fails. */
  answer(which: "latest" | "older", how: "truth" | "failure"): void {
    const look = this.looks.at(which === "latest" ? -1 : 0);
    if (look === undefined) return;
    this.looks = this.looks.filter((one) => one !== look);
    if (how === "failure") {
      this.#fact({ kind: "look_failed", ...this.#own });
      return look.answer.reject(new Error("Cannot read the process table"));
    }
    const pids = look.truth.map(({ pid }) => pid);
    this.#fact({ kind: "looked", ...this.#own, since: look.at, pids });
    look.answer.resolve(look.truth);
  }

  #answered({ truth, at }: PendingLook): Promise<readonly Remaining[]> {
    const pids = truth.map(({ pid }) => pid);
    this.#fact({ kind: "looked", ...this.#own, since: at, pids });
    const answer = {
      then: (call: (truth: readonly Remaining[]) => unknown) =>
        void call(truth),
    };
    return answer as unknown as Promise<readonly Remaining[]>;
  }

  get #own() {
    const { command, pid } = this.fixed.options;
    return { command, pid };
  }

  #fact(fact: OsFact): void {
    this.fixed.options.onFact(fact);
  }

  #kidPids(count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.pid + 1 + index);
  }
}
