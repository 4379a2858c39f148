/** The processes as `/proc` shows them; Deno opens it only with all permissions. */

import type { Clock } from "../clock.ts";
import { hiddenProcesses } from "./hidden_processes.ts";
import {
  identity,
  isLiving,
  NO_PROC,
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

  readonly #readEnviron: (path: string) => Promise<string>;

  constructor(
    clock: Clock,
    readEnviron: (path: string) => Promise<string> = Deno.readTextFile,
  ) {
    this.#clock = clock;
    this.#readEnviron = readEnviron;
  }

  async read(sinceTicks = 0): Promise<ProcessLook> {
    const ticks = nowTicks();
    const { entries, missed } = readEntries();
    const results = new Map(entries.map((it) => [identity(it), it]));
    const young = entries.filter((it) =>
      !it.kernel && it.startTicks >= sinceTicks && isLiving(it)
    );
    const unsure = await this.#addMarks(young, results);
    const hidden = hiddenProcesses();
    return {
      ticks,
      isSharp: missed + unsure === 0 && hidden === undefined,
      hidden,
      entries: [...results.values()],
    };
  }

  /**
   * Puts the marks into the results; says of how many nothing is sure, as they ended meanwhile or could
   * not be read. A program that hangs in a driver can hold up whoever reads its environment, so that has
   * a limit.
   */
  async #addMarks(
    young: readonly ProcessEntry[],
    results: Map<string, ProcessEntry>,
  ): Promise<number> {
    const queue = young.filter((it) => !this.#waiting.has(identity(it)));
    if (queue.length === 0) return 0;
    let unsure = 0;
    const readAll = async () => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        const key = identity(entry);
        this.#waiting.add(key);
        const result = await withMark(entry, this.#readEnviron);
        this.#waiting.delete(key);
        if (result === "unknown") {
          unsure += 1;
          continue;
        }
        if (result === undefined || !isLiving(result)) unsure += 1;
        if (result === undefined) results.delete(key);
        else results.set(key, result);
      }
    };
    const done = new AbortController();
    const readers = Array.from({ length: READERS }, readAll);
    const all = Promise.all(readers).then(() => done.abort());
    await Promise.race([all, this.#clock.sleep(MARKS_MS_MAX, done.signal)]);
    return unsure;
  }
}

/** As it is now, with its mark; undefined if it is gone; `unknown` if that could not be found out. */
async function withMark(
  entry: ProcessEntry,
  read: (path: string) => Promise<string>,
): Promise<ProcessEntry | undefined | "unknown"> {
  let environ: string;
  try {
    environ = await read(`/proc/${entry.pid}/environ`);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      return { ...entry, isBare: true };
    }
    // Short of descriptors or of memory, for example: it may well carry a mark.
    if (!isGone(error)) return "unknown";
    environ = "";
  }
  const mark = parseMark(environ);
  if (environ !== "" && mark === undefined) return entry;
  // What was read may be of a later process with the same pid; and who ends has no environment left.
  const still = readEntry(entry.pid);
  return still?.startTicks === entry.startTicks
    ? { ...still, mark, ...(environ === "" ? { isBare: true } : {}) }
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

/** One process as it is now; undefined if it is gone. */
export function readEntry(pid: number): ProcessEntry | undefined {
  const text = unlessGone(() => Deno.readTextFileSync(`/proc/${pid}/stat`));
  return text === undefined ? undefined : parseStat(text);
}

function nowTicks(): number {
  const text = unlessGone(() => Deno.readTextFileSync("/proc/uptime"));
  if (text === undefined) {
    throw new TableRefused(NO_PROC);
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
    // Listed, but hidden from this user: the look as a whole says so.
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A process may end between opening and reading; that says ESRCH. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && /os error 3\)|ESRCH/.test(error.message));
}
