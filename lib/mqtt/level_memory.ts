/** LevelMemory: reads back what ON means, from what this rig said before it was started. */

import { getLogger } from "@logtape/logtape";
import { parseLevel } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import { wordsOf } from "../core/words.ts";
import type { InputBuffer } from "../input_buffer.ts";
import type { Link, Message } from "./link.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** Some brokers end the connection of whoever asks for what he may not read. */
const TRIES_MAX = 2;

export interface LevelMemoryOptions {
  readonly input: Pick<InputBuffer, "recall">;
  readonly topics: Pick<Topics, "level" | "telemetry">;
}

/**
 * A rig that is limited to 12 % must not come back from a power cut with 100 %.
 * Nothing is started by what is read: it is what the next ON means. What cannot
 * be read, or is no level, leaves it at 100 %.
 */
export class LevelMemory {
  readonly #options: LevelMemoryOptions;
  /** So many connections ended at this question. */
  #ends = 0;
  #isOver = false;
  /** It was asked for when the rig spoke last, and so is newer than what ON meant. */
  #hasAsked = false;

  constructor(options: LevelMemoryOptions) {
    this.#options = options;
  }

  /**
   * Asks for what is kept, before any word can be heard, and before anything is
   * published over it. Rejects if the connection ends.
   */
  async begin(link: Link): Promise<void> {
    if (this.#isOver) return;
    const topics = this.#topics;
    if (this.#ends >= TRIES_MAX) {
      this.#isOver = true;
      return tellUnread(topics, "the connection ended");
    }
    // Whatever ends it later is no reason to give up.
    this.#ends += 1;
    const denied = await link.subscribe(topics);
    this.#ends -= 1;
    this.#isOver = denied.length === topics.length;
    for (const { topic, reason } of denied) tellUnread([topic], reason);
  }

  /** All that the broker keeps has come. Rejects if the connection ends. */
  async end(link: Link): Promise<void> {
    if (this.#isOver) return;
    // Nothing that we say may come back to us.
    await link.unsubscribe(this.#topics);
    this.#isOver = true;
  }

  /** True if the message is one that was asked for here. */
  take({ topic, payload, retain }: Message): boolean {
    if (this.#isOver || !this.#topics.includes(topic)) return false;
    if (!retain) return true;
    const { input, topics } = this.#options;
    const isAsked = topic === topics.level;
    const level = isAsked ? askedIn(payload) : meantIn(payload);
    if (level === undefined || (this.#hasAsked && !isAsked)) return true;
    this.#hasAsked ||= isAsked;
    log.info("ON means the level that it meant before the start", { level });
    input.recall(level);
    return true;
  }

  get #topics(): readonly string[] {
    const { telemetry, level } = this.#options.topics;
    return [telemetry, level];
  }
}

function tellUnread(topics: readonly string[], reason: string): void {
  log.warn(
    "Cannot read back what ON meant before the start: allow this rig to read what it says, kolikko acl prints the lines",
    { topics: topics.join(", "), reason },
  );
}

/** The level on its topic: 0 says that there was no heat, not how much it would have been. */
function askedIn(payload: Uint8Array): number | undefined {
  const said = parseLevel(payload);
  if (said.kind === "refused") {
    log.warn("Takes no level from what the broker keeps", { why: said.why });
  }
  return said.kind === "demand" ? said.level : undefined;
}

/** What ON meant, by the telemetry; an older rig did not say it. */
function meantIn(payload: Uint8Array): number | undefined {
  try {
    const told: unknown = JSON.parse(new TextDecoder().decode(payload));
    const level: unknown = Object(told)["on_percent"];
    const isLevel = typeof level === "number" && level > 0 && level <= 100;
    return isLevel ? level : undefined;
  } catch (error) {
    log.warn("Takes no level from what the broker keeps", {
      why: wordsOf(error),
    });
    return undefined;
  }
}
