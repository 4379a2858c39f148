/** The first process of a tree: its start, its environment, its output. */

import { getLogger } from "@logtape/logtape";
import { type Clock, systemClock } from "../clock.ts";
import type { Exit } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import { Allowance } from "./allowance.ts";
import { launchedInto } from "./launcher.ts";
import { LineSplitter } from "./line_splitter.ts";
import { type SpawnSpec, StartError } from "./os_process.ts";
import { MARK_VARIABLE } from "./process_table.ts";

const log = getLogger(["kolikko", "process"]);

/**
 * What a program must not inherit: our secret, what ties us to systemd, and
 * what a shell told of itself to whom it started.
 */
const NOT_INHERITED = [
  "KOLIKKO_MQTT_PASSWORD",
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "PWD",
  "OLDPWD",
  "SHLVL",
  "_",
];

/** Starts `path` in a session, and so a process group, of its own; inside of a cgroup if there is one. */
export function startDetached(
  spec: SpawnSpec,
  path: string,
  cgroup?: string,
): Deno.ChildProcess {
  const environment = childEnvironment(spec);
  const program = { path, args: [...spec.args] };
  const what = cgroup === undefined
    ? program
    : launchedInto(cgroup, { ...program, env: environment.env });
  try {
    return new Deno.Command(what.path, {
      args: what.args,
      cwd: spec.cwd,
      ...environment,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
      // The types of older versions do not know `detached`.
    } as Deno.CommandOptions).spawn();
  } catch (error) {
    throw startError(spec, path, error);
  }
}

/** The controller's own environment without its secrets, then what the command adds, then the mark. */
export function childEnvironment(
  spec: Pick<SpawnSpec, "env" | "mark">,
): { clearEnv: boolean; env: Record<string, string> } {
  const own = { ...spec.env, [MARK_VARIABLE]: spec.mark };
  if (Deno.permissions.querySync({ name: "env" }).state !== "granted") {
    // What we may not read is inherited all the same; it can only be painted over.
    const blank = NOT_INHERITED.map((name) => [name, ""]);
    return { clearEnv: false, env: { ...Object.fromEntries(blank), ...own } };
  }
  const env = Deno.env.toObject();
  for (const name of NOT_INHERITED) delete env[name];
  return { clearEnv: true, env: { ...env, ...own } };
}

/** How the first process ended; never rejects. */
export async function exitOf(child: Deno.ChildProcess): Promise<Exit> {
  try {
    const { code, signal } = await child.status;
    return signal === null
      ? { kind: "code", code }
      : { kind: "signal", signal };
  } catch (error) {
    log.error("Cannot tell how a program ended", { pid: child.pid, error });
    return { kind: "code", code: -1 };
  }
}

/** A few hundred lines a second tell all there is; a program's start may tell more. */
const LINES_ALLOWED = { perS: 200, burst: 1_000 };
/** A pipe that is always full answers at once: without a rest nothing else would get its turn. */
const READS_ALLOWED = { perS: 50, burst: 10 };
/** What is done with lines takes so long at most before all else gets its turn. */
const WORK_MS_MAX = 2;
/** As much as a pipe holds. */
const CHUNK_BYTES = 65_536;
const REST_MS = 20;

type OnLine = SpawnSpec["onLine"];

/**
 * Reads a stream to its end, line by line; lets go of it when the signal is
 * aborted. Nothing but that ends it early: a program blocks once its pipe is
 * full. Who prints without end is slowed, and the newest of its lines are read.
 */
export async function drain(
  stream: ReadableStream<Uint8Array>,
  onLine: OnLine,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const lines: [line: string, leftOut: number][] = [];
  const splitter = new LineSplitter({
    onLine: (...line) => lines.push(line),
    allowance: new Allowance({ clock, ...LINES_ALLOWED }),
  });
  const reads = new Allowance({ clock, ...READS_ALLOWED });
  const rest = () => clock.sleep(REST_MS, signal);
  const handOut = slowly(guarded(onLine), { clock, rest });
  const reader = stream.getReader({ mode: "byob" });
  const letGo = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", letGo, { once: true });
  try {
    if (signal.aborted) letGo();
    // The same piece of memory again and again: what is read is of no use later.
    for (let buffer = new ArrayBuffer(CHUNK_BYTES);;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      splitter.push(value);
      buffer = value.buffer;
      await handOut(lines.splice(0));
      reads.take(1);
      if (reads.left() < 1) await rest();
    }
  } catch (error) {
    // The end of the process is seen elsewhere; a pipe that breaks is an end as well.
    log.debug("A program's output broke off", { error });
  } finally {
    signal.removeEventListener("abort", letGo);
  }
  splitter.flush();
  await handOut(lines.splice(0));
  if (splitter.dropped > 0) {
    log.warn("Left out the rest of too long lines of output", {
      bytes: splitter.dropped,
    });
  }
}

/** Hands lines on, with a rest whenever that has taken its time. */
function slowly(
  onLine: OnLine,
  { clock, rest }: {
    readonly clock: Clock;
    readonly rest: () => Promise<void>;
  },
): (lines: Iterable<readonly [string, number]>) => Promise<void> {
  let workMs = 0;
  return async (lines) => {
    for (const [line, leftOut] of lines) {
      const startedAt = clock.now();
      onLine(line, leftOut);
      workMs += clock.now() - startedAt;
      if (workMs < WORK_MS_MAX) continue;
      await rest();
      workMs = 0;
    }
  };
}

/** A fault of whoever gets the lines must not block the program. */
function guarded(onLine: OnLine): OnLine {
  let isReported = false;
  return (line, leftOut) => {
    try {
      onLine(line, leftOut);
    } catch (error) {
      if (!isReported) log.error("Cannot take a line of output", { error });
      isReported = true;
    }
  };
}

/** What the owner can do about what the operating system says. */
const ADVICE: readonly (readonly [code: number, advice: string])[] = [
  [
    2,
    "the file is there, so an interpreter or a library loader that it names is missing: run it by hand to see which",
  ],
  [7, `arguments and environment are too long: shorten "args" and "env"`],
  [
    8,
    "it is no program for this machine: get one for its processor, or begin a script with #!",
  ],
  [11, "this user may have no more processes: end some, or raise the limit"],
  [12, "memory is short: add swap or end other programs"],
  [
    13,
    `this user may not run it: check the rights of the file, its folders and "cwd", and that the disk is not mounted noexec`,
  ],
  [24, "too many files are open: raise the limit of open files"],
  [
    26,
    "somebody is writing to it: wait for the download or the copy to end",
  ],
];

function startError(
  spec: SpawnSpec,
  path: string,
  error: unknown,
): StartError {
  const begin = `Cannot start "${spec.name}" as "${path}"`;
  if (error instanceof Deno.errors.NotCapable) {
    return new StartError(
      `${begin} may not be run by the controller: run it with --allow-run, without a list of programs`,
      { cause: error },
    );
  }
  if (error instanceof Deno.errors.NotFound && !/[\\/]/.test(path)) {
    return new StartError(
      `${begin} is nowhere in PATH: install it, or set "exec" to its full path`,
      { cause: error },
    );
  }
  const reason = wordsOf(error);
  const code = Number(/\(os error (\d+)\)/.exec(reason)?.[1]);
  return new StartError(refusal(spec, path, { reason, code }), {
    cause: error,
  });
}

/** A start that the operating system refused, in words. */
export function refusal(
  spec: Pick<SpawnSpec, "name" | "cwd">,
  path: string,
  { reason, code }: { readonly reason: string; readonly code: number },
): string {
  const advice = ADVICE.find(([number]) => number === code)?.[1] ??
    `see whether it starts by hand in "${spec.cwd}"`;
  return `Cannot start "${spec.name}" as "${path}" is refused (${reason}): ${advice}`;
}
