/** What systemd's journal wants of a line that is printed for it. */

const FILES = { stdout: "/proc/self/fd/1", stderr: "/proc/self/fd/2" } as const;

/** Syslog's priorities: with them `journalctl -p warning` shows ours. */
const PRIORITIES = {
  fatal: 2,
  error: 3,
  warning: 4,
  info: 6,
  debug: 7,
  trace: 7,
} as const;

/**
 * Does the journal read what we print? JOURNAL_STREAM names the device and the
 * inode of its socket; whoever is redirected elsewhere inherits it all the same.
 */
export function isJournal(
  stream: "stdout" | "stderr",
  variable: (name: string) => string | undefined,
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

/** The same text with the priority in front of each line. */
export function forJournal(
  text: string,
  level: keyof typeof PRIORITIES,
): string {
  return text.replaceAll(/^/gm, `<${PRIORITIES[level]}>`);
}
