/** What a controller must make of a message: read anew from design.md. */

import type { Demand } from "./demand.ts";
import { type Setup, Violation } from "./script.ts";

export interface HeardMessage {
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** It came on the topic of the level. */
  readonly isLevel?: boolean;
  /** It may have waited for so long; 0 if it is said just now. */
  readonly ageMs?: number;
  /** A word was lost since it may have been said. */
  readonly isForgotten?: boolean;
}

/** What may be older asks for no heat. */
const FRESH_MS = 30_000;
/** By then all that waited at the broker has come. */
const SETTLING_MS = 10_000;

/** What the latest word is that a broker took: its own clock, and nobody else's, tells when. */
export class TakenWords {
  #offAt = Infinity;
  readonly #setup: Setup;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  take(said: Omit<HeardMessage, "ageMs">, now: number): void {
    const { retainedCommands, allowShutdown } = this.#setup;
    const text = new TextDecoder().decode(said.payload).trim();
    const word = said.payload.length > 1024 ? undefined : wordOf(text, {
      isLevel: said.isLevel,
      allowShutdown,
    })?.word;
    if (word === "ON") this.#offAt = Infinity;
    // Beside kept words one that is not kept cannot be told from an older one.
    const mayCount = said.retain || retainedCommands !== "accept";
    if (word === "OFF" && mayCount) this.#offAt = Math.min(this.#offAt, now);
  }

  /** An OFF that the broker took is obeyed, or the failsafe ends the heat. */
  check(demand: Pick<Demand, "heat">, now: number): void {
    const { brokerLostAfterMs } = this.#setup.heat;
    const dueAt = this.#offAt + brokerLostAfterMs + SETTLING_MS;
    if (!demand.heat || now <= dueAt) return;
    throw new Violation("OFF is lost", now, `said at ${this.#offAt}`);
  }
}

/** What a text says; undefined if it says nothing that is known. */
function wordOf(
  text: string,
  { isLevel = false, allowShutdown }: {
    readonly isLevel?: boolean | undefined;
    readonly allowShutdown: boolean;
  },
):
  | { readonly word: "ON" | "OFF" | "SHUTDOWN"; readonly level?: number }
  | undefined {
  if (isLevel) {
    const level = /^[0-9.]+$/.test(text) ? Number(text) : NaN;
    if (!(level <= 100)) return undefined;
    return level === 0 ? { word: "OFF" } : { word: "ON", level };
  }
  if (text === "ON" || text === "OFF") return { word: text };
  return text === "SHUTDOWN" && allowShutdown ? { word: text } : undefined;
}

/** Takes a message into the demand; is it an ON or OFF that counts? */
export function hear(
  demand: Demand,
  message: HeardMessage,
  options: { readonly setup: Setup; readonly now: number },
): boolean {
  const { setup, now } = options;
  const { isLevel = false } = message;
  const text = new TextDecoder().decode(message.payload).trim();
  // The controller asks itself whether it hears.
  if (text === "?") return false;
  const { allowShutdown } = setup;
  const said = message.payload.length > 1024
    ? undefined
    : wordOf(text, { isLevel, allowShutdown });
  if (said === undefined) {
    demand.refuse();
    return false;
  }
  const { word, level } = said;
  if (!message.retain) demand.isKeptZero = false;
  else if (isLevel && word === "OFF") demand.isKeptZero = true;
  if (message.retain) {
    // What is in force already is neither repeated nor refused by a connection.
    if (word.toLowerCase() === demand.word) {
      if (setup.retainedCommands === "accept") demand.confirm();
      // But a level tells what an ON beside it means.
      if (!demand.isKeptOn || level === undefined) return false;
      demand.isKeptOn = false;
      demand.say("on", now, level);
      return true;
    }
    if (isDoubtful(demand, said) || !countsRetained(demand, word, setup)) {
      demand.refuse();
      return false;
    }
  }
  if (!message.retain && word !== "OFF" && isOld(message)) {
    demand.refuse();
    return false;
  }
  if (word === "SHUTDOWN") {
    demand.askShutdown(now);
    return false;
  }
  demand.isKeptOn = word === "ON" && message.retain && level === undefined;
  demand.say(word === "ON" ? "on" : "off", now, level);
  return true;
}

/** Does it ask for heat too late? */
export function isOld(
  { ageMs = 0, isForgotten = false }: HeardMessage,
): boolean {
  return ageMs > FRESH_MS || (ageMs > 0 && isForgotten);
}

/** An OFF beside what the broker kept may be newer. */
export function isDoubtful(
  { word, isKeptZero }: Pick<Demand, "word" | "isKeptZero">,
  said: { readonly word: string; readonly level?: number },
): boolean {
  if (said.word !== "ON" || word !== "off") return false;
  return said.level !== undefined || isKeptZero;
}

/**
 * Is it an ON, or a level above 0? What waited of that comes last, a level behind
 * the ON. Undefined if it says nothing.
 */
export function asksForHeat(
  message: HeardMessage,
  { allowShutdown }: Pick<Setup, "allowShutdown">,
): boolean | undefined {
  if (message.payload.length > 1024) return undefined;
  const text = new TextDecoder().decode(message.payload).trim();
  const { isLevel } = message;
  const said = wordOf(text, { isLevel, allowShutdown });
  return said === undefined ? undefined : said.word === "ON";
}

/** Does a message count that the broker kept? One that is left over is no thermostat that is alive. */
export function countsRetained(
  demand: Pick<Demand, "isUnsaid">,
  text: string,
  { retainedCommands }: Pick<Setup, "retainedCommands">,
): boolean {
  if (text === "OFF") return retainedCommands !== "ignore";
  return text === "ON" && retainedCommands === "accept" && !demand.isUnsaid;
}
