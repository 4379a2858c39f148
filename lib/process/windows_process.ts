/** A program on Windows: its tree is held together by a job object. */

import type { Clock } from "../clock.ts";
import type { Exit, Remaining } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import { batchCommand, isBatchFile } from "./batch_file.ts";
import { commandLine } from "./command_line.ts";
import { type OsProcess, type SpawnSpec, StartError } from "./os_process.ts";
import {
  type ControllerGuard,
  KILLED_CODE,
  type WindowsJob,
  type WindowsJobs,
} from "./windows_job.ts";
import { type StartedProgram, StartRefused } from "./windows_start.ts";

/** Reads a stream to its end, line by line; lets go of it when the signal is aborted. */
export type Drain = (
  stream: ReadableStream<Uint8Array>,
  onLine: SpawnSpec["onLine"],
  signal: AbortSignal,
) => Promise<void>;

/** What is started: `path` is where `exec` was found, absolute. */
export type WindowsSpawnSpec = SpawnSpec & { readonly path: string };

/** What a Windows process needs from around it. */
export interface WindowsDeps {
  /** From `guardController()`, called once at the start of the controller. */
  readonly guard: ControllerGuard;
  readonly drain: Drain;
  /** What the program inherits: no secret of ours, and its mark. */
  readonly environment: (spec: SpawnSpec) => {
    readonly clearEnv: boolean;
    readonly env: Record<string, string>;
  };
  readonly clock: Clock;
  /** Where Windows is; cmd.exe, which batch files need, is taken from there alone. */
  readonly systemRoot: string | undefined;
  /** Hears why a tree is not held by a job: only its first process can be proven gone then. */
  readonly onUnguarded: (reason: string) => void;
}

const TASKKILL_MS_MAX = 3_000;

/**
 * Starts a program as a tree of its own. It is never detached: that would take
 * it out of every job that ends it with the controller.
 * @throws {StartError} if it cannot be started.
 */
export function spawnWindows(
  spec: WindowsSpawnSpec,
  deps: WindowsDeps,
): OsProcess {
  const { guard } = deps;
  if (guard.kind === "unguarded") {
    const child = startUnheld(spec, deps);
    deps.onUnguarded(guard.reason);
    return new WindowsProcess({ child, job: undefined, spec, deps });
  }
  const { child, job, unheld } = startHeld(guard.jobs, spec, deps);
  if (unheld !== undefined) deps.onUnguarded(unheld);
  return new WindowsProcess({ child, job, spec, deps });
}

interface WindowsProcessParts {
  readonly child: StartedProgram;
  /** Undefined: only the first process is known for sure. */
  readonly job: WindowsJob | undefined;
  readonly spec: WindowsSpawnSpec;
  readonly deps: WindowsDeps;
}

class WindowsProcess implements OsProcess {
  readonly pid: number;
  readonly killOnly = true;
  readonly exited: Promise<Exit>;
  readonly #parts: WindowsProcessParts;
  readonly #released = new AbortController();
  #exit: Exit | undefined;
  #killed = false;

  constructor(parts: WindowsProcessParts) {
    this.#parts = parts;
    const { child, deps, spec } = parts;
    this.pid = child.pid;
    this.exited = child.status.then(
      ({ code }) => this.#ended(code),
      () => this.#ended(-1),
    );
    for (const stream of [child.stdout, child.stderr]) {
      // A stream that breaks is over: the end of the process is seen elsewhere.
      deps.drain(stream, spec.onLine, this.#released.signal).catch(() => {});
    }
  }

  /**
   * Does nothing: Windows knows no polite stop for a program without a window.
   * Ctrl-C and Ctrl-Break go to everybody on a console, the controller and all
   * other programs included, or to a group that only a detached program has;
   * and what Deno calls a signal is a kill of the first process alone.
   */
  signal(): void {}

  kill(): Promise<void> {
    this.#killed = true;
    try {
      this.#parts.job?.terminate();
      if (this.#parts.job !== undefined) return Promise.resolve();
    } catch {
      // What could not be killed shows in `remaining()`; the way below is tried as well.
    }
    return this.#killWithoutJob();
  }

  // deno-lint-ignore require-await -- so that what Windows refuses rejects instead of throwing
  async remaining(): Promise<readonly Remaining[]> {
    const { job, spec } = this.#parts;
    if (job !== undefined) return job.remaining();
    if (this.#exit !== undefined) return [];
    return [{ pid: this.pid, name: basename(spec.path) }];
  }

  release(): void {
    this.#released.abort();
    this.#parts.job?.close();
  }

  #ended(code: number): Exit {
    this.#exit = this.#killed && (code === KILLED_CODE || code === 1)
      ? { kind: "signal", signal: "SIGKILL" }
      : { kind: "code", code };
    return this.#exit;
  }

  /** The tree is found by its parents, so the first process must live until then. */
  async #killWithoutJob(): Promise<void> {
    // Its pid may be another's by now.
    if (this.#exit !== undefined) return;
    await taskkill(this.pid, this.#parts.deps.clock);
    try {
      this.#parts.child.kill("SIGKILL");
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

async function taskkill(pid: number, clock: Clock): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("taskkill.exe", {
      args: ["/PID", String(pid), "/T", "/F"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch {
    // Not there, or not allowed: the first process is killed all the same.
    return;
  }
  const ended = new AbortController();
  const status = child.status.finally(() => ended.abort());
  await Promise.race([status, clock.sleep(TASKKILL_MS_MAX, ended.signal)]);
  if (ended.signal.aborted) return;
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** A process that ended in the meantime: killing it is a TypeError, or NotFound. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError || error instanceof Deno.errors.NotFound;
}

/** What Windows is to run; a batch file needs cmd.exe, which reads its arguments by rules of its own. */
function whatToRun(spec: WindowsSpawnSpec, deps: WindowsDeps): {
  readonly program: string;
  readonly args: string[];
  readonly windowsRawArguments: boolean;
} {
  if (!isBatchFile(spec.path)) {
    const args = [...spec.args];
    return { program: spec.path, args, windowsRawArguments: false };
  }
  const { program, rawArgs } = batchCommand(spec, deps.systemRoot);
  return { program, args: [...rawArgs], windowsRawArguments: true };
}

/** In a job before its first instruction. */
function startHeld(
  jobs: WindowsJobs,
  spec: WindowsSpawnSpec,
  deps: WindowsDeps,
): ReturnType<WindowsJobs["start"]> {
  const { program, args, windowsRawArguments } = whatToRun(spec, deps);
  const { clearEnv, env } = deps.environment(spec);
  try {
    return jobs.start({
      program,
      commandLine: commandLine(program, args, windowsRawArguments),
      cwd: spec.cwd,
      env: merged(clearEnv ? new Map() : jobs.environment(), env),
    }, deps.clock);
  } catch (error) {
    throw startError(spec, error);
  }
}

/** Later names win; Windows' own are the same in any case. */
function merged(
  first: ReadonlyMap<string, string>,
  then: Readonly<Record<string, string>>,
): Map<string, string> {
  const all = [...first, ...Object.entries(then)];
  const byName = new Map(all.map((pair) => [pair[0].toUpperCase(), pair]));
  return new Map(byName.values());
}

function startUnheld(
  spec: WindowsSpawnSpec,
  deps: WindowsDeps,
): Deno.ChildProcess {
  const { program, ...how } = whatToRun(spec, deps);
  try {
    return new Deno.Command(program, {
      ...how,
      cwd: spec.cwd,
      ...deps.environment(spec),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // It shares the controller's console, so that no window of its own opens.
    }).spawn();
  } catch (error) {
    throw startError(spec, error);
  }
}

function startError(spec: WindowsSpawnSpec, error: unknown): StartError {
  const why = error instanceof StartRefused
    ? `os error ${error.code}`
    : wordsOf(error);
  return new StartError(
    `Cannot start "${spec.name}" as Windows refuses "${spec.path}": ${why}${
      advice(why)
    }`,
    { cause: error },
  );
}

const VANISHED =
  "if it was there before, a virus scanner took it: restore it and except its folder";

/** What the owner can do about the refusals that miners meet. */
const ADVICE: Readonly<Record<string, string>> = {
  "2": VANISHED,
  "3": VANISHED,
  "5":
    "access is denied: check that the file may be executed and that no virus scanner blocks it",
  "193":
    "it is not a Windows program: set exec to an .exe file, or to the interpreter of a script",
  "216": "it is made for another kind of Windows: get the 64-bit program",
  "225":
    "a virus scanner takes it for harmful, as it does with most miners: except its folder from scanning",
  "267": `the folder in "cwd" is not there: make it, or correct "cwd"`,
  "740":
    "it wants administrator rights: run the controller with them, or take them from the program",
  "1260": "a policy of this machine blocks it: allow the program there",
  "4551":
    "Smart App Control blocks it: it can only be turned off as a whole, in Windows Security",
};

function advice(why: string): string {
  // Deno looks for the file itself, and then gives no number.
  const code = /os error (\d+)/.exec(why)?.[1] ??
    (/not found$/.test(why) ? "2" : "");
  const text = ADVICE[code];
  return text === undefined ? "" : `; ${text}`;
}

function basename(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
