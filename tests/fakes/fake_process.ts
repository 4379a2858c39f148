/** An operating system in memory: programs that behave, and programs that do not. */

import type { Exit } from "../../lib/core/types.ts";
import {
  type Leftover,
  type OsProcess,
  type SpawnSpec,
  StartError,
} from "../../lib/process/os_process.ts";
import {
  type Behaviour,
  type FakeSystem,
  FakeTree,
  type OsFact,
  type Ticker,
} from "./fake_tree.ts";

export type { Behaviour, OsFact, Ticker };

export interface FakeProcessesOptions {
  readonly ticker: Ticker;
  /** Called for each fact, at its moment. */
  readonly onFact?: (fact: OsFact) => void;
  /** Makes the promises that it hands out; a simulation without promises has its own. */
  readonly defer?: <T>() => PromiseWithResolvers<T>;
}

/** Starts fake programs; knows at any moment what really lives. */
export class FakeProcesses {
  readonly #system: FakeSystem;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #trees = new Map<string, FakeTree[]>();
  #lastPid = 1000;

  constructor(options: FakeProcessesOptions) {
    this.#system = {
      onFact: () => {},
      defer: () => Promise.withResolvers(),
      ...options,
    };
  }

  /** From the next start on, this command's program behaves so. */
  behave(command: string, behaviour: Behaviour): void {
    this.#behaviours.set(command, behaviour);
  }

  /** The `spawn` of lib/process/spawn.ts, as it would be here. */
  readonly spawn = (spec: SpawnSpec): OsProcess => {
    const command = spec.name;
    const behaviour = this.#behaviours.get(command) ?? {};
    if (behaviour.startFails !== undefined) {
      this.#system.onFact({ kind: "start_failed", command });
      throw new StartError(behaviour.startFails);
    }
    const firstPid = this.#lastPid + 1;
    this.#lastPid += 1 + (behaviour.children ?? 0);
    const tree = new FakeTree(this.#system, { command, behaviour, firstPid });
    const known = this.#trees.get(command) ?? [];
    this.#trees.set(command, [...known.filter((one) => one.lives), tree]);
    this.#system.onFact({ kind: "started", command, pid: firstPid });
    if (behaviour.says !== undefined) spec.onLine(behaviour.says);
    return tree;
  };

  /** What a controller finds that starts after one that was killed. */
  leftovers(): readonly Leftover[] {
    return [...this.#trees].flatMap(([command, trees]) =>
      trees.filter((tree) => tree.lives).map((tree) => {
        return { command, process: tree.orphan(), count: tree.living };
      })
    );
  }

  /** The leader dies now, unasked. */
  crash(command: string, exit: Exit): void {
    for (const tree of this.#trees.get(command) ?? []) tree.crash(exit);
  }

  /** What an init system does once the controller itself is gone: kills all. */
  cleanUp(): void {
    for (const tree of [...this.#trees.values()].flat()) {
      if (!tree.lives) continue;
      for (let kill = 0; kill <= (tree.behaviour.flees ?? 0); kill++) {
        void tree.kill();
      }
    }
  }

  /** The trees of a command of which anything lives; more than one must never be. */
  living(command: string): readonly FakeTree[] {
    const trees = this.#trees.get(command);
    if (trees === undefined) return [];
    // Nearly always nothing or one tree lives: no need for a new list then.
    if (trees.every((tree) => tree.lives)) return trees;
    return trees.filter((tree) => tree.lives);
  }

  /** When the last process of a command ended; -Infinity if none ever ran. */
  goneAt(command: string): number {
    const ends = (this.#trees.get(command) ?? []).map((tree) => tree.endsAt);
    return Math.max(-Infinity, ...ends);
  }

  /** The latest tree of a command. */
  latest(command: string): FakeTree | undefined {
    return this.#trees.get(command)?.at(-1);
  }
}
