/** What a process takes of the machine, as Linux counts it. */

import { rest } from "./stopwatch.ts";

/** The unit of time in /proc on every Linux that Deno runs on. */
const TICK_MS = 10;

/** Memory at the end of a stretch of time, and the part of one processor that was used in it. */
export interface Usage {
  readonly rssMib: number;
  readonly anonymousMib: number;
  readonly cpuPercent: number;
}

/** Watches a process for so long. */
export async function usage(pid: number, ms: number): Promise<Usage> {
  const before = await cpuMs(pid);
  const since = performance.now();
  await rest(ms);
  const usedMs = await cpuMs(pid) - before;
  const cpuPercent = 100 * usedMs / (performance.now() - since);
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const mib = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { rssMib: mib("VmRSS"), anonymousMib: mib("RssAnon"), cpuPercent };
}

/** User and system time of all threads. */
async function cpuMs(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; utime is the 12th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 13).map(Number);
  return ticks.reduce((sum, one) => sum + one, 0) * TICK_MS;
}
