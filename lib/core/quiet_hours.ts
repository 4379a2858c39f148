/** Windows of the week in which a command does not run. */

import { localAfter } from "./local.ts";
import type { LocalMoment, QuietWindow } from "./types.ts";

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/**
 * How long the quiet stretch that covers this moment still lasts, `undefined`
 * outside of every window. Windows that touch or overlap are one stretch;
 * `Infinity` if they cover the week. What counts is the clock on the wall: an
 * hour that it leaves out is left out, an hour that it shows twice is quiet twice.
 */
export function quietForMs(
  windows: readonly QuietWindow[],
  local: LocalMoment,
): number | undefined {
  const { shift } = local;
  const ms = stretchMs(windows, local);
  if (ms === undefined || shift === undefined || ms < shift.inMs) return ms;
  // It jumps before the stretch is over, and goes on from elsewhere in the week.
  const then = localAfter(local, shift.inMs);
  return shift.inMs + (stretchMs(windows, then) ?? 0);
}

/** The same as if the clock on the wall never jumped. */
function stretchMs(
  windows: readonly QuietWindow[],
  local: LocalMoment,
): number | undefined {
  const start = local.weekday * DAY_MINUTES + local.minuteOfDay;
  let minutes = 0;
  while (minutes < WEEK_MINUTES) {
    const left = minutesLeft(windows, (start + minutes) % WEEK_MINUTES);
    if (left === 0) break;
    minutes += left;
  }
  if (minutes === 0) return undefined;
  if (minutes >= WEEK_MINUTES) return Infinity;
  return minutes * 60_000 - local.msOfMinute;
}

/** The longest that one window still covers, from this minute of the week on. */
function minutesLeft(windows: readonly QuietWindow[], minute: number): number {
  let longest = 0;
  for (const window of windows) {
    const wraps = window.toMinute <= window.fromMinute;
    const length = window.toMinute - window.fromMinute +
      (wraps ? DAY_MINUTES : 0);
    for (const day of window.days) {
      const from = day * DAY_MINUTES + window.fromMinute;
      const since = (minute - from + WEEK_MINUTES) % WEEK_MINUTES;
      longest = Math.max(longest, length - since);
    }
  }
  return longest;
}
