/** KeptMarks: does the broker mark what it kept? Some hand it out as if it were said just now. */

import { getLogger } from "@logtape/logtape";
import type { Topics } from "../core/topics.ts";
import type { Link, Message } from "./link.ts";

const log = getLogger(["kolikko", "mqtt"]);

export interface KeptMarksOptions {
  readonly topics: Pick<Topics, "availability">;
}

/**
 * An ON that the broker kept must not start heat, and the flag alone tells that
 * it was kept. A broker that has set it once sets it always; of any other, what
 * comes while we subscribe counts as kept.
 */
export class KeptMarks {
  readonly #options: KeptMarksOptions;
  #isProven = false;
  /** What the rig alone says, and so is kept, came without the flag. */
  #isDisproven = false;
  #isResumed = false;
  #isAnswered = false;
  /** All that was kept has come. */
  #isSettled = false;
  #isAsked = false;

  constructor(options: KeptMarksOptions) {
    this.#options = options;
  }

  /** It may hand out more that was kept, and not say so. */
  get isDoubtful(): boolean {
    if (this.#isProven) return false;
    // What waited in a session comes without the flag: that alone proves nothing.
    return this.#isDisproven || !this.#isResumed;
  }

  /**
   * Looks how the broker hands out what the rig itself has left there; before
   * any word can be heard. Rejects if the connection ends.
   */
  async begin(link: Link): Promise<void> {
    this.#isResumed = link.isResumed;
    this.#isAnswered = false;
    this.#isSettled = false;
    if (this.#isProven) return;
    this.#isAsked = true;
    await link.subscribe([this.#options.topics.availability]);
  }

  /** The broker has answered the subscription to what is said to the rig. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** All that was kept has come. Rejects if the connection ends. */
  async end(link: Link): Promise<void> {
    this.#isSettled = true;
    if (!this.#isAsked) return;
    await link.unsubscribe([this.#options.topics.availability]);
    this.#isAsked = false;
  }

  /** The message, marked as kept if it may be. */
  marked(message: Message): Message {
    if (message.retain) {
      this.#isProven = true;
      return message;
    }
    if (this.#isSettled) return message;
    if (message.topic === this.#options.topics.availability) this.#disprove();
    const isEarly = !this.#isAnswered && !this.#isResumed;
    return isEarly || this.isDoubtful ? { ...message, retain: true } : message;
  }

  #disprove(): void {
    if (this.#isDisproven || this.#isProven) return;
    this.#isDisproven = true;
    log.warn(
      "The broker does not mark what it kept: what comes within a moment of connecting counts as kept",
    );
  }
}
