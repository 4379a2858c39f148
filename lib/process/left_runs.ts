/** Which processes an earlier controller left behind. Pure: a stranger must never be among them. */

import { type ProcessId, readMark } from "./mark.ts";
import { identity, isLiving, type ProcessEntry } from "./process_table.ts";
import { lineOf } from "./tree.ts";

/** A start, as an earlier controller has written it down. */
export interface RecordedStart {
  readonly command: string;
  readonly mark: string;
  readonly pid: number;
  readonly startTicks: number;
  /** Which boot of the machine it was. */
  readonly boot: string;
}

/** A process that is surely ours, for example because it is in a cgroup of ours. */
export interface CaughtProcess {
  readonly pid: number;
  readonly command: string;
}

/** What tells a leftover from a stranger. */
export interface Signs {
  readonly rig: string;
  /** The configured commands; what belongs to none of them goes to the first. */
  readonly commands: readonly string[];
  readonly record: readonly RecordedStart[];
  readonly caught: readonly CaughtProcess[];
  /** Of this boot; undefined if it cannot be told, and then the record says nothing. */
  readonly boot: string | undefined;
  /** Ourselves. */
  readonly controllerPid: number;
  /** Pids of other users: of them only what our own record says is believed. */
  readonly foreign: ReadonlySet<number>;
}

/** One run that was left behind. */
export interface LeftRun {
  readonly command: string;
  readonly mark: string | undefined;
  /** Those that are ours by a sign of their own, the oldest first; never empty. */
  readonly sure: readonly ProcessEntry[];
}

/** Another controller of the same rig, which lives. */
export interface Rival {
  readonly pid: number;
  readonly command: string;
}

/** What the signs say of the processes of one moment. */
export function leftRuns(
  signs: Signs,
  entries: readonly ProcessEntry[],
): { readonly runs: readonly LeftRun[]; readonly rival: Rival | undefined } {
  const own = lineOf(signs.controllerPid, entries);
  const candidates = entries.filter((it) =>
    it.pid > 1 && !it.kernel && isLiving(it) && !own.has(it.pid)
  ).toSorted((one, other) => one.startTicks - other.startTicks);
  const found = new Map<string, { sign: Sign; sure: ProcessEntry[] }>();
  const signOf = signReader(signs);
  for (const entry of candidates) {
    const sign = signOf(entry);
    if (sign === undefined) continue;
    const key = sign.mark ?? identity(entry);
    const run = found.get(key);
    if (run === undefined) found.set(key, { sign, sure: [entry] });
    else run.sure.push(entry);
  }
  const runs: LeftRun[] = [];
  for (const { sign, sure } of found.values()) {
    const { command, mark, controller } = sign;
    const since = sure[0]?.startTicks ?? 0;
    if (controller !== undefined && livesSince(controller, since, entries)) {
      // Our own run, if there is one already, is no leftover.
      if (controller.pid === signs.controllerPid) continue;
      return { runs: [], rival: { pid: controller.pid, command } };
    }
    runs.push({ command, mark, sure });
  }
  return { runs, rival: undefined };
}

/** Why a process is ours. */
interface Sign {
  readonly command: string;
  readonly mark: string | undefined;
  readonly controller: ProcessId | undefined;
}

const NO_MARK = { mark: undefined, controller: undefined };

function signReader(
  signs: Signs,
): (entry: ProcessEntry) => Sign | undefined {
  const recordedMarks = new Map(signs.record.map((it) => [it.mark, it]));
  const configured = (...names: (string | undefined)[]) =>
    names.find((name) => signs.commands.includes(name ?? "")) ??
      signs.commands[0] ?? "";
  return (entry) => {
    const mark = entry.mark === undefined ? undefined : readMark(entry.mark);
    // The rig's name anybody can write; the random part of a recorded mark only we and the run know.
    const byMark = mark !== undefined &&
      (recordedMarks.has(entry.mark ?? "") ||
        mark.rig === signs.rig && !signs.foreign.has(entry.pid));
    if (byMark) {
      const { controller } = mark;
      const command = configured(mark.command);
      return { command, mark: entry.mark, controller };
    }
    const recorded = signs.record.find((it) => isRecorded(it, entry, signs));
    if (recorded !== undefined) {
      const command = configured(recorded.command);
      // What is no mark at all must not make others ours that have the same.
      const its = readMark(recorded.mark);
      if (its === undefined) return { command, ...NO_MARK };
      return { command, mark: recorded.mark, controller: its.controller };
    }
    const caught = signs.caught.find((it) => it.pid === entry.pid);
    if (caught === undefined) return undefined;
    return { command: configured(caught.command), ...NO_MARK };
  };
}

/** Pid, start and boot are the same, and its environment tells nothing else. */
function isRecorded(
  start: RecordedStart,
  entry: ProcessEntry,
  signs: Signs,
): boolean {
  return signs.boot !== undefined && signs.boot !== "" &&
    start.boot === signs.boot &&
    start.pid === entry.pid && start.startTicks === entry.startTicks &&
    (entry.mark === undefined || entry.mark === start.mark);
}

/**
 * Does a controller live? Where its start is unknown, whoever has its pid and
 * is older than what it started must be it: nobody else could have the pid then.
 */
function livesSince(
  controller: ProcessId,
  sinceTicks: number,
  entries: readonly ProcessEntry[],
): boolean {
  const { pid, startTicks } = controller;
  // The system's own first process is never a controller; one in a container tells its start.
  if (pid === 1 && startTicks === 0) return false;
  const holder = entries.find((it) => it.pid === pid && isLiving(it));
  if (holder === undefined) return false;
  if (startTicks !== 0) return holder.startTicks === startTicks;
  return holder.startTicks <= sinceTicks;
}
