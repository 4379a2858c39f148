/** The only door to time. */

import type { LocalMoment } from "./core/types.ts";

/** Time as the program sees it; tests bring their own. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** The local time of day, for quiet hours alone. */
  local(): LocalMoment;
  /**
   * Milliseconds since the machine started, those in which it slept included, in
   * whole seconds; undefined where the permissions hide it.
   */
  uptime(): number | undefined;
  /** Milliseconds since 1970, for what people read; never for durations. */
  wall(): number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest sleep in one piece: `setTimeout` takes no more. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  uptime() {
    try {
      return Deno.osUptime() * 1_000;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return undefined;
      throw error;
    }
  },
  local() {
    const date = new Date();
    return {
      weekday: date.getDay(),
      minuteOfDay: date.getHours() * 60 + date.getMinutes(),
      msOfMinute: date.getSeconds() * 1000 + date.getMilliseconds(),
    };
  },
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), SLEEP_MS_MAX));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};
