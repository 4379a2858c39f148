/** All processes that Windows shows, with their parents. */

import { lastError } from "./job_object.ts";
import type { Kernel32 } from "./kernel32.ts";

/** One process, as the table has it. */
export interface ProcessEntry {
  /** Who started it; that process may be gone, and its pid given anew. */
  readonly parent: number;
  /** The file name of the program. */
  readonly name: string;
}

const SNAPSHOT_PROCESSES = 0x2;
/** PROCESSENTRY32W on 64-bit Windows. */
const ENTRY = { bytes: 568, pidAt: 8, parentAt: 32, nameAt: 44, nameMax: 260 };
const ENTRIES_MAX = 65_536;

/**
 * Takes one picture of the table.
 * @throws if Windows gives none: an empty one would hide what lives.
 */
export function processTable(
  kernel32: Kernel32,
): ReadonlyMap<number, ProcessEntry> {
  const table = new Map<number, ProcessEntry>();
  const snapshot = kernel32.CreateToolhelp32Snapshot(SNAPSHOT_PROCESSES, 0);
  const buffer = new Uint8Array(ENTRY.bytes);
  const view = new DataView(buffer.buffer);
  view.setUint32(0, ENTRY.bytes, true);
  let more = kernel32.Process32FirstW(snapshot, buffer);
  if (more === 0) {
    const error = lastError(kernel32, "list the processes");
    kernel32.CloseHandle(snapshot);
    throw error;
  }
  while (more !== 0 && table.size < ENTRIES_MAX) {
    table.set(view.getUint32(ENTRY.pidAt, true), {
      parent: view.getUint32(ENTRY.parentAt, true),
      name: nameOf(view),
    });
    more = kernel32.Process32NextW(snapshot, buffer);
  }
  kernel32.CloseHandle(snapshot);
  return table;
}

function nameOf(view: DataView): string {
  const units: number[] = [];
  for (let index = 0; index < ENTRY.nameMax; index += 1) {
    const unit = view.getUint16(ENTRY.nameAt + 2 * index, true);
    if (unit === 0) break;
    units.push(unit);
  }
  return String.fromCharCode(...units);
}
