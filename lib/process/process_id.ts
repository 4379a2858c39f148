/** What tells a process from whoever gets its pid later, asked of the platform that we are on. */

import type { ProcessId } from "./mark.ts";
import { readStartTicks } from "./procfs_table.ts";
import { createdTicks } from "./windows_created.ts";
import type { ControllerGuard } from "./windows_job.ts";

/** When a process started, in the platform's own units; undefined if that cannot be told. */
export function startTicksOf(
  pid: number,
  guard: ControllerGuard | undefined,
): number | undefined {
  if (Deno.build.os !== "windows") return readStartTicks(pid);
  if (guard?.kind !== "guarded") return undefined;
  const created = guard.jobs.createdAt(pid);
  return created === undefined ? undefined : createdTicks(created);
}

/** Ourselves, for the marks of what we start. */
export function controllerId(guard: ControllerGuard | undefined): ProcessId {
  return { pid: Deno.pid, startTicks: startTicksOf(Deno.pid, guard) ?? 0 };
}

/** Which boot of the machine this is; undefined where that is hidden, and on Windows, which needs none. */
export function bootId(): string | undefined {
  try {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotCapable) return undefined;
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}
