/** MessageAge: how old what arrives can be. What was said in an outage waits at the broker. */

import type { Clock } from "../clock.ts";
import type { InputBuffer } from "../input_buffer.ts";
import type { Link } from "./link.ts";

/** What may be older is no wish of now. */
export const FRESH_MS = 30_000;
/** All that waited has come when nothing more did for so long. */
const QUIET_MS = 1_000;
/** What still comes after so long is said just now. */
const QUIET_MS_MAX = 10_000;

export interface MessageAgeOptions {
  readonly clock: Clock;
  readonly input: Pick<InputBuffer, "sinceMs" | "stoodMs">;
}

/**
 * No packet tells since when a message waited, and not even that it did. So all
 * that comes before a connection is announced may be as old as the outage.
 */
export class MessageAge {
  readonly #options: MessageAgeOptions;
  #isSound = false;
  /** Until then all that was said had come; undefined before the first connection. */
  #soundUntil: number | undefined;
  #came = 0;

  constructor(options: MessageAgeOptions) {
    this.#options = options;
  }

  /** Of the message that comes now; `Infinity` if nothing is known. */
  nextMs(): number {
    this.#came += 1;
    return this.#isSound ? this.#options.input.stoodMs() : this.#outageMs();
  }

  /** Resolves when all that the broker had kept has come; false if the connection is over before. */
  async settled(
    link: Link,
    signal: AbortSignal,
    /** What was kept may come without a mark. */
    isUnmarked = false,
  ): Promise<boolean> {
    const { clock } = this.#options;
    const isDoubtful = isUnmarked || (link.isResumed &&
      this.#outageMs() + QUIET_MS_MAX > FRESH_MS);
    const endAt = clock.now() + QUIET_MS_MAX;
    for (let came = -1; isDoubtful && came !== this.#came;) {
      if (clock.now() >= endAt) break;
      came = this.#came;
      await clock.sleep(QUIET_MS, signal);
    }
    this.#isSound = !signal.aborted;
    return this.#isSound;
  }

  /** The connection is over, on which all that was said until a moment had come. */
  ended(soundUntil: number): void {
    if (this.#isSound) this.#soundUntil = soundUntil;
    this.#isSound = false;
  }

  #outageMs(): number {
    if (this.#soundUntil === undefined) return Infinity;
    return this.#options.input.sinceMs(this.#soundUntil);
  }
}
