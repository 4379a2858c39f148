/** Real time, made shorter: for waits of minutes against a real broker. */

import { type Clock, systemClock } from "../../lib/clock.ts";

/** A clock on which so many milliseconds pass in each real one. */
export class HastyClock implements Clock {
  readonly #speed: number;

  constructor(speed: number) {
    this.#speed = speed;
  }

  now(): number {
    return systemClock.now() * this.#speed;
  }

  local(): ReturnType<Clock["local"]> {
    return systemClock.local();
  }

  /** It never sleeps. */
  uptime(): undefined {
    return undefined;
  }

  wall(): number {
    return systemClock.wall();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
  }
}
