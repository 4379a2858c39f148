/** Moments, spans and ends in words that a home owner reads. */

import type { Exit, LocalMoment } from "./types.ts";

/** "3 s", "5 min", "2 h 10 min": whole units, rounded. */
export function span(ms: number): string {
  if (!Number.isFinite(ms)) return "ever";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

const DAY_MS = 24 * 60 * 60_000;

/** The local time of day of a moment `aheadMs` from now (before now if negative), as "07:05". */
export function timeOfDay(local: LocalMoment, aheadMs: number): string {
  const nowMs = local.minuteOfDay * 60_000 + local.msOfMinute;
  const ofDayMs = (((nowMs + aheadMs) % DAY_MS) + DAY_MS) % DAY_MS;
  const minutes = Math.round(ofDayMs / 60_000) % 1440;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** "exit code 3", "killed by SIGSEGV". */
export function exitInWords(exit: Exit): string {
  switch (exit.kind) {
    case "code":
      return `exit code ${exit.code}`;
    case "signal":
      return `ended by ${exit.signal}`;
    case "not_started":
      return exit.reason;
  }
}
