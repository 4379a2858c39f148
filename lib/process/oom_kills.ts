/** How often the kernel has killed a process for lack of memory since the boot. Linux. */

/** Of all processes, in a group with a limit or not; undefined if that cannot be told. */
export function oomKills(): number | undefined {
  try {
    const text = Deno.readTextFileSync("/proc/vmstat");
    const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
