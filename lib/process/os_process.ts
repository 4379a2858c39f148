/** A program that runs, as the operating system sees it: a tree of processes. */

import type { Exit, Remaining, StopSignal } from "../core/types.ts";

/** One run of a program: the first process, and all that came from it. */
export interface OsProcess {
  /** The first process of the tree. */
  readonly pid: number;
  /** Nothing polite can reach the tree on this platform: signal() does nothing. */
  readonly killOnly: boolean;
  /** How the first process ended; the rest of the tree may live on. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Sends a signal to the whole tree, as far as the platform can; what is gone is passed over. */
  signal(name: StopSignal): void;
  /** Kills the whole tree, those that fled from its group included. */
  kill(): Promise<void>;
  /**
   * What of the tree the operating system still shows; an empty list is the proof of OFF.
   * @throws if the operating system cannot be asked.
   */
  remaining(): Promise<readonly Remaining[]>;
  /** Lets go of pipes and handles, once nothing is left. */
  release(): void;
}

export interface SpawnSpec {
  /** The command's name, for messages. */
  readonly name: string;
  /** A path, or a name that is looked up in `cwd`, then in PATH; never through a shell. */
  readonly exec: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Unique to this run; stands in the tree's environment as `KOLIKKO_MARK`. */
  readonly mark: string;
  /**
   * Gets each line of output, without colours and control characters, cut at 4096
   * characters; of a flood the newest, and how many were left out before them.
   */
  readonly onLine: (line: string, leftOut?: number) => void;
}

/**
 * Starts a program as a tree of its own.
 * @throws {StartError} if it cannot be started.
 */
export type Spawn = (spec: SpawnSpec) => OsProcess;

/** Why a program could not be started: what was tried, what is wrong, what to do. */
export class StartError extends Error {}

/** What an earlier run of the controller left behind of one command. */
export interface Leftover {
  /** The command it belongs to; one of those that are configured. */
  readonly command: string;
  readonly process: OsProcess;
  /** So many processes were found. */
  readonly count: number;
}
