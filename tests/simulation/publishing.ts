/** The rules for what reaches the broker. */

import type { FakeBroker, Published } from "../fakes/fake_broker.ts";
import { Violation } from "./script.ts";
import { TOPICS } from "./topicboard.ts";

/** Looks at a broker in the place of those who read there. */
export class Publishing {
  readonly #broker: FakeBroker;
  readonly #clientId: string;
  /** What came on each topic since the latest connection, until it is checked. */
  #sinceConnect: Map<string, string[]> | undefined;
  #lastOfOurs: Published | undefined;
  #isStatusDue = false;
  #isForgotten = false;

  constructor(broker: FakeBroker, clientId: string) {
    this.#broker = broker;
    this.#clientId = clientId;
  }

  /** There is a new connection, on which nothing was said yet. */
  connected(): void {
    this.#take();
    this.#sinceConnect = new Map();
    this.#isForgotten = false;
  }

  /** The thermostat said a word that counts: it is owed the status. */
  word(): void {
    this.#take();
    this.#isStatusDue = true;
  }

  /** The broker lost what was retained, and keeps its connections: nobody can know. */
  forget(): void {
    this.#isForgotten = true;
  }

  /** Connected and settled: what stands there is the latest of each topic. */
  check(now: number, latest: ReadonlyMap<string, string>): void {
    this.#take();
    if (!this.#isForgotten) this.#checkLatest(now, latest);
    if (this.#isStatusDue) {
      throw new Violation("word not answered", now, "no status was published");
    }
    for (const topic of latest.keys()) this.#checkRepeated(now, topic);
    this.#sinceConnect = undefined;
  }

  /** After an orderly end `offline` is the last word, and the rest is up to date. */
  checkLastWord(now: number, latest: ReadonlyMap<string, string>): void {
    this.#take();
    this.#isStatusDue = false;
    const last = this.#lastOfOurs;
    if (last === undefined) return;
    if (last.topic !== TOPICS.availability || last.payload !== "offline") {
      throw new Violation("last word", now, `${last.topic} ${last.payload}`);
    }
    for (const [topic, payload] of latest) {
      const there = this.#broker.retained(topic);
      if (this.#isForgotten || there === payload) continue;
      throw new Violation("last state", now, `${topic} says ${there}`);
    }
  }

  /** Reads what came since the last time; a week of it need not be kept. */
  #take(): void {
    for (const message of this.#broker.published) {
      if (message.from !== this.#clientId) continue;
      this.#lastOfOurs = message;
      if (message.topic === TOPICS.status) this.#isStatusDue = false;
      const before = this.#sinceConnect?.get(message.topic) ?? [];
      this.#sinceConnect?.set(message.topic, [...before, message.payload]);
    }
    this.#broker.published.length = 0;
  }

  #checkLatest(now: number, latest: ReadonlyMap<string, string>): void {
    for (const [topic, payload] of latest) {
      const there = this.#broker.retained(topic);
      if (there === payload) continue;
      const what = `${topic} says ${there}, not ${payload}`;
      throw new Violation("stale topic", now, what);
    }
    const availability = this.#broker.retained(TOPICS.availability);
    if (availability !== "online") {
      throw new Violation("availability", now, `says ${availability}`);
    }
  }

  /**
   * A new connection gets each topic once; the status once more at each word, and
   * numbers once more at each beat.
   */
  #checkRepeated(now: number, topic: string): void {
    if (this.#sinceConnect === undefined) return;
    const payloads = this.#sinceConnect.get(topic) ?? [];
    const isTwice = payloads.some((one, index) => one === payloads[index - 1]);
    const mayBeTwice = topic === TOPICS.status || isNumber(topic);
    if (payloads.length > 0 && (!isTwice || mayBeTwice)) return;
    throw new Violation(
      "repeated on connect",
      now,
      `${topic} was sent ${payloads.length} times: ${payloads}`,
    );
  }
}

/** Does a number stand on this topic, alone or among others? */
function isNumber(topic: string): boolean {
  return topic === TOPICS.telemetry ||
    (topic.startsWith(TOPICS.commandBase) && !topic.endsWith("/state"));
}
