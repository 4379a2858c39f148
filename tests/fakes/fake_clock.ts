/** Virtual time for tests: it stands still until `advance()` moves it. */

import { setImmediate } from "node:timers";
import type { Clock } from "../../lib/clock.ts";
import type { LocalMoment } from "../../lib/core/types.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** As in the real clock: no sleep is longer. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

/** So many wake-ups at one moment are a loop that sleeps 0 ms. */
const WAKES_AT_ONCE_MAX = 100_000;

interface Sleeper {
  readonly due: number;
  /** Orders those that are due at the same moment. */
  readonly order: number;
  readonly wake: () => void;
  gone: boolean;
}

export interface FakeClockOptions {
  /** `now()` at the beginning. */
  readonly now?: number;
  /** The local time of day at the beginning; Monday, noon by default. */
  readonly local?: Partial<LocalMoment>;
  /** `wall()` at the beginning. */
  readonly wall?: number;
}

/** A clock whose sleeps end when a test advances it. */
export class FakeClock implements Clock {
  #now: number;
  #wallOffset: number;
  #localOffset = 0;
  #sleptMs = 0;
  #orders = 0;
  readonly #sleepers: Sleeper[] = [];

  constructor(options: FakeClockOptions = {}) {
    this.#now = options.now ?? 0;
    const wall = options.wall ?? Date.UTC(2026, 0, 5, 12);
    this.#wallOffset = wall - this.#now;
    this.setLocal({ weekday: 1, minuteOfDay: 720, ...options.local });
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#wallOffset;
  }

  uptime(): number {
    return Math.floor((this.#now + this.#sleptMs) / 1_000) * 1_000;
  }

  /** The machine is suspended for so long: the monotonic clock stands still. */
  suspend(ms: number): void {
    this.#sleptMs += ms;
    this.#wallOffset += ms;
    this.#localOffset += ms;
  }

  local(): LocalMoment {
    const ms = this.#now + this.#localOffset;
    const ofWeek = Math.floor(((ms % WEEK_MS) + WEEK_MS) % WEEK_MS);
    return {
      weekday: Math.floor(ofWeek / DAY_MS),
      minuteOfDay: Math.floor((ofWeek % DAY_MS) / 60_000),
      msOfMinute: ofWeek % 60_000,
    };
  }

  /** Makes this the local time of day from now on, as a change to summer time does. */
  setLocal(local: Partial<LocalMoment>): void {
    const ms = (local.weekday ?? 0) * DAY_MS +
      (local.minuteOfDay ?? 0) * 60_000 + (local.msOfMinute ?? 0);
    this.#localOffset = ms - this.#now;
  }

  /** Steps the wall clock alone, as NTP does. */
  setWall(ms: number): void {
    this.#wallOffset = ms - this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (Number.isNaN(ms)) throw new RangeError("Cannot sleep for NaN ms");
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        sleeper.gone = true;
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const sleeper: Sleeper = {
        due: this.#now + Math.min(Math.max(ms, 0), SLEEP_MS_MAX),
        order: this.#orders++,
        wake: done,
        gone: false,
      };
      signal?.addEventListener("abort", done, { once: true });
      this.#push(sleeper);
    });
  }

  /** When the next sleep ends; undefined if nobody sleeps. */
  nextDue(): number | undefined {
    return this.#first()?.due;
  }

  /** Moves time on; wakes those due one by one, each with time to react. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    let atOnce = 0;
    await settle();
    for (;;) {
      const sleeper = this.#first();
      if (sleeper === undefined || sleeper.due > end) break;
      atOnce = sleeper.due > this.#now ? 0 : atOnce + 1;
      if (atOnce > WAKES_AT_ONCE_MAX) {
        throw new Error(
          `Time stands still at ${this.#now}: sleep(0) in a loop`,
        );
      }
      this.#now = Math.max(this.#now, sleeper.due);
      sleeper.wake();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** The earliest sleeper that still waits. */
  #first(): Sleeper | undefined {
    while (this.#sleepers[0]?.gone) this.#pop();
    return this.#sleepers[0];
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#sleepers;
    let at = heap.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || isBefore(parent, sleeper)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = sleeper;
  }

  #pop(): void {
    const heap = this.#sleepers;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let child = heap[down];
      if (child === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        down++;
      }
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}

/** Lets everything run that waits for nothing but promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(a: Sleeper, b: Sleeper): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
