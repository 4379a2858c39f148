/** The processes as `/proc` shows them; Deno opens it only with all permissions. */

import type { Clock } from "../clock.ts";
import {
  identity,
  isLiving,
  parseMark,
  parseStat,
  parseUptime,
  type ProcessEntry,
  type ProcessLook,
  type ProcessTable,
  TableRefused,
} from "./process_table.ts";

/** So many environments are read side by side: each takes a thread. */
const READERS = 8;
const MARKS_MS_MAX = 1000;

/** Reads `/proc` itself: needs all permissions. */
export class ProcfsTable implements ProcessTable {
  readonly #clock: Clock;
  /** Processes whose environment was asked for and has not come yet. */
  readonly #waiting = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(sinceTicks = 0): Promise<ProcessLook> {
    const ticks = nowTicks();
    const { entries, missed } = readEntries();
    const results = new Map(entries.map((it) => [identity(it), it]));
    const young = entries.filter((it) =>
      !it.kernel && it.startTicks >= sinceTicks && isLiving(it)
    );
    const ended = await this.#addMarks(young, results);
    return {
      ticks,
      isSharp: missed + ended === 0,
      entries: [...results.values()],
    };
  }

  /**
   * Puts the marks into the results; says how many ended meanwhile. A program that hangs in a driver
   * can hold up whoever reads its environment, so that has a limit.
   */
  async #addMarks(
    young: readonly ProcessEntry[],
    results: Map<string, ProcessEntry>,
  ): Promise<number> {
    const queue = young.filter((it) => !this.#waiting.has(identity(it)));
    if (queue.length === 0) return 0;
    let ended = 0;
    const readAll = async () => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        const key = identity(entry);
        this.#waiting.add(key);
        const result = await withMark(entry);
        this.#waiting.delete(key);
        if (result === undefined || !isLiving(result)) ended += 1;
        if (result === undefined) results.delete(key);
        else results.set(key, result);
      }
    };
    const done = new AbortController();
    const readers = Array.from({ length: READERS }, readAll);
    const all = Promise.all(readers).then(() => done.abort());
    await Promise.race([all, this.#clock.sleep(MARKS_MS_MAX, done.signal)]);
    return ended;
  }
}

/** As it is now, with its mark; undefined if it is gone. */
async function withMark(
  entry: ProcessEntry,
): Promise<ProcessEntry | undefined> {
  const environ = await readEnviron(entry.pid);
  if (environ === undefined) return entry;
  const mark = parseMark(environ);
  if (environ !== "" && mark === undefined) return entry;
  // What was read may be of a later process with the same pid; and who ends has no environment left.
  const still = readEntry(entry.pid);
  return still?.startTicks === entry.startTicks
    ? { ...still, mark }
    : undefined;
}

/** When the process with this pid started; undefined if it is gone or `/proc` is closed to us. */
export function readStartTicks(pid: number): number | undefined {
  try {
    return readEntry(pid)?.startTicks;
  } catch (error) {
    if (error instanceof TableRefused) return undefined;
    throw error;
  }
}

/**
 * All processes, the newest first. What counts is the second list: most of it
 * was read before, so that hardly any time passes between the list and the look
 * at those that are new on it. Whoever of these ended just then may have left a
 * child that is on no list: it is missed. Not asynchronous: each file is a few
 * microseconds, and nothing can hold it up.
 */
function readEntries(): { entries: ProcessEntry[]; missed: number } {
  const known = new Map(listPids().map((pid) => [pid, readEntry(pid)]));
  const fresh: ProcessEntry[] = [];
  const others: ProcessEntry[] = [];
  let missed = 0;
  for (const pid of listPids()) {
    const entry = known.get(pid);
    if (entry !== undefined) {
      others.push(entry);
      continue;
    }
    const born = readEntry(pid);
    if (born === undefined || !isLiving(born)) missed += 1;
    if (born !== undefined) fresh.push(born);
  }
  return { entries: [...fresh, ...others], missed };
}

function listPids(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter(Number.isInteger);
}

function readEntry(pid: number): ProcessEntry | undefined {
  const text = unlessGone(() => Deno.readTextFileSync(`/proc/${pid}/stat`));
  return text === undefined ? undefined : parseStat(text);
}

function nowTicks(): number {
  const text = unlessGone(() => Deno.readTextFileSync("/proc/uptime"));
  if (text === undefined) {
    throw new TableRefused("there is no /proc: mount it");
  }
  return parseUptime(text);
}

function unlessGone(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new TableRefused("Deno closes /proc: run with --allow-all", {
        cause: error,
      });
    }
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Undefined if it is not for us to read, empty if there is none or no process any more. Never rejects. */
async function readEnviron(pid: number): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`/proc/${pid}/environ`);
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? undefined : "";
  }
}

/** Gone, or hidden from this user. A process may end between opening and reading; that says ESRCH. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && /os error 3\)|ESRCH/.test(error.message));
}
