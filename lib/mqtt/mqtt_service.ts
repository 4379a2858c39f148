/** MqttService: keeps connected, listens, and puts what it hears into the InputBuffer. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { quote } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import { span } from "../core/words.ts";
import type { InputBuffer } from "../input_buffer.ts";
import { HearingProbe, isQuestion } from "./hearing_probe.ts";
import { KeptMarks } from "./kept_marks.ts";
import { LevelMemory } from "./level_memory.ts";
import type { Link, Message } from "./link.ts";
import { FRESH_MS, MessageAge } from "./message_age.ts";
import { Ration } from "./ration.ts";
import { isTakenOver } from "./reasons.ts";
import { changedInto, heardTopics, oddCharacters } from "./topic_list.ts";
import { WordFilter } from "./word_filter.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** A broker that denies the command topic is asked again after so long. */
const ASK_AGAIN_MS = 60_000;

/** A flood of presses is told now and then. */
const PRESSES = { burst: 5, everyMs: 10_000 };

export interface MqttServiceOptions {
  /** Each new connection, for ever, until the signal is aborted. */
  readonly links: (signal: AbortSignal) => AsyncIterable<Link>;
  /** Who or what throws us out of the broker again and again, if that is so. */
  readonly rival: () => string | undefined;
  readonly input: InputBuffer;
  readonly clock: Clock;
  readonly topics: Topics;
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly allowShutdown: boolean;
  /** False where nobody wants to know whether Home Assistant is online: some brokers end the connection over the question. */
  readonly asksHost?: boolean;
  /** Gets the connection once it can be heard and spoken on, `undefined` when it is over. */
  readonly onLink: (link: Link | undefined) => void;
  /** Home Assistant said just now that it has started. */
  readonly onBirth?: () => void;
  /** A word of the thermostat was said just now, and counts. */
  readonly onWord?: () => void;
  /** Gets the answer to a request. */
  readonly onAnswer?: (answer: Readonly<Record<string, unknown>>) => void;
  /** Told of a fault of our own, after which nothing is heard any more. */
  readonly onFailure: (error: unknown) => void;
  /** Gets what came on topics that somebody else has subscribed to. */
  readonly onOther?: (message: Message) => void;
}

/** The ear of the rig: one connection after the other, for ever. */
export class MqttService {
  readonly #options: MqttServiceOptions;
  readonly #probe: HearingProbe;
  readonly #words: WordFilter;
  readonly #age: MessageAge;
  readonly #marks: KeptMarks;
  readonly #level: LevelMemory;
  readonly #presses: Ration;
  /** What the broker does not let us subscribe to. */
  #refused: readonly string[] = [];
  /** Characters in our topics that this broker takes for others. */
  #changed: readonly string[] = [];
  /** What is said on the command topic arrives, for all that is known. */
  #isHeard = false;
  /** Since it was heard last, the broker kept for us what was said there. */
  #isCovered = true;
  /** Whoever spoke last speaks with QoS 0, which no broker keeps. */
  #isFleeting = false;
  /** Another client took our place, and what waited there. */
  #isRobbed = false;

  constructor(options: MqttServiceOptions) {
    this.#options = options;
    const { topics, clock } = options;
    this.#words = new WordFilter({
      ...options,
      onWord: ({ isFleeting = false }) => {
        this.#isFleeting = isFleeting;
        options.onWord?.();
      },
    });
    this.#age = new MessageAge(options);
    this.#marks = new KeptMarks(options);
    this.#level = new LevelMemory(options);
    this.#presses = new Ration({ clock, ...PRESSES });
    this.#probe = new HearingProbe({
      topics: heardTopics(topics),
      clock,
      onUnheard: () => this.#tellUnheard(),
    });
  }

  /** Runs until the signal is aborted; the last connection is left open for the last words. */
  async run(signal: AbortSignal): Promise<void> {
    const { input, links, rival, onLink, onFailure } = this.#options;
    input.lost();
    for await (const link of links(signal)) {
      // Before it is heard on: what ended the one before is known by now.
      input.contested(rival());
      this.#begin(link);
      try {
        await this.#listen(link, signal);
      } catch (error) {
        // A connection that ends while we subscribe is as over as any other;
        // a fault of ours is not to be tried again and again.
        if (error instanceof TypeError || error instanceof ReferenceError) {
          onFailure(error);
          // The last words need the connection.
          return await aborted(signal);
        }
        log.warn("Connection lost while subscribing", { error: `${error}` });
      }
      if (signal.aborted) return;
      const soundUntil = input.soundUntil(link.heardAt);
      this.#age.ended(soundUntil);
      this.#lost(soundUntil);
      onLink(undefined);
    }
  }

  /** What was said since the last connection waits at the broker, or may be lost. */
  #begin(link: Link): void {
    this.#refused = [];
    this.#words.begin();
    const isKept = link.isResumed && link.isDoubtful !== true &&
      !this.#isRobbed && !this.#isFleeting;
    if (!isKept) this.#missed();
    this.#isRobbed = false;
    void link.closed.then((reason) => this.#isRobbed ||= isTakenOver(reason));
  }

  async #listen(link: Link, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const hearing = this.#subscribe(
      link,
      AbortSignal.any([signal, over.signal]),
    );
    const heard = (async () => {
      for await (const message of link.messages) this.#receive(message);
    })();
    try {
      await Promise.race([
        heard,
        aborted(signal),
        hearing.then(() => heard),
      ]);
    } finally {
      over.abort();
      await hearing.catch(() => {});
    }
  }

  /** Subscribes, then hands the connection on: `online` must mean "can hear you". */
  async #subscribe(link: Link, signal: AbortSignal): Promise<void> {
    const { topics, onLink } = this.#options;
    await this.#marks.begin(link);
    await this.#level.begin(link);
    await this.#ask(link, heardTopics(topics));
    this.#marks.answered();
    // The answer to a second one comes behind all that is kept for the first.
    if (this.#options.asksHost === false) {
      await link.unsubscribe([topics.thermostatStatus]);
    } else await this.#ask(link, [topics.thermostatStatus]);
    await link.taken();
    const isDoubtful = this.#marks.isDoubtful;
    if (!await this.#age.settled(link, signal, isDoubtful)) return;
    await this.#level.end(link);
    await this.#marks.end(link);
    this.#words.settle();
    onLink(link);
    this.#tellUnheard(link.protocol);
    await Promise.all([
      this.#probe.run(link, signal),
      this.#askAgain(link, signal),
    ]);
  }

  async #ask(link: Link, topics: readonly string[]): Promise<void> {
    const before = this.#refused;
    const denied = await link.subscribe(topics);
    this.#refused = [
      ...before.filter((topic) => !topics.includes(topic)),
      ...denied.map(({ topic }) => topic),
    ];
    for (const { topic, reason } of denied) {
      if (before.includes(topic)) continue;
      log.error(
        "The broker denies the subscription: allow this rig to read the topic",
        { topic, reason },
      );
    }
    // What is allowed by now counts as heard until the next question.
    for (const topic of before) {
      if (!this.#refused.includes(topic)) this.#probe.heard(topic);
    }
  }

  /** An access list may be changed while a connection stands. */
  async #askAgain(link: Link, signal: AbortSignal): Promise<void> {
    while (this.#refused.length > 0) {
      await this.#options.clock.sleep(ASK_AGAIN_MS, signal);
      if (signal.aborted) return;
      await this.#ask(link, this.#refused);
      this.#tellUnheard();
    }
  }

  /** Who cannot hear OFF is as far away as without a broker. */
  #tellUnheard(protocol?: string): void {
    const { input, topics } = this.#options;
    const { command, thermostatStatus } = topics;
    const wanted = [...heardTopics(topics), thermostatStatus];
    const unheard = wanted.filter((topic) =>
      this.#refused.includes(topic) || this.#probe.isUnheard(topic) ||
      this.#changed.some((character) => topic.includes(character))
    );
    input.denied("read", unheard);
    const isHeard = !unheard.includes(command);
    if (!isHeard) this.#isCovered = false;
    if (isHeard === this.#isHeard) return;
    if (!isHeard) return this.#lost();
    if (!this.#isCovered) this.#missed();
    this.#isHeard = true;
    log.info("Listening", {
      topic: command,
      ...protocol === undefined ? {} : { protocol },
      wasDeafFor: span(input.heard()),
    });
  }

  /** Since it was heard last, nobody kept for us what was said. */
  #missed(): void {
    const { input } = this.#options;
    const { deaf } = input.read();
    if (deaf !== undefined) input.missed(deaf.from);
    this.#isCovered = true;
  }

  /** Until `since` all had come that was said; now if that is not given. */
  #lost(since?: number): void {
    const { input } = this.#options;
    const { forgotten } = input.read();
    this.#isHeard = false;
    // What was never heard on is a part of the same outage.
    if (input.lost(since)) this.#words.outage(forgotten);
  }

  #receive(received: Message): void {
    const { topics, input, onBirth, onOther } = this.#options;
    const message = this.#marks.marked(received);
    this.#lookForChange(message.topic);
    this.#probe.heard(message.topic);
    if (heardTopics(topics).includes(message.topic)) {
      const ageMs = this.#age.nextMs();
      if (isQuestion(message.payload)) return;
      return message.topic === topics.requestRestart
        ? this.#receiveRequest(message, ageMs)
        : this.#words.take(message, ageMs);
    }
    if (this.#level.take(message)) return;
    if (message.topic !== topics.thermostatStatus) return onOther?.(message);
    const text = new TextDecoder().decode(message.payload.subarray(0, 16));
    const state = text.trim().toLowerCase();
    if (state === "online" || state === "offline") input.thermostat(state);
    // What the broker has kept was said before.
    if (state === "online" && !message.retain) onBirth?.();
  }

  /** RabbitMQ takes a dot for a slash: what is said to the rig comes under another topic. */
  #lookForChange(topic: string): void {
    const { topics } = this.#options;
    const own = [...heardTopics(topics), topics.availability];
    const wanted = changedInto(topic, own);
    if (wanted === undefined || this.#changed.length > 0) return;
    this.#changed = oddCharacters([wanted]);
    log.error(
      "The broker changes characters of a topic, so that nothing arrives there: use letters, digits, _ and - under [topics]",
      { topic: wanted, arrivesAs: topic, characters: this.#changed.join(" ") },
    );
    // While it subscribes, that is told at the end.
    if (this.#isHeard) this.#tellUnheard();
  }

  /** What was pressed before is no wish of now. */
  #receiveRequest(message: Message, ageMs: number): void {
    const { input, onAnswer } = this.#options;
    const { payload, retain } = message;
    if (retain || ageMs > FRESH_MS) return;
    const text = new TextDecoder().decode(payload.subarray(0, 64)).trim();
    if (text === "PRESS") {
      const count = this.#presses.count();
      if (count > 0) {
        log.info("A fresh start of all commands is asked for", { count });
      }
      input.restart();
      return onAnswer?.({ status: "ok", data: {} });
    }
    const error = `Refused ${quote(text)}; say PRESS`;
    if (!this.#words.refuse(error, message)) return;
    onAnswer?.({ status: "error", error });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
