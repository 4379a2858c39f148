/** Quiet hours as the configuration writes them: "Mon-Fri 07:00-19:00". */

import type { QuietWindow } from "../core/types.ts";

const DAYS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
];

const WINDOW =
  /^(?:(?<days>[a-z][a-z ,-]*) )?(?<from>\d{1,2}:\d\d) ?- ?(?<to>\d{1,2}:\d\d)$/;

const EXAMPLES =
  `"Mon-Fri 07:00-19:00", "Sat,Sun 00:00-24:00" or "22:00-06:00" for every day`;

/**
 * One window; without days it begins on every day.
 * @throws {SyntaxError} with what is wrong about it.
 */
export function parseQuietHours(text: string): QuietWindow {
  const groups = WINDOW.exec(text.trim().toLowerCase().replace(/\s+/g, " "))
    ?.groups;
  if (groups === undefined) {
    throw new SyntaxError(`it must look like ${EXAMPLES}`);
  }
  const fromMinute = parseTime(groups.from ?? "", 23 * 60 + 59);
  const toMinute = parseTime(groups.to ?? "", 24 * 60);
  if (fromMinute === toMinute) {
    throw new SyntaxError(
      `it begins and ends at the same minute; for a whole day write "00:00-24:00"`,
    );
  }
  const days = groups.days === undefined
    ? [0, 1, 2, 3, 4, 5, 6]
    : parseDays(groups.days);
  return { days, fromMinute, toMinute };
}

function parseTime(text: string, minuteMax: number): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  const minute = hours * 60 + minutes;
  if (minutes > 59 || minute > minuteMax) {
    throw new SyntaxError(
      `there is no time ${text} here; times go from 00:00 to 23:59, and 24:00 may end a window`,
    );
  }
  return minute;
}

function parseDays(text: string): number[] {
  const days = text.split(",").flatMap((part) => {
    const ends = part.split("-").map((name) => parseDay(name.trim()));
    const [first = 0, last = first] = ends;
    if (ends.length > 2) {
      throw new SyntaxError(`it must look like ${EXAMPLES}`);
    }
    // A range may go over the end of the week: Fri-Mon.
    const length = (last - first + 7) % 7 + 1;
    return Array.from({ length }, (_, index) => (first + index) % 7);
  });
  return [...new Set(days)].sort((a, b) => a - b);
}

function parseDay(name: string): number {
  const day = DAYS.findIndex((full) => full === name || full.startsWith(name));
  if (name.length < 2 || day === -1) {
    throw new SyntaxError(
      `there is no day "${name}"; days are Mon, Tue, Wed, Thu, Fri, Sat and Sun`,
    );
  }
  return day;
}
