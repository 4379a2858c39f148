/** Is what we print read by systemd's journal, which has time stamps of its own and takes priorities? */

import type { Variable } from "./state_dir.ts";

const FILES = { stdout: "/proc/self/fd/1", stderr: "/proc/self/fd/2" } as const;

/** JOURNAL_STREAM names the device and the inode; whoever redirects us inherits it, too. */
export function isJournal(
  stream: "stdout" | "stderr",
  variable: Variable,
): boolean {
  const named = variable("JOURNAL_STREAM") ?? "";
  if (!/^\d+:\d+$/.test(named)) return false;
  try {
    const { dev, ino } = Deno.statSync(FILES[stream]);
    return named === `${dev}:${ino}`;
  } catch {
    // Deno closes /proc without all permissions: then the name has to do.
    return !Deno[stream].isTerminal();
  }
}
