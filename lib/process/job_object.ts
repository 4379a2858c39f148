/** Single steps with job objects and processes: the calls, their layouts, their errors. */

import type { Handle, Kernel32 } from "./kernel32.ts";

/** Kills what is in the job when its last handle is closed, so also when the controller ends. */
const LIMIT_KILL_ON_JOB_CLOSE = 0x2000;
/** The layouts of 64-bit Windows. */
const EXTENDED_LIMITS = { information: 9, bytes: 144, flagsAt: 16 };
const ACCOUNTING = { information: 1, bytes: 48, activeAt: 40 };
const PROCESS_IDS = { information: 3, headerBytes: 8, idBytes: 8 };
const PROCESS_IDS_MAX = 65_536;

/** PROCESS_TERMINATE, PROCESS_SET_QUOTA, PROCESS_QUERY_LIMITED_INFORMATION, SYNCHRONIZE. */
const ACCESS_TO_HOLD = 0x0001 | 0x0100 | 0x1000 | 0x10_0000;
const ACCESS_TO_ASK = 0x1000;
const WAIT_OBJECT_0 = 0;

/**
 * Makes an empty job that ends with its last handle.
 * @throws if Windows refuses; then nothing is left open.
 */
export function createJob(kernel32: Kernel32): Handle {
  const job = kernel32.CreateJobObjectW(null, null);
  if (job === null) throw lastError(kernel32, "create a job");
  const { information, bytes, flagsAt } = EXTENDED_LIMITS;
  const limits = new Uint8Array(bytes);
  new DataView(limits.buffer).setUint32(flagsAt, LIMIT_KILL_ON_JOB_CLOSE, true);
  const limited = kernel32
    .SetInformationJobObject(job, information, limits, bytes);
  if (limited !== 0) return job;
  const error = lastError(kernel32, "limit a job");
  kernel32.CloseHandle(job);
  throw error;
}

/** How many processes Windows counts in a job, those in jobs below it included. */
export function activeProcesses(kernel32: Kernel32, job: Handle): number {
  const { information, bytes, activeAt } = ACCOUNTING;
  const buffer = new Uint8Array(bytes);
  const asked = kernel32
    .QueryInformationJobObject(job, information, buffer, bytes, null);
  if (asked === 0) throw lastError(kernel32, "count the processes of a job");
  return new DataView(buffer.buffer).getUint32(activeAt, true);
}

/** The pids in a job, those in jobs below it included. */
export function processIds(kernel32: Kernel32, job: Handle): number[] {
  const { information, headerBytes, idBytes } = PROCESS_IDS;
  for (let room = 256; room <= PROCESS_IDS_MAX; room *= 4) {
    const bytes = headerBytes + idBytes * room;
    const view = new DataView(new ArrayBuffer(bytes));
    const asked = kernel32
      .QueryInformationJobObject(job, information, view, bytes, null);
    const assigned = view.getUint32(0, true);
    // Too little room is an error as well; the count is there all the same.
    if (assigned > room) continue;
    if (asked === 0) throw lastError(kernel32, "list the processes of a job");
    return Array.from(
      { length: view.getUint32(4, true) },
      (_, at) => Number(view.getBigUint64(headerBytes + idBytes * at, true)),
    );
  }
  throw new Error(
    `Cannot list the processes of a job as there are more than ${PROCESS_IDS_MAX}`,
  );
}

/** Opens a process so that it can be put into a job, waited for and killed. */
export function openProcess(
  kernel32: Kernel32,
  pid: number,
): Handle | undefined {
  return kernel32.OpenProcess(ACCESS_TO_HOLD, 0, pid) ?? undefined;
}

/** Has a process ended? */
export function hasEnded(kernel32: Kernel32, process: Handle): boolean {
  return kernel32.WaitForSingleObject(process, 0) === WAIT_OBJECT_0;
}

/** When a process was created, in Windows' own units; undefined if it is not there. */
export function createdAt(kernel32: Kernel32, pid: number): bigint | undefined {
  const process = kernel32.OpenProcess(ACCESS_TO_ASK, 0, pid);
  if (process === null) return undefined;
  const created = new BigUint64Array(1);
  const unused = new BigUint64Array(1);
  const asked = kernel32
    .GetProcessTimes(process, created, unused, unused, unused);
  kernel32.CloseHandle(process);
  return asked === 0 ? undefined : created[0];
}

/** What Windows refused just now, as an error. */
export function lastError(kernel32: Kernel32, action: string): Error {
  const code = kernel32.GetLastError();
  return new Error(`Cannot ${action} as Windows refuses it (error ${code})`);
}
