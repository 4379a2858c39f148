/**
 * What an earlier controller left behind on Windows: rarely anything, as jobs end
 * with it. No environment can be read there, so the record alone tells what is ours.
 */

import type { Clock } from "../clock.ts";
import type { Kernel32, Opened } from "./kernel32.ts";
import type { RecordedStart, Rival } from "./left_runs.ts";
import type { LeftoversFound } from "./leftover.ts";
import type { Leftover } from "./os_process.ts";
import { type ProcessId, readMark } from "./mark.ts";
import { createdTicks } from "./windows_created.ts";
import {
  type Held,
  holdProcess,
  WindowsLeftover,
} from "./windows_leftover_process.ts";

export interface FindWindowsLeftoversOptions {
  readonly opened: Opened;
  /** Configured names, in order; what belongs to none of them goes to the first. */
  readonly commands: readonly string[];
  readonly record: readonly RecordedStart[];
  readonly clock: Clock;
}

/** Finds them on Windows. Never rejects. */
export function findWindowsLeftovers(
  options: FindWindowsLeftoversOptions,
): LeftoversFound {
  const { opened } = options;
  if (opened.kind === "refused") {
    return { leftovers: [], rival: undefined, blind: opened.reason };
  }
  const { kernel32 } = opened;
  const rival = findRival(kernel32, options.record);
  if (rival !== undefined) {
    return { leftovers: [], rival, blind: undefined };
  }
  const byCommand = new Map<string, Map<number, Held>>();
  for (const start of options.record) {
    const one = holdRecorded(kernel32, start);
    if (one === undefined) continue;
    const { commands } = options;
    const command = commands.find((name) => name === start.command) ??
      commands[0] ?? start.command;
    const held = byCommand.get(command) ?? new Map<number, Held>();
    byCommand.set(command, held.set(start.pid, one));
  }
  const leftovers = [...byCommand].map(([command, held]) =>
    leftoverOf(command, new WindowsLeftover({ kernel32, held, ...options }))
  );
  return { leftovers, rival: undefined, blind: undefined };
}

function leftoverOf(command: string, process: WindowsLeftover): Leftover {
  return { command, process, count: process.living().length };
}

/** Only another controller that started one of the recorded, and lives, is one. */
function findRival(
  kernel32: Kernel32,
  record: readonly RecordedStart[],
): Rival | undefined {
  for (const { command, mark } of record) {
    const controller = readMark(mark)?.controller;
    if (controller === undefined || controller.pid === Deno.pid) continue;
    const held = hold(kernel32, controller);
    if (held === undefined) continue;
    kernel32.CloseHandle(held.handle);
    return { pid: controller.pid, command };
  }
  return undefined;
}

function holdRecorded(
  kernel32: Kernel32,
  start: RecordedStart,
): Held | undefined {
  if (start.pid === Deno.pid) return undefined;
  return hold(kernel32, start);
}

/** Opens a process if it is the one that is meant, and lives. */
function hold(kernel32: Kernel32, id: ProcessId): Held | undefined {
  const { pid, startTicks } = id;
  if (!Number.isSafeInteger(pid) || pid < 1 || startTicks === 0) {
    return undefined;
  }
  const held = holdProcess(kernel32, pid);
  if (held === undefined) return undefined;
  if (createdTicks(held.created) === startTicks) return held;
  kernel32.CloseHandle(held.handle);
  return undefined;
}
