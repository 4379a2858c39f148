/** The local week, and an own reading of quiet hours: a table of all its minutes. */

import type { LocalMoment, QuietWindow } from "../../lib/core/types.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const WEEK_MINUTES = 7 * 24 * 60;

/** The moment of the week; 0 is the beginning of Sunday. */
export function localOf(ms: number): LocalMoment {
  const ofWeek = ((ms % WEEK_MS) + WEEK_MS) % WEEK_MS;
  return {
    weekday: Math.floor(ofWeek / DAY_MS),
    minuteOfDay: Math.floor((ofWeek % DAY_MS) / 60_000),
    msOfMinute: ofWeek % 60_000,
  };
}

/** Which minutes of the week are quiet. */
export class QuietTable {
  readonly #quiet = new Uint8Array(WEEK_MINUTES);
  /** Minutes until it changes; 0 if it never does. */
  readonly #changesIn = new Uint32Array(WEEK_MINUTES);

  static readonly #known = new WeakMap<readonly QuietWindow[], QuietTable>();

  /** A table takes its time to make, so each is made once. */
  static of(windows: readonly QuietWindow[]): QuietTable {
    const known = this.#known.get(windows) ?? new QuietTable(windows);
    this.#known.set(windows, known);
    return known;
  }

  private constructor(windows: readonly QuietWindow[]) {
    for (const { days, fromMinute, toMinute } of windows) {
      const minutes = toMinute > fromMinute
        ? toMinute - fromMinute
        : toMinute + 1440 - fromMinute;
      for (const day of days) {
        for (let minute = 0; minute < minutes; minute++) {
          const ofWeek = day * 1440 + fromMinute + minute;
          this.#quiet[ofWeek % WEEK_MINUTES] = 1;
        }
      }
    }
    const changes = (minute: number) =>
      this.#quiet[minute] !== this.#quiet[(minute + 1) % WEEK_MINUTES];
    // Twice around, backwards: the second round knows what follows the week's end.
    for (let round = 2 * WEEK_MINUTES - 1; round >= 0; round--) {
      const minute = round % WEEK_MINUTES;
      const next = this.#changesIn[(minute + 1) % WEEK_MINUTES] ?? 0;
      if (changes(minute)) this.#changesIn[minute] = 1;
      else if (next > 0) this.#changesIn[minute] = next + 1;
    }
  }

  isQuiet(local: LocalMoment): boolean {
    return this.#quiet[local.weekday * 1440 + local.minuteOfDay] === 1;
  }

  /** How long until that changes, in milliseconds of the local day. */
  changesInMs(local: LocalMoment): number {
    const minute = local.weekday * 1440 + local.minuteOfDay;
    const minutes = this.#changesIn[minute] ?? 0;
    return minutes === 0 ? Infinity : minutes * 60_000 - local.msOfMinute;
  }
}
