/** The processes as helper programs show them, where Deno closes `/proc`. */

import type { Clock } from "../clock.ts";
import { HIDES } from "./hidden_processes.ts";
import {
  HELPER_ENV,
  identity,
  isLiving,
  MARK_VARIABLE,
  NO_PROC,
  parseStat,
  parseUptime,
  type ProcessEntry,
  type ProcessLook,
  type ProcessTable,
  TableRefused,
} from "./process_table.ts";

const HELPER_MS_MAX = 3000;
const BYTES_MAX = 16 * 1024 * 1024;
const BORDER = "\n--kolikko--\n";
const HIDDEN = "--hidden--";

// The table is read before and after the marks, as a mark belongs to a process only if pid and start
// are the same in both. A zero byte ends each mark; cat complains of whoever ended before it came to it.
const SCRIPT = [
  `cat /proc/uptime /proc/[0-9]*/stat 2>&1; [ -r /proc/1/stat ] || echo "${HIDDEN}"`,
  `grep -azHos '^${MARK_VARIABLE}=.*' /proc/[0-9]*/environ`,
  "cat /proc/[0-9]*/stat 2>&1",
].join(`; printf '${BORDER.replaceAll("\n", "\\n")}'; `) +
  `; printf '${BORDER.replaceAll("\n", "\\n")}'`;

/** Reads `/proc` through helper programs, where Deno itself may not. */
export class HelperTable implements ProcessTable {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(sinceTicks = 0): Promise<ProcessLook> {
    const { output, pid } = await runHelper(SCRIPT, this.#clock);
    return parseHelperOutput(output, { sinceTicks, helperPid: pid });
  }
}

/** Puts the parts of the helper's output together; without its end part there are no marks. */
export function parseHelperOutput(
  output: string,
  options: { readonly sinceTicks: number; readonly helperPid: number },
): ProcessLook {
  const [before, marksText, after, rest] = output.split(BORDER);
  if (before === undefined || marksText === undefined) {
    throw new Error(
      `Cannot look for processes as sh, cat and grep gave no full answer within ` +
        `${HELPER_MS_MAX} ms: see whether "cat /proc/1/stat" works for this user`,
    );
  }
  if (/^cat: \S*\/proc\/uptime\S*: /m.test(before)) {
    throw new TableRefused(NO_PROC);
  }
  const isOther = (entry: ProcessEntry) => entry.pgid !== options.helperPid;
  const ticks = parseUptime(before);
  const first = parseStats(before).filter(isOther);
  if (after === undefined || rest === undefined) {
    return { ticks, isSharp: false, entries: first };
  }
  const hidden = before.includes(`\n${HIDDEN}`) ? HIDES : undefined;
  const marks = parseMarks(marksText);
  const starts = new Set(first.map(identity));
  const last = parseStats(after).filter(isOther).map((entry) =>
    starts.has(identity(entry))
      ? { ...entry, mark: marks.get(entry.pid) }
      : entry
  );
  return {
    ticks,
    // Whatever it complains of, it did not see.
    isSharp: hidden === undefined &&
      !/^cat: /m.test(before + "\n" + after) &&
      picture(first, options.sinceTicks) === picture(last, options.sinceTicks),
    hidden,
    entries: last,
  };
}

/** Who of the young lives and who is dead: two equal ones, and nobody came or went. */
function picture(
  entries: readonly ProcessEntry[],
  sinceTicks: number,
): string {
  return entries.filter((entry) => entry.startTicks >= sinceTicks)
    .map((entry) => identity(entry) + (isLiving(entry) ? "+" : "-"))
    .sort().join(" ");
}

function parseStats(text: string): ProcessEntry[] {
  return text.split(/\n(?=\d+ \()/)
    .flatMap((line) => parseStat(line) ?? []);
}

function parseMarks(text: string): Map<number, string> {
  const marks = new Map<number, string>();
  for (const line of text.split("\0")) {
    const found = /^\/proc\/(\d+)\/environ:[A-Z_]+=(.*)$/s.exec(line);
    if (found) marks.set(Number(found[1]), found[2] ?? "");
  }
  return marks;
}

/**
 * What a fixed shell script prints within some seconds.
 * @throws {TableRefused} if no helper program may be run.
 */
export async function runHelper(
  script: string,
  clock: Clock,
): Promise<{ output: string; pid: number }> {
  const child = startHelper(script);
  const ended = new AbortController();
  const reader = child.stdout.getReader();
  const status = child.status;
  const output = readAll(reader).finally(() => ended.abort());
  await Promise.race([
    output.catch(() => {}),
    clock.sleep(HELPER_MS_MAX, ended.signal),
  ]);
  if (!ended.signal.aborted) {
    // It hangs, for example at a process that hangs in a driver: what came until now has to do.
    killGroup(child);
    await reader.cancel();
  }
  const text = await output;
  await status;
  return { output: text, pid: child.pid };
}

function startHelper(script: string): Deno.ChildProcess {
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", script],
      // So that no variable of ours changes what the helpers do, or makes one look like a program of ours.
      clearEnv: true,
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin", ...HELPER_ENV },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      detached: true,
    } as Deno.CommandOptions).spawn();
  } catch (error) {
    if (
      error instanceof Deno.errors.NotCapable ||
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied
    ) {
      throw new TableRefused(
        "helper programs cannot be run: run with --allow-run",
        { cause: error },
      );
    }
    throw error;
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done || text.length > BYTES_MAX) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text + decoder.decode();
}

function killGroup(child: Deno.ChildProcess): void {
  for (
    const kill of [
      () => Deno.kill(-child.pid, "SIGKILL"),
      () => child.kill("SIGKILL"),
    ]
  ) {
    try {
      kill();
    } catch {
      // Gone, or the other way is the one that is allowed.
    }
  }
}
