/** WordFilter: decides which words of the thermostat count, and puts those into the InputBuffer. */

import { getLogger } from "@logtape/logtape";
import { parseDemand, parseLevel, quote, type Said } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import type { Forgotten } from "../core/types.ts";
import type { InputBuffer } from "../input_buffer.ts";
import type { Message } from "./link.ts";
import { FRESH_MS } from "./message_age.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** After these it is the thermostat that has to show that it is alive. */
const UNSAID: readonly Forgotten["kind"][] = [
  "silent",
  "thermostat_offline",
  "deleted",
  "withdrawn",
  "shutdown_failed",
];

type Word = Exclude<Said, { kind: "refused" }>;

export interface WordFilterOptions {
  readonly input: InputBuffer;
  readonly topics: Pick<Topics, "levelSet">;
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly allowShutdown: boolean;
  /** A word was said just now, and counts. */
  readonly onWord?: () => void;
}

/** Knows what the broker keeps, as that is no word of a thermostat that is alive. */
export class WordFilter {
  readonly #options: WordFilterOptions;
  /** What is kept and asks for heat waits until all that is kept is known. */
  #waiting:
    | {
      readonly message: Message;
      readonly said: Word;
      readonly ageMs: number;
    }[]
    | undefined;
  /** The latest word is an ON that the broker had kept. */
  #isKeptOn = false;
  /** The broker keeps a level 0, and nothing was said since that was found. */
  #isKeptZero = false;
  /** Why no word counted when the outage began. */
  #forgottenBefore: Forgotten | undefined;

  constructor(options: WordFilterOptions) {
    this.#options = options;
  }

  /** A new connection is about to subscribe. */
  begin(): void {
    this.#waiting = [];
    this.#isKeptZero = false;
  }

  /** All that the broker keeps has come. */
  settle(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    // A level tells what an ON beside it means.
    waiting.sort((a, b) => Number(hasLevel(a.said)) - Number(hasLevel(b.said)));
    for (const { message, ...word } of waiting) this.#put(message, word);
  }

  /** An outage begins; `forgotten` is why no word counted by then. */
  outage(forgotten: Forgotten | undefined): void {
    this.#forgottenBefore = forgotten;
  }

  /** Takes what was said on the topic of the command or of the level, and how old it may be. */
  take(message: Message, ageMs: number): void {
    const { input, topics, allowShutdown } = this.#options;
    const isLevel = message.topic === topics.levelSet;
    const said = isLevel
      ? parseLevel(message.payload)
      : parseDemand(message.payload, { allowShutdown });
    if (said.kind === "refused") {
      log.warn("Refused a message", {
        why: said.why,
        bytes: message.payload.length,
        retained: message.retain,
      });
      return input.refuse(said.why);
    }
    if (!message.retain) {
      // Whatever is kept is older.
      this.#isKeptZero = false;
      this.#waiting &&= [];
    } else if (isOn(said) && this.#waiting !== undefined) {
      this.#waiting.push({ message, said, ageMs });
      return;
    } else if (isLevel && !isOn(said)) {
      this.#isKeptZero = true;
    }
    this.#put(message, { said, ageMs });
  }

  #put(
    message: Message,
    { said, ageMs }: { readonly said: Word; readonly ageMs: number },
  ): void {
    const { input, onWord } = this.#options;
    const accepts = message.retain
      ? this.#acceptsRetained(said)
      : this.#acceptsOld(said, ageMs);
    if (!accepts) return;
    log.info("Heard", {
      word: said.kind === "demand" ? said.demand : said.kind,
      ...(said.kind === "demand" && said.level !== undefined
        ? { level: said.level }
        : {}),
      retained: message.retain,
    });
    if (said.kind === "shutdown") return input.shutdown();
    this.#isKeptOn = isOn(said) && message.retain && said.level === undefined;
    input.put(said.demand, said.level);
    if (!message.retain) onWord?.();
  }

  /** A message left on the broker is not a thermostat that is alive. */
  #acceptsRetained(said: Word): boolean {
    const { retainedCommands, input } = this.#options;
    if (said.kind === "demand") {
      const { word, forgotten } = input.read();
      // It is said already, and a connection that comes back is no repetition.
      // But a level tells what an ON beside it means.
      if (word?.demand === said.demand) {
        // Where each word is kept, the one that is there was the last.
        if (retainedCommands === "accept") input.confirm();
        return this.#isKeptOn && said.level !== undefined;
      }
      if (said.demand === "off" && retainedCommands !== "ignore") return true;
      const isUnsaid = forgotten !== undefined &&
        UNSAID.includes(forgotten.kind);
      // Both topics may keep a message, and nobody knows which one is newer.
      const isDoubtful = word?.demand === "off" &&
        (said.level !== undefined || this.#isKeptZero);
      if (retainedCommands === "accept" && !isUnsaid && !isDoubtful) {
        return true;
      }
    }
    const word = inWords(said);
    log.info("A retained message waits for a fresh one", { word });
    input.letWait(
      `A retained ${quote(word)} does not count: waiting for a fresh message ` +
        `(retained_commands = "${retainedCommands}")`,
    );
    return false;
  }

  /** What ends heat counts whatever its age; what asks for it must be a wish of now. */
  #acceptsOld(said: Word, ageMs: number): boolean {
    if (ageMs === 0 || (said.kind === "demand" && !isOn(said))) return true;
    const { input } = this.#options;
    const { forgotten } = input.read();
    // The failsafe may have struck since it was said.
    const isNewer = forgotten === undefined ||
      forgotten === this.#forgottenBefore;
    if (ageMs <= FRESH_MS && isNewer) return true;
    const word = inWords(said);
    log.warn("A message from an outage waits for a fresh one", { word });
    input.refuse(
      `The ${quote(word)} from before the connection came back ` +
        `does not count: waiting for a fresh message`,
    );
    return false;
  }
}

function isOn(said: Word): boolean {
  return said.kind === "demand" && said.demand === "on";
}

function hasLevel(said: Word): boolean {
  return said.kind === "demand" && said.level !== undefined;
}

function inWords(said: Word): string {
  if (said.kind === "shutdown") return "SHUTDOWN";
  return `${said.level ?? said.demand.toUpperCase()}`;
}
