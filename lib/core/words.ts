/** Moments, spans and ends in words that a home owner reads. */

import { localAfter } from "./local.ts";
import type { Exit, LocalMoment } from "./types.ts";
import { exitCodeInWords } from "./windows_exit.ts";

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
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** The local time of day of a moment `aheadMs` from now (before now if negative), as "07:05". */
export function timeOfDay(local: LocalMoment, aheadMs: number): string {
  const { minuteOfDay } = nearestMinute(local, aheadMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

/** The same, with the day if it is a day away: "Mon 07:05". */
export function dayAndTime(local: LocalMoment, aheadMs: number): string {
  const time = timeOfDay(local, aheadMs);
  if (aheadMs < DAY_MS) return time;
  return `${DAYS[nearestMinute(local, aheadMs).weekday]} ${time}`;
}

function nearestMinute(local: LocalMoment, aheadMs: number): LocalMoment {
  return localAfter(local, aheadMs + 30_000);
}

/** "exit code 3", "ended by SIGSEGV", "killed as memory ran out". */
export function exitInWords(exit: Exit): string {
  switch (exit.kind) {
    case "code":
      return `exit code ${exitCodeInWords(exit.code)}`;
    case "signal":
      return exit.memoryWasShort
        ? `killed as memory ran out: add swap, or let it use less`
        : `ended by ${exit.signal}`;
    case "not_started":
      return exit.reason;
  }
}

/** "1 line", "2 lines"; of a word with another plural that is given. */
export function counted(
  count: number,
  one: string,
  several = `${one}s`,
): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** What was thrown, in its own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A text without line ends and whatever else could act on a reader: programs name themselves as they like. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
