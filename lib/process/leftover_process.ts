/** What an earlier controller left behind on Linux, as one tree: there only to be stopped. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { Exit, Remaining, StopSignal } from "../core/types.ts";
import type { LeftTrees } from "./left_trees.ts";
import type { OsProcess } from "./os_process.ts";
import { identity, isLiving, type ProcessTable } from "./process_table.ts";
import { killAll, livingOf, type Seen, signalAll } from "./tree_stopper.ts";

const log = getLogger(["kolikko", "process"]);

/** Rests between two looks for the first process's end, once it was asked to end. */
const WATCH_REST_MS_FIRST = 50;
const WATCH_REST_MS_MAX = 1000;

interface LeftoverProcessParts {
  readonly command: string;
  /** The first process of the oldest run: its end is the news that `exited` brings. */
  readonly leader: { readonly pid: number; readonly startTicks: number };
  readonly trees: LeftTrees;
  readonly table: ProcessTable;
  readonly clock: Clock;
}

/**
 * A tree that is not our child. Nobody tells us of its end, so looks have to: those
 * of the stop, and until the first of these some of its own, from the first signal on.
 */
export class LeftoverProcess implements OsProcess {
  readonly pid: number;
  readonly killOnly = false;
  readonly exited: Promise<Exit>;
  readonly #parts: LeftoverProcessParts;
  readonly #exit = Promise.withResolvers<Exit>();
  /** Its end was seen, or nobody wants to know any more. */
  readonly #over = new AbortController();
  /** The last that was sent. */
  #signal: string | undefined;
  #signalling: Promise<unknown> = Promise.resolve();
  #watching: Promise<void> | undefined;
  #killing: Promise<void> | undefined;

  constructor(parts: LeftoverProcessParts) {
    this.#parts = parts;
    this.pid = parts.leader.pid;
    this.exited = this.#exit.promise;
  }

  signal(name: StopSignal): void {
    this.#signal = name;
    this.#signalling = Promise.all([this.#signalling, this.#signalAll(name)]);
    this.#watching ??= this.#watch();
  }

  kill(): Promise<void> {
    this.#signal = "SIGKILL";
    this.#killing ??= this.#killAll().finally(() => this.#killing = undefined);
    return this.#killing;
  }

  async remaining(): Promise<readonly Remaining[]> {
    await this.#signalling;
    const living = await livingOf(this.#parts.command, {
      clock: this.#parts.clock,
      look: async () => {
        const { members, isSharp } = await this.#look();
        return { living: members.filter(isLiving), isSharp };
      },
    });
    // Its last look may still be under way.
    if (this.#over.signal.aborted) await this.#watching;
    return living.map(({ pid, name }) => ({ pid, name }));
  }

  release(): void {
    this.#over.abort();
  }

  /** Never rejects. */
  async #signalAll(name: StopSignal): Promise<void> {
    try {
      await signalAll(() => this.#look(), { name, hasGot: () => false });
    } catch (error) {
      this.#warn("Cannot look for processes to signal", error);
    }
  }

  /** Never rejects: what could not be killed shows in `remaining()`. */
  async #killAll(): Promise<void> {
    try {
      await killAll(() => this.#look(), () => false);
    } catch (error) {
      this.#warn("Cannot look for processes to kill", error);
    }
  }

  /** Looks until the first process has ended, at growing rests. Never rejects. */
  async #watch(): Promise<void> {
    const { signal } = this.#over;
    let restMs = WATCH_REST_MS_FIRST;
    let isBlind = false;
    for (;;) {
      await this.#parts.clock.sleep(restMs, signal);
      if (signal.aborted) return;
      try {
        await this.#look();
      } catch (error) {
        if (!isBlind) this.#warn("Cannot look whether it has ended", error);
        isBlind = true;
      }
      restMs = Math.min(restMs * 1.5, WATCH_REST_MS_MAX);
    }
  }

  async #look(): Promise<Seen> {
    const { table, trees, leader } = this.#parts;
    const seen = trees.see(await table.read());
    const isThere = seen.members.some((entry) =>
      isLiving(entry) && identity(entry) === identity(leader)
    );
    if (!isThere) this.#ended();
    return seen;
  }

  /** Only a parent is told how it ended: the last signal has to stand for it. */
  #ended(): void {
    this.#over.abort();
    this.#exit.resolve(
      this.#signal === undefined
        ? { kind: "code", code: -1 }
        : { kind: "signal", signal: this.#signal },
    );
  }

  #warn(
    text:
      | "Cannot look for processes to signal"
      | "Cannot look for processes to kill"
      | "Cannot look whether it has ended",
    error: unknown,
  ): void {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn(text, { command: this.#parts.command, error: reason });
  }
}
