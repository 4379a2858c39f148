/** "Look again": many causes, one wake-up. */

import type { Clock } from "./clock.ts";

/** One sleeper, any number of causes to wake it. */
export class Doorbell {
  #rung = false;
  #answer: (() => void) | undefined;

  /** Never blocks, never throws; any number of rings before a wait are one. */
  ring(): void {
    this.#rung = true;
    this.#answer?.();
  }

  /** Resolves at the next ring, at once if it rang since the last wait, or after `ms`. */
  async wait(ms: number, clock: Clock, signal?: AbortSignal): Promise<void> {
    if (!this.#rung) {
      const answered = new AbortController();
      this.#answer = () => answered.abort();
      const either = signal === undefined
        ? answered.signal
        : AbortSignal.any([answered.signal, signal]);
      await clock.sleep(ms, either);
      this.#answer = undefined;
    }
    this.#rung = false;
  }
}
