/** WordFilter: decides which words of the thermostat count, and puts those into the InputBuffer. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { parseDemand, parseLevel, quote, type Said } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import type { Forgotten } from "../core/types.ts";
import type { InputBuffer } from "../input_buffer.ts";
import type { Message } from "./link.ts";
import { FRESH_MS } from "./message_age.ts";
import { Ration } from "./ration.ts";

const log = getLogger(["kolikko", "mqtt"]);

/** After these it is the thermostat that has to show that it is alive. */
const UNSAID: readonly Forgotten["kind"][] = [
  "silent",
  "thermostat_offline",
  "deleted",
  "withdrawn",
  "shutdown_failed",
];

/** A flood of refused messages, or of words, is told now and then. */
const REFUSALS = { burst: 5, everyMs: 10_000 };
const WORDS = { burst: 20, everyMs: 2_000 };

type Word = Exclude<Said, { kind: "refused" }>;

export interface WordFilterOptions {
  readonly input: InputBuffer;
  readonly clock: Clock;
  readonly topics: Pick<Topics, "levelSet">;
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly allowShutdown: boolean;
  /** A word was said just now, and counts. */
  readonly onWord?: (message: Message) => void;
}

/** Knows what the broker keeps, as that is no word of a thermostat that is alive. */
export class WordFilter {
  readonly #options: WordFilterOptions;
  /** What asks for heat waits until all that the broker had for us is known. */
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
  readonly #refused: Ration;
  readonly #heard: Ration;

  constructor(options: WordFilterOptions) {
    const { clock } = options;
    this.#options = options;
    this.#refused = new Ration({ clock, ...REFUSALS });
    this.#heard = new Ration({ clock, ...WORDS });
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
    const { topics, allowShutdown } = this.#options;
    const isLevel = message.topic === topics.levelSet;
    const said = isLevel
      ? parseLevel(message.payload)
      : parseDemand(message.payload, { allowShutdown });
    if (said.kind === "refused") {
      this.refuse(said.why, message);
      return;
    }
    if (!message.retain) this.#isKeptZero = false;
    else if (isLevel && !isOn(said)) this.#isKeptZero = true;
    if (this.#waiting !== undefined) {
      this.#waiting = this.#waiting.filter((other) =>
        !this.#isOutdone(other, { message, said })
      );
      if (isOn(said)) {
        this.#waiting.push({ message, said, ageMs });
        return;
      }
    }
    this.#put(message, { said, ageMs });
  }

  /** Does what waits no longer count, now that this came? */
  #isOutdone(
    waiting: { readonly message: Message },
    { message, said }: { readonly message: Message; readonly said: Word },
  ): boolean {
    // A newer word of the same kind says it all, so that a flood of them is one.
    const { topic, retain } = waiting.message;
    if (isOn(said) && message.topic === topic && message.retain === retain) {
      return true;
    }
    // Whatever is kept is older than what is said.
    if (!message.retain) return waiting.message.retain || !isOn(said);
    // Nobody knows whether an OFF that is kept is older than an ON that waited in the session.
    return !waiting.message.retain && !isOn(said) &&
      this.#options.retainedCommands !== "ignore";
  }

  /** Remarks that a message changed nothing; of a flood the first ones, and then how many. */
  refuse(why: string, { payload, retain }: Message): boolean {
    const count = this.#refused.count();
    if (count === 0) return false;
    const bytes = payload.length;
    log.warn("Refused a message", { why, bytes, retained: retain, count });
    const more = count === 1 ? "" : ` (${count} were refused since the last)`;
    this.#options.input.refuse(`${why}${more}`);
    return true;
  }

  #put(
    message: Message,
    { said, ageMs }: { readonly said: Word; readonly ageMs: number },
  ): void {
    const { input, onWord } = this.#options;
    const accepts = message.retain
      ? this.#acceptsRetained(said)
      : this.#acceptsOld(message, { said, ageMs });
    if (!accepts) return;
    this.#tellHeard(message, said);
    if (said.kind === "shutdown") return input.shutdown();
    this.#isKeptOn = isOn(said) && message.retain && said.level === undefined;
    input.put(said.demand, said.level);
    if (!message.retain) onWord?.(message);
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
  #acceptsOld(
    message: Message,
    { said, ageMs }: { readonly said: Word; readonly ageMs: number },
  ): boolean {
    if (ageMs === 0 || (said.kind === "demand" && !isOn(said))) return true;
    const { input } = this.#options;
    const { forgotten } = input.read();
    // The failsafe may have struck since it was said.
    const isNewer = forgotten === undefined ||
      forgotten === this.#forgottenBefore;
    if (ageMs <= FRESH_MS && isNewer) return true;
    this.refuse(
      `${quote(inWords(said))} does not count, as it may be old: ` +
        `waiting for a fresh message`,
      message,
    );
    return false;
  }

  #tellHeard({ retain }: Message, said: Word): void {
    const refused = this.#refused.rest();
    if (refused > 0) log.warn("Refused more messages", { count: refused });
    const count = this.#heard.count();
    if (count === 0) return;
    log.info("Heard", {
      word: said.kind === "demand" ? said.demand : said.kind,
      ...(said.kind === "demand" && said.level !== undefined
        ? { level: said.level }
        : {}),
      retained: retain,
      ...(count === 1 ? {} : { count }),
    });
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
