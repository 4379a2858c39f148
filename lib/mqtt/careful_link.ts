/** CarefulLink: finds the topic over which a broker ends the connection, and leaves it out. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { span } from "../core/words.ts";
import {
  type Connect,
  type Denied,
  type Link,
  type Message,
  PublishDenied,
  type PublishOptions,
} from "./link.ts";
import { CLOSED_BY_US, GIVEN_UP, isTakenOver } from "./reasons.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** A broker that ends the connection over something does so at once. */
const AT_ONCE_MS = 2_000;
/** So long a connection is used with care after one that ended in the middle of something. */
const CARE_MS = 60_000;
/**
 * What was left out is tried again after so long, each time after twice as long, and
 * at most this. A topic may be blamed for what the network did: it must not stay
 * old for long.
 */
const AGAIN_MS = { read: [60_000, 21_600_000], write: [60_000, 86_400_000] };
/** Nobody is subscribed to it: the answer shows that the broker answers. */
const NOTHING = "kolikko/nothing";

const WORDS =
  "the broker ends the connection over it: allow it in the broker's access list";

type Right = "read" | "write";

interface LeftOut {
  readonly again: number;
  readonly waitMs: number;
}

/**
 * RabbitMQ and others end the connection of whoever asks for what he may not.
 * After such an end each thing is asked alone, so that the next end tells which
 * one it was; from then on that one is denied, as if the broker had said so.
 */
export function withCare(connect: Connect, clock: Clock): Connect {
  const care = new Care(clock);
  return async (signal) => new CarefulLink(await connect(signal), care);
}

/** What was learnt from one connection for the next. */
class Care {
  readonly clock: Clock;
  isNeeded = false;
  readonly #leftOut = new Map<string, LeftOut>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** It ended a connection before, and is to be tried alone. */
  isKnown(right: Right, topic: string): boolean {
    return this.#leftOut.has(`${right} ${topic}`);
  }

  isLeftOut(right: Right, topic: string): boolean {
    const known = this.#leftOut.get(`${right} ${topic}`);
    return known !== undefined && this.clock.now() < known.again;
  }

  answered(right: Right, topic: string): void {
    if (!this.#leftOut.delete(`${right} ${topic}`)) return;
    log.info("The broker allows by now what it ended the connection over", {
      right,
      topic,
    });
  }

  blame(right: Right, topic: string): void {
    const key = `${right} ${topic}`;
    const now = this.clock.now();
    const [firstMs = 0, mostMs = 0] = AGAIN_MS[right];
    const before = this.#leftOut.get(key);
    const waitMs = before === undefined
      ? firstMs
      : Math.min(before.waitMs * 2, mostMs);
    this.#leftOut.set(key, { again: now + waitMs, waitMs });
    // One such end at a time.
    for (const [other, { again, waitMs }] of this.#leftOut) {
      const later = Math.max(again, now + CARE_MS);
      this.#leftOut.set(other, { again: later, waitMs });
    }
    log.error(
      "The broker ended the connection over a topic; it is left out: allow it in the broker's access list",
      { right, topic, triesAgainIn: span(waitMs) },
    );
  }
}

/** Something that the broker has not answered. */
interface Open {
  readonly right: Right;
  readonly topics: readonly string[];
  readonly isAlone: boolean;
  readonly since: number;
}

class CarefulLink implements Link {
  readonly protocol: "5" | "3.1.1";
  readonly closed: Promise<string>;
  readonly messages: AsyncIterable<Message>;
  readonly #link: Link;
  readonly #care: Care;
  readonly #open = new Map<Open, Promise<unknown>>();
  #isCareful: boolean;
  #isAnswered = false;
  /** Resolves when nothing that is to be alone is under way. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(link: Link, care: Care) {
    this.protocol = link.protocol;
    this.closed = link.closed;
    this.messages = link.messages;
    this.#link = link;
    this.#care = care;
    this.#isCareful = care.isNeeded;
    const over = new AbortController();
    void link.closed.then((reason) => {
      over.abort();
      this.#ended(reason);
    });
    if (this.#isCareful) void this.#calm(over.signal);
  }

  get isResumed(): boolean {
    return this.#link.isResumed;
  }

  get isDoubtful(): boolean {
    return this.#link.isDoubtful ?? false;
  }

  get heardAt(): number {
    return this.#link.heardAt;
  }

  taken(): Promise<void> {
    return this.#link.taken();
  }

  async subscribe(topics: readonly string[]): Promise<readonly Denied[]> {
    const care = this.#care;
    const isAlone = (topic: string) =>
      this.#isCareful || care.isKnown("read", topic);
    const asked = topics.filter((topic) => !care.isLeftOut("read", topic));
    const denied: Denied[] = topics.filter((topic) => !asked.includes(topic))
      .map((topic) => ({ topic, reason: WORDS }));
    const together = asked.filter((topic) => !isAlone(topic));
    const groups = [
      ...together.length === 0 ? [] : [together],
      ...asked.filter(isAlone).map((topic) => [topic]),
    ];
    for (const group of groups) {
      const ask = () => this.#link.subscribe(group);
      denied.push(...await this.#do("read", group, ask));
    }
    return denied;
  }

  unsubscribe(topics: readonly string[]): Promise<void> {
    return this.#link.unsubscribe(topics);
  }

  async publish(
    topic: string,
    payload: string,
    options: PublishOptions,
  ): Promise<void> {
    if (this.#care.isLeftOut("write", topic)) {
      throw new PublishDenied(`Cannot publish to "${topic}" as ${WORDS}`);
    }
    const say = () => this.#link.publish(topic, payload, options);
    await this.#do("write", [topic], say);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  destroy(): void {
    this.#link.destroy();
  }

  /** Nothing has ended this one: the broker may have been ill. */
  async #calm(over: AbortSignal): Promise<void> {
    await this.#care.clock.sleep(CARE_MS, over);
    if (over.aborted) return;
    this.#isCareful = false;
    this.#care.isNeeded = false;
  }

  async #do<T>(
    right: Right,
    topics: readonly string[],
    ask: () => Promise<T>,
  ): Promise<T> {
    const isAlone = this.#isCareful ||
      topics.some((topic) => this.#care.isKnown(right, topic));
    const before = this.#turn;
    const done = Promise.withResolvers<void>();
    if (isAlone) this.#turn = before.then(() => done.promise);
    try {
      await before;
      if (isAlone) await this.#quiet();
      return await this.#ask({ right, topics, isAlone }, ask);
    } finally {
      done.resolve();
    }
  }

  /** Nothing else is under way, and the broker does answer. */
  async #quiet(): Promise<void> {
    await Promise.allSettled([...this.#open.values()]);
    if (!this.#isAnswered) await this.#link.unsubscribe([NOTHING]);
    this.#isAnswered = true;
  }

  async #ask<T>(
    what: Omit<Open, "since">,
    ask: () => Promise<T>,
  ): Promise<T> {
    const open = { ...what, since: this.#care.clock.now() };
    const answer = ask();
    this.#open.set(open, answer);
    try {
      const value = await answer;
      for (const topic of what.topics) this.#care.answered(what.right, topic);
      return value;
    } finally {
      this.#open.delete(open);
    }
  }

  #ended(reason: string): void {
    const [open, ...others] = this.#open.keys();
    const isOurs = reason === CLOSED_BY_US || reason === GIVEN_UP;
    if (open === undefined || isOurs || isTakenOver(reason)) return;
    this.#care.isNeeded = true;
    const { clock } = this.#care;
    const isAtOnce = clock.now() - open.since <= AT_ONCE_MS;
    const [topic] = open.topics;
    if (!open.isAlone || others.length > 0 || !isAtOnce) return;
    if (topic !== undefined) this.#care.blame(open.right, topic);
  }
}
