/** Which processes there are: what the proof of OFF rests on. */

/** One process, as Linux shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  /** One letter: `Z` is a zombie, `X` is dead, `D` cannot be killed at the moment. */
  readonly state: string;
  readonly threads: number;
  /** When it started, in ticks since the boot: pid and start together are its identity. */
  readonly startTicks: number;
  /** The first 15 characters of the program's name. */
  readonly name: string;
  readonly kernel: boolean;
  /** `KOLIKKO_MARK` of its environment; undefined if there is none or it cannot be read. */
  readonly mark: string | undefined;
  /** Its environment says nothing: it is empty, or not for us to read. */
  readonly isBare?: boolean;
}

/** The processes of one moment. */
export interface ProcessLook {
  /** When the look began, on the same scale as `startTicks`. */
  readonly ticks: number;
  /**
   * Nobody came or went unseen meanwhile. Otherwise a program that keeps changing its pid may have
   * slipped through: its old process ended before it was looked at, its new one began after that.
   */
  readonly isSharp: boolean;
  /** Why it can never show all processes, if it cannot; then it is never sharp. */
  readonly hidden?: string | undefined;
  readonly entries: readonly ProcessEntry[];
}

/** A way to see the processes of this machine. */
export interface ProcessTable {
  /**
   * Looks at all processes. Marks are read of those alone that started at
   * `sinceTicks` or later.
   * @throws {TableRefused} if this can never work with the present permissions.
   */
  read(sinceTicks?: number): Promise<ProcessLook>;
}

/** The present permissions allow no look at the processes. */
export class TableRefused extends Error {}

/** Why there is no look at all. */
export const NO_PROC =
  "there is no /proc/uptime: mount /proc, or take ProcSubset=pid out of the unit";

/** The variable that marks what belongs to one run. */
export const MARK_VARIABLE = "KOLIKKO_MARK";

/** Marks a program that the controller starts for itself, which belongs to no run. */
export const HELPER_ENV = { KOLIKKO_MARK: "helper" };

/** Linux counts them so towards programs on all machines. */
export const TICKS_PER_S = 100;

const SHOWN_MAX = 40;
const KERNEL_THREAD_FLAG = 0x0020_0000;

/** Positions after the name, in `/proc/PID/stat`. */
const STAT = {
  state: 0,
  ppid: 1,
  pgid: 2,
  sid: 3,
  flags: 6,
  threads: 17,
  startTicks: 19,
};

/** Reads the text of `/proc/PID/stat`; undefined if it is not of that form. */
export function parseStat(text: string): ProcessEntry | undefined {
  // A name may hold spaces and brackets, so it ends at the last one.
  const open = text.indexOf(" (");
  const close = text.lastIndexOf(")");
  if (open < 1 || close < open) return undefined;
  const fields = text.slice(close + 1).trim().split(" ");
  const number = (at: number) => Number(fields[at] ?? NaN);
  const entry = {
    pid: Number(text.slice(0, open)),
    ppid: number(STAT.ppid),
    pgid: number(STAT.pgid),
    sid: number(STAT.sid),
    state: fields[STAT.state] ?? "",
    threads: number(STAT.threads),
    startTicks: number(STAT.startTicks),
    name: text.slice(open + 2, close),
    kernel: (number(STAT.flags) & KERNEL_THREAD_FLAG) !== 0,
    mark: undefined,
  };
  const numbers = [entry.pid, entry.ppid, entry.pgid, entry.sid]
    .concat(entry.threads, entry.startTicks);
  return numbers.every(Number.isSafeInteger) ? entry : undefined;
}

/** Reads the text of `/proc/uptime`. */
export function parseUptime(text: string): number {
  const seconds = Number.parseFloat(text);
  if (!Number.isFinite(seconds)) {
    throw new Error(
      `Cannot read /proc/uptime as "${
        text.trim().slice(0, SHOWN_MAX)
      }" does not begin with a number of seconds`,
    );
  }
  // It has two decimals: the nearest whole number is what it says.
  return Math.round(seconds * TICKS_PER_S);
}

/** Reads the text of `/proc/PID/environ`. */
export function parseMark(environ: string): string | undefined {
  const wanted = `${MARK_VARIABLE}=`;
  return environ.split("\0").find((line) => line.startsWith(wanted))
    ?.slice(wanted.length);
}

/** Does it still run? A zombie does not, unless only its first thread has ended. */
export function isLiving(entry: ProcessEntry): boolean {
  const ended = entry.state === "Z" || entry.state.toUpperCase() === "X";
  return !ended || entry.threads > 1;
}

/** What tells two processes apart, even if they get the same pid one after the other. */
export function identity(
  entry: Pick<ProcessEntry, "pid" | "startTicks">,
): string {
  return `${entry.pid}@${entry.startTicks}`;
}

/** The first of several ways to look that the present permissions allow; found out once. */
export class FirstAllowedTable implements ProcessTable {
  readonly #tables: readonly ProcessTable[];
  #allowed: ProcessTable | undefined;

  constructor(tables: readonly ProcessTable[]) {
    this.#tables = tables;
  }

  async read(sinceTicks = 0): Promise<ProcessLook> {
    if (this.#allowed !== undefined) {
      try {
        return checked(await this.#allowed.read(sinceTicks));
      } catch (error) {
        // It worked before: that it never can is not true, and less would not be enough.
        if (!(error instanceof TableRefused)) throw error;
        throw new Error(error.message, { cause: error });
      }
    }
    const refusals: string[] = [];
    for (const table of this.#tables) {
      try {
        const look = checked(await table.read(sinceTicks));
        this.#allowed = table;
        return look;
      } catch (error) {
        if (!(error instanceof TableRefused)) throw error;
        refusals.push(error.message);
      }
    }
    throw new TableRefused(refusals.join("; "));
  }
}

/** A table without ourselves is of another machine, or no table: an empty one would be a false proof. */
function checked(look: ProcessLook): ProcessLook {
  if (look.entries.some((entry) => entry.pid === Deno.pid)) return look;
  throw new Error(
    `Cannot trust the table of processes as the controller's own, ${Deno.pid}, is not in it: ` +
      `mount the /proc of this system`,
  );
}
