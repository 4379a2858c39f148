/**
 * Job objects: what Windows has to hold a tree of processes together. Whoever
 * is born in a job stays in it, so that killing the job misses nobody, and an
 * empty job is the proof of OFF.
 */

import type { Clock } from "../clock.ts";
import type { Remaining } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import {
  activeProcesses,
  createdAt,
  createJob,
  lastError,
  processIds,
} from "./job_object.ts";
import { type Handle, type Kernel32, openKernel32 } from "./kernel32.ts";
import { processTable } from "./windows_process_table.ts";
import {
  environmentOf,
  type ProgramCall,
  type StartedProgram,
  startSuspended,
} from "./windows_start.ts";

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

  constructor(kernel32: Kernel32) {
    this.#kernel32 = kernel32;
    // Never closed: that would end the controller.
    const outer = createJob(kernel32);
    const self = kernel32.GetCurrentProcess();
    if (kernel32.AssignProcessToJobObject(outer, self) !== 0) return;
    const error = lastError(kernel32, "put the controller into a job");
    kernel32.CloseHandle(outer);
    throw error;
  }

  /**
   * Starts a program in a job of its own: it is in there before its first
   * instruction, so that nothing of its tree is ever elsewhere. Without a job,
   * `unheld` says why Windows refused it.
   * @throws {StartRefused} if Windows does not start it.
   */
  start(call: ProgramCall, clock: Clock): {
    readonly child: StartedProgram;
    readonly job: WindowsJob | undefined;
    readonly unheld: string | undefined;
  } {
    let job: WindowsJob | undefined;
    let unheld: string | undefined;
    const child = startSuspended(
      { kernel32: this.#kernel32, clock },
      call,
      (process, pid) => {
        try {
          job = this.#hold(process, pid);
        } catch (error) {
          unheld = wordsOf(error);
        }
      },
    );
    return { child, job, unheld };
  }

  #hold(process: Handle, leader: number): WindowsJob {
    const kernel32 = this.#kernel32;
    const job = createJob(kernel32);
    if (kernel32.AssignProcessToJobObject(job, process) !== 0) {
      return new WindowsJob({ kernel32, job, leader });
    }
    const error = lastError(kernel32, `put process ${leader} into a job`);
    kernel32.CloseHandle(job);
    throw error;
  }

  /** When a process was created, in Windows' own units: with the pid, its identity. */
  createdAt(pid: number): bigint | undefined {
    return createdAt(this.#kernel32, pid);
  }

  /** The controller's own environment, where Deno may not read it. */
  environment(): Map<string, string> {
    return environmentOf(this.#kernel32);
  }
}

interface WindowsJobParts {
  readonly kernel32: Kernel32;
  readonly job: Handle;
  readonly leader: number;
}

/** The tree of one program. */
export class WindowsJob {
  readonly #parts: WindowsJobParts;
  #closed = false;

  constructor(parts: WindowsJobParts) {
    this.#parts = parts;
  }

  /**
   * Kills all that is in the job.
   * @throws if Windows refuses.
   */
  terminate(): void {
    const { kernel32, job, leader } = this.#parts;
    if (kernel32.TerminateJobObject(job, KILLED_CODE) === 0) {
      throw lastError(kernel32, `kill the tree of process ${leader}`);
    }
  }

  /** How many processes Windows still counts. */
  active(): number {
    const { kernel32, job } = this.#parts;
    return activeProcesses(kernel32, job);
  }

  /**
   * What of the tree Windows still shows; an empty list is the proof of OFF.
   * @throws if Windows cannot be asked.
   */
  remaining(): readonly Remaining[] {
    if (this.active() === 0) return [];
    const { kernel32, job, leader } = this.#parts;
    const table = processTable(kernel32);
    const pids = processIds(kernel32, job);
    // Windows may count one that it no longer lists: then it is not over yet.
    return (pids.length > 0 ? pids : [leader])
      .map((pid) => ({ pid, name: table.get(pid)?.name ?? "unknown" }));
  }

  /** Closes the handle, which kills what is left in the job. Calling it again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.kernel32.CloseHandle(this.#parts.job);
  }
}
