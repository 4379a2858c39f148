/** What the clock on the wall shows later: daylight saving moves it. */

import type { LocalMoment } from "./types.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const WEEK_MS = 7 * DAY_MS;

/** The local moment so long after this one. */
export function localAfter(local: LocalMoment, aheadMs: number): LocalMoment {
  const { shift } = local;
  const shiftMs = shift !== undefined && shift.inMs <= aheadMs ? shift.byMs : 0;
  const ms = local.weekday * DAY_MS + local.minuteOfDay * MINUTE_MS +
    local.msOfMinute + aheadMs + shiftMs;
  const ofWeek = ((ms % WEEK_MS) + WEEK_MS) % WEEK_MS;
  return {
    weekday: Math.floor(ofWeek / DAY_MS),
    minuteOfDay: Math.floor((ofWeek % DAY_MS) / MINUTE_MS),
    msOfMinute: ofWeek % MINUTE_MS,
  };
}
