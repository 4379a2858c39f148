/** What an earlier controller left behind on Linux, as one tree: there only to be stopped. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { Exit, Remaining, StopSignal } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import type { LeftTrees } from "./left_trees.ts";
import type { OsProcess } from "./os_process.ts";
import { identity, isLiving, type ProcessTable } from "./process_table.ts";
import { killAll, livingOf, type Seen, signalAll } from "./tree_stopper.ts";

const log = getLogger(["kolikko", "process"]);

interface LeftoverProcessParts {
  readonly command: string;
  /** The first process of the oldest run: its end is the news that `exited` brings. */
  readonly leader: { readonly pid: number; readonly startTicks: number };
  readonly trees: LeftTrees;
  readonly table: ProcessTable;
  readonly clock: Clock;
}

/** A tree that is not our child: nobody tells us of its end, so only looks show it. */
export class LeftoverProcess implements OsProcess {
  readonly pid: number;
  readonly killOnly = false;
  readonly exited: Promise<Exit>;
  readonly #parts: LeftoverProcessParts;
  readonly #exit = Promise.withResolvers<Exit>();
  /** The last that was sent. */
  #signal: string | undefined;
  #signalling: Promise<unknown> = Promise.resolve();
  #killing: Promise<void> | undefined;

  constructor(parts: LeftoverProcessParts) {
    this.#parts = parts;
    this.pid = parts.leader.pid;
    this.exited = this.#exit.promise;
  }

  signal(name: StopSignal): void {
    this.#signal = name;
    this.#signalling = Promise.all([this.#signalling, this.#signalAll(name)]);
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
    return living.map(({ pid, name }) => ({ pid, name }));
  }

  /** There is nothing to let go of. */
  release(): void {}

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
    this.#exit.resolve(
      this.#signal === undefined
        ? { kind: "code", code: -1 }
        : { kind: "signal", signal: this.#signal },
    );
  }

  #warn(
    text:
      | "Cannot look for processes to signal"
      | "Cannot look for processes to kill",
    error: unknown,
  ): void {
    const reason = wordsOf(error);
    log.warn(text, { command: this.#parts.command, error: reason });
  }
}
