/** MqttService: keeps connected, listens, and puts what it hears into the InputBuffer. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { Forgotten } from "../core/types.ts";
import { parseDemand, parseLevel, quote, type Said } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import { span } from "../core/words.ts";
import type { InputBuffer } from "../input_buffer.ts";
import { HearingProbe, isQuestion } from "./hearing_probe.ts";
import type { Link, Message } from "./link.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** After these it is the thermostat that has to show that it is alive. */
const UNSAID: readonly Forgotten["kind"][] = [
  "silent",
  "thermostat_offline",
  "shutdown_failed",
];

/** A broker that denies the command topic is asked again after so long. */
const ASK_AGAIN_MS = 60_000;

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
  /** Gets the connection once it can be heard and spoken on, `undefined` when it is over. */
  readonly onLink: (link: Link | undefined) => void;
  /** Home Assistant said just now that it has started. */
  readonly onBirth?: () => void;
  /** Gets the answer to a request. */
  readonly onAnswer?: (answer: Readonly<Record<string, unknown>>) => void;
  /** Gets what came on topics that somebody else has subscribed to. */
  readonly onOther?: (message: Message) => void;
}

/** The ear of the rig: one connection after the other, for ever. */
export class MqttService {
  readonly #options: MqttServiceOptions;
  readonly #probe: HearingProbe;
  /** The latest word is an ON that the broker had kept. */
  #isKeptOn = false;
  /** The latest word is a level 0 that the broker had kept. */
  #isKeptZero = false;
  /** What the broker does not let us subscribe to. */
  #refused: readonly string[] = [];
  /** What is said on the command topic arrives, for all that is known. */
  #isHeard = false;
  /** Why no word counted when the outage began. */
  #forgottenBefore: Forgotten | undefined;

  constructor(options: MqttServiceOptions) {
    this.#options = options;
    const { topics, clock } = options;
    this.#probe = new HearingProbe({
      topics: [topics.command, topics.levelSet, topics.requestRestart],
      clock,
      onUnheard: () => this.#tellUnheard(),
    });
  }

  /** Runs until the signal is aborted; the last connection is left open for the last words. */
  async run(signal: AbortSignal): Promise<void> {
    const { input, links, rival, onLink } = this.#options;
    input.lost();
    for await (const link of links(signal)) {
      // Before it is heard on: what ended the one before is known by now.
      input.contested(rival());
      try {
        await this.#listen(link, signal);
      } catch (error) {
        // A connection that ends while we subscribe is as over as any other;
        // a fault of ours is not to be tried again and again.
        if (error instanceof TypeError || error instanceof ReferenceError) {
          throw error;
        }
        log.warn("Connection lost while subscribing", { error: `${error}` });
      }
      if (signal.aborted) return;
      this.#lost();
      onLink(undefined);
    }
  }

  async #listen(link: Link, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const hearing = this.#subscribe(
      link,
      AbortSignal.any([signal, over.signal]),
    );
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const heard = (async () => {
      for await (const message of link.messages) this.#receive(message);
    })();
    try {
      await Promise.race([heard, ended, hearing.then(() => heard)]);
    } finally {
      over.abort();
      await hearing.catch(() => {});
    }
  }

  /** Subscribes, then hands the connection on: `online` must mean "can hear you". */
  async #subscribe(link: Link, signal: AbortSignal): Promise<void> {
    this.#refused = [];
    await this.#ask(link, this.#topics());
    this.#options.onLink(link);
    this.#tellUnheard(link.protocol);
    await Promise.all([
      this.#probe.run(link, signal),
      this.#askAgain(link, signal),
    ]);
  }

  #topics(): readonly string[] {
    const { command, levelSet, requestRestart, thermostatStatus } =
      this.#options.topics;
    return [command, levelSet, requestRestart, thermostatStatus];
  }

  async #ask(link: Link, topics: readonly string[]): Promise<void> {
    const before = this.#refused;
    const denied = await link.subscribe(topics);
    this.#refused = denied.map(({ topic }) => topic);
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
    const { input, topics: { command } } = this.#options;
    const unheard = this.#topics().filter((topic) =>
      this.#refused.includes(topic) || this.#probe.isUnheard(topic)
    );
    input.denied("read", unheard);
    const isHeard = !unheard.includes(command);
    if (isHeard === this.#isHeard) return;
    if (!isHeard) return this.#lost();
    this.#isHeard = true;
    log.info("Listening", {
      topic: command,
      ...protocol === undefined ? {} : { protocol },
      wasDeafFor: span(input.heard()),
    });
  }

  #lost(): void {
    const { input } = this.#options;
    const { forgotten } = input.read();
    this.#isHeard = false;
    // What was never heard on is a part of the same outage.
    if (input.lost()) this.#forgottenBefore = forgotten;
  }

  #receive(message: Message): void {
    const { topics, input, onBirth, onOther } = this.#options;
    this.#probe.heard(message.topic);
    const isWord = [topics.command, topics.levelSet, topics.requestRestart]
      .includes(message.topic);
    if (isWord && isQuestion(message.payload)) return;
    if (message.topic === topics.command) {
      const { allowShutdown } = this.#options;
      const said = parseDemand(message.payload, { allowShutdown });
      return this.#receiveWord(message, said);
    }
    if (message.topic === topics.levelSet) {
      return this.#receiveWord(message, parseLevel(message.payload));
    }
    if (message.topic === topics.requestRestart) {
      return this.#receiveRequest(message);
    }
    if (message.topic !== topics.thermostatStatus) return onOther?.(message);
    const text = new TextDecoder().decode(message.payload.subarray(0, 16));
    const state = text.trim().toLowerCase();
    if (state === "online" || state === "offline") input.thermostat(state);
    // What the broker has kept was said before.
    if (state === "online" && !message.retain) onBirth?.();
  }

  /** What was pressed before is no wish of now. */
  #receiveRequest({ payload, retain, kept }: Message): void {
    const { input, onAnswer } = this.#options;
    if (retain || kept) return;
    const text = new TextDecoder().decode(payload.subarray(0, 64)).trim();
    if (text === "PRESS") {
      log.info("A fresh start of all commands is asked for");
      input.restart();
      return onAnswer?.({ status: "ok", data: {} });
    }
    const error = `Refused ${quote(text)}; say PRESS`;
    input.refuse(error);
    onAnswer?.({ status: "error", error });
  }

  #receiveWord(message: Message, said: Said): void {
    const { input } = this.#options;
    if (said.kind === "refused") {
      log.warn("Refused a message", {
        why: said.why,
        bytes: message.payload.length,
        retained: message.retain,
      });
      return input.refuse(said.why);
    }
    if (message.retain && !this.#acceptsRetained(said)) return;
    const isOn = said.kind === "demand" && said.demand === "on";
    if (message.kept && isOn && !this.#acceptsKept()) return;
    log.info("Heard", {
      word: said.kind === "demand" ? said.demand : said.kind,
      ...(said.kind === "demand" && said.level !== undefined
        ? { level: said.level }
        : {}),
      retained: message.retain,
    });
    if (said.kind === "shutdown") return input.shutdown();
    this.#isKeptOn = isOn && message.retain && said.level === undefined;
    this.#isKeptZero = !isOn && message.retain &&
      message.topic === this.#options.topics.levelSet;
    input.put(said.demand, said.level);
  }

  /** A message left on the broker is not a thermostat that is alive. */
  #acceptsRetained(said: Exclude<Said, { kind: "refused" }>): boolean {
    const { retainedCommands, input } = this.#options;
    if (said.kind === "demand") {
      const { word, forgotten } = input.read();
      // It is said already, and a connection that comes back is no repetition.
      // But a level tells what an ON beside it means.
      if (word?.demand === said.demand) {
        return this.#isKeptOn && said.level !== undefined;
      }
      const isOff = said.demand === "off";
      // Both topics may keep a message, and nobody knows which one is newer.
      const isDoubtful = word?.demand === "off" &&
        (said.level !== undefined || this.#isKeptZero);
      if (retainedCommands === "off-only" && isOff) return true;
      const isUnsaid = forgotten !== undefined &&
        UNSAID.includes(forgotten.kind);
      if (retainedCommands === "accept" && (isOff || !isUnsaid)) {
        if (!isDoubtful) return true;
      }
    }
    const word = saidInWords(said);
    log.warn("A retained message waits for a fresh one", { word });
    input.refuse(
      `A retained ${quote(word)} does not count: waiting for a fresh message ` +
        `(retained_commands = "${retainedCommands}")`,
    );
    return false;
  }

  /** An ON from an outage in which the failsafe struck may be as old as the outage. */
  #acceptsKept(): boolean {
    const { input } = this.#options;
    const { forgotten } = input.read();
    if (forgotten === undefined || forgotten === this.#forgottenBefore) {
      return true;
    }
    log.warn("A message from an outage waits for a fresh one", { word: "ON" });
    input.refuse(
      `An "ON" from before the connection came back does not count: ` +
        `waiting for a fresh message`,
    );
    return false;
  }
}

function saidInWords(said: Exclude<Said, { kind: "refused" }>): string {
  if (said.kind === "shutdown") return "SHUTDOWN";
  return `${said.level ?? said.demand.toUpperCase()}`;
}
