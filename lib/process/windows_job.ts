/**
 * Job objects: what Windows has to hold a tree of processes together. Whoever
 * is born in a job stays in it, so that killing the job misses nobody, and an
 * empty job is the proof of OFF.
 */

import type { Remaining } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import {
  activeProcesses,
  createdAt,
  createJob,
  hasEnded,
  lastError,
  openProcess,
  processIds,
} from "./job_object.ts";
import { type Handle, type Kernel32, openKernel32 } from "./kernel32.ts";
import { processTable } from "./windows_process_table.ts";

/** The exit code of what a job kills; as after SIGKILL elsewhere. */
export const KILLED_CODE = 137;

/** What protects the trees: the controller in a job of its own, or nothing, and why. */
export type ControllerGuard =
  | { readonly kind: "guarded"; readonly jobs: WindowsJobs }
  | { readonly kind: "unguarded"; readonly reason: string };

/**
 * Puts the controller itself into a job that nothing can leave: whatever it
 * starts ends with it, however it ends. Call it once, before the first start.
 * Never throws: what cannot be had is said.
 */
export function guardController(): ControllerGuard {
  const opened = openKernel32();
  if (opened.kind === "refused") {
    return { kind: "unguarded", reason: opened.reason };
  }
  try {
    return { kind: "guarded", jobs: new WindowsJobs(opened.kernel32) };
  } catch (error) {
    const reason = wordsOf(error);
    return { kind: "unguarded", reason };
  }
}

/** The controller's own job, and one more for each program. */
export class WindowsJobs {
  readonly #kernel32: Kernel32;
  /** Never closed: that would end the controller. */
  readonly #outer: Handle;
  readonly #held = new Set<WindowsJob>();

  constructor(kernel32: Kernel32) {
    this.#kernel32 = kernel32;
    this.#outer = createJob(kernel32);
    const self = kernel32.GetCurrentProcess();
    if (kernel32.AssignProcessToJobObject(this.#outer, self) !== 0) return;
    const error = lastError(kernel32, "put the controller into a job");
    kernel32.CloseHandle(this.#outer);
    throw error;
  }

  /**
   * Makes a job for a program that has just been started.
   * @throws if Windows refuses; then nothing is left open.
   */
  hold(leader: number): WindowsJob {
    const kernel32 = this.#kernel32;
    const process = openProcess(kernel32, leader);
    if (process === undefined) {
      throw lastError(kernel32, `open process ${leader}`);
    }
    let job: Handle | undefined;
    try {
      job = createJob(kernel32);
      if (kernel32.AssignProcessToJobObject(job, process) === 0) {
        const error = lastError(kernel32, `put process ${leader} into a job`);
        // What has ended cannot be put into a job; what it started can.
        if (!hasEnded(kernel32, process)) throw error;
      }
    } catch (error) {
      if (job !== undefined) kernel32.CloseHandle(job);
      kernel32.CloseHandle(process);
      throw error;
    }
    const outer = this.#outer;
    const onClose = () => void this.#held.delete(held);
    const parts = { kernel32, outer, job, leader, process, onClose };
    const held = new WindowsJob(parts);
    try {
      // Who is nobody else's has just been born, by one that has ended already.
      held.adopt(new Set([...this.#held].flatMap((other) => other.pids())));
    } catch {
      // Closing the job now would kill the program; the next look tries again, and throws.
    }
    this.#held.add(held);
    return held;
  }

  /** When a process was created, in Windows' own units: with the pid, its identity. */
  createdAt(pid: number): bigint | undefined {
    return createdAt(this.#kernel32, pid);
  }
}

interface WindowsJobParts {
  readonly kernel32: Kernel32;
  readonly outer: Handle;
  readonly job: Handle;
  readonly leader: number;
  /** Kept open: as long as it is, no other process gets the leader's pid. */
  readonly process: Handle;
  readonly onClose: () => void;
}

/** Who is in the controller's job, but not yet in that of the tree. */
interface Kin {
  readonly ours: Set<number>;
  readonly table: ReturnType<typeof processTable>;
  /** Those of the other trees, if one without a living parent is to be taken in. */
  readonly strangers: ReadonlySet<number> | undefined;
}

/** The tree of one program. */
export class WindowsJob {
  readonly #parts: WindowsJobParts;
  /** Of the tree, but in jobs of their own, so that ours cannot hold them. */
  readonly #strays = new Map<number, Handle>();
  /** Of the tree, but Windows lets nobody near them: they can only be named. */
  #beyond: readonly number[] = [];
  #closed = false;

  constructor(parts: WindowsJobParts) {
    this.#parts = parts;
  }

  /**
   * Takes in what the program started before it was in its job. Those are in
   * the controller's job only; they are known by their parents. Given all of
   * the other trees, it also takes in those whose parents have ended.
   */
  adopt(strangers?: ReadonlySet<number>): void {
    const { kernel32, outer, job, leader } = this.#parts;
    const ended = this.#endedStrays();
    const ours = new Set(processIds(kernel32, job));
    const others = processIds(kernel32, outer)
      .filter((pid) => pid !== Deno.pid && !ours.has(pid));
    const table: Kin["table"] = others.length === 0
      ? new Map()
      : processTable(kernel32);
    for (const pid of [leader, ...this.#strays.keys()]) ours.add(pid);
    const beyond: number[] = [];
    let before = -1;
    while (before !== ours.size) {
      before = ours.size;
      for (const pid of others) {
        if (!this.#isKin(pid, { ours, table, strangers })) continue;
        ours.add(pid);
        if (!this.#take(pid)) beyond.push(pid);
      }
    }
    this.#beyond = beyond;
    // Until now their pids had to stay theirs, so that their children are known.
    for (const [pid, process] of ended) {
      this.#strays.delete(pid);
      kernel32.CloseHandle(process);
    }
  }

  /**
   * Kills all that is in the job.
   * @throws if Windows refuses.
   */
  terminate(): void {
    const { kernel32, job, leader } = this.#parts;
    try {
      this.adopt();
    } catch {
      // What is known is killed all the same; the next look tries again, and throws.
    }
    for (const stray of this.#strays.values()) {
      kernel32.TerminateProcess(stray, KILLED_CODE);
    }
    if (kernel32.TerminateJobObject(job, KILLED_CODE) === 0) {
      throw lastError(kernel32, `kill the tree of process ${leader}`);
    }
  }

  /** All that are known to be of the tree. */
  pids(): readonly number[] {
    const { kernel32, job } = this.#parts;
    return [...processIds(kernel32, job), ...this.#outside()];
  }

  /** How many processes Windows still counts. */
  active(): number {
    const { kernel32, job } = this.#parts;
    return activeProcesses(kernel32, job) + this.#outside().length;
  }

  /**
   * What of the tree Windows still shows; an empty list is the proof of OFF.
   * @throws if Windows cannot be asked.
   */
  remaining(): readonly Remaining[] {
    this.adopt();
    if (this.active() === 0) return [];
    const { kernel32, leader } = this.#parts;
    const table = processTable(kernel32);
    const pids = this.pids();
    // Windows may count one that it no longer lists: then it is not over yet.
    return (pids.length > 0 ? pids : [leader])
      .map((pid) => ({ pid, name: table.get(pid)?.name ?? "unknown" }));
  }

  /** Closes the handles, which kills what is left in the job. Calling it again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { kernel32, job, process } = this.#parts;
    for (const handle of [job, process, ...this.#strays.values()]) {
      kernel32.CloseHandle(handle);
    }
    this.#parts.onClose();
  }

  #isKin(pid: number, { ours, table, strangers }: Kin): boolean {
    const parent = table.get(pid)?.parent;
    if (ours.has(pid) || parent === undefined) return false;
    // A parent younger than its child has the pid of the real one, which has ended.
    const lives = table.has(parent) &&
      !isYounger(this.#parts.kernel32, parent, pid);
    if (ours.has(parent)) return lives || !table.has(parent);
    return strangers !== undefined && !lives && !strangers.has(pid);
  }

  /** False if Windows does not even let us look at it, or it has gone in the meantime. */
  #take(pid: number): boolean {
    const { kernel32, job } = this.#parts;
    const process = openProcess(kernel32, pid);
    if (process === undefined) return false;
    if (kernel32.AssignProcessToJobObject(job, process) !== 0) {
      kernel32.CloseHandle(process);
    } else {
      this.#strays.set(pid, process);
    }
    return true;
  }

  #endedStrays(): [number, Handle][] {
    return [...this.#strays]
      .filter(([, process]) => hasEnded(this.#parts.kernel32, process));
  }

  /** The living of the tree that the job does not hold. */
  #outside(): number[] {
    const ended = new Set(this.#endedStrays().map(([pid]) => pid));
    const strays = [...this.#strays.keys()].filter((pid) => !ended.has(pid));
    return [...strays, ...this.#beyond];
  }
}

function isYounger(kernel32: Kernel32, one: number, other: number): boolean {
  const oneAt = createdAt(kernel32, one);
  const otherAt = createdAt(kernel32, other);
  return oneAt !== undefined && otherAt !== undefined && oneAt > otherAt;
}
