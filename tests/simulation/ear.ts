/**
 * What a controller can know of what is said to it, over all its connections: read
 * anew from design.md. Of what comes before a connection is announced nobody knows
 * how long it waited; what was said while nobody kept it may be lost.
 */

import type { Clock } from "../../lib/clock.ts";
import type { Link, Message } from "../../lib/mqtt/link.ts";
import { isTakenOver } from "../../lib/mqtt/reasons.ts";
import type { Demand } from "./demand.ts";
import { asksForHeat, hear, type HeardMessage } from "./heard.ts";
import type { Setup } from "./script.ts";
import { TOPICS } from "./topicboard.ts";

const FRESH_MS = 30_000;
/** All that waited has come when nothing more did for so long, or after so long at most. */
const QUIET_MS = 1_000;
const QUIET_MS_MAX = 10_000;
/** A shorter stop is not noticed. */
const STOP_MS_MIN = 5_000;
/** What comes so soon after a stop may have waited through it. */
const BACKLOG_MS = 5_000;

export interface EarOptions {
  readonly setup: Setup;
  readonly clock: Clock;
  readonly demand: Demand;
  /** The thermostat said a word that counts. */
  readonly onWord: () => void;
  readonly note: (what: unknown) => void;
}

/** One connection, as far as it is heard on. */
interface Line {
  readonly link: Pick<Link, "isResumed" | "heardAt">;
  readonly onAnnounced: () => void;
  isGranted: boolean;
  isAnnounced: boolean;
  isOver: boolean;
}

export class Ear {
  readonly #options: EarOptions;
  /** Until then all that was said had come. */
  #soundUntil: number | undefined;
  /** All that is said to us since we heard last waits for us. */
  #isCovered = true;
  #isRobbed = false;
  /** Messages so far on topics that are said to us. */
  #came = 0;
  /** Until all that is kept has come: what of it asks for heat. */
  #late: HeardMessage[] | undefined;
  #line: Line | undefined;
  /** The word that was lost when the outage began. */
  #forgottenBefore = 0;
  /** The machine slept for so long, and the controller has not noticed yet. */
  #sleptMs = 0;
  #stood = { from: 0, to: -Infinity };
  #hears: boolean | undefined;

  constructor(options: EarOptions) {
    this.#options = options;
    this.#tell();
  }

  /** `onAnnounced`: from then on it can be spoken on. */
  connected(link: Line["link"], onAnnounced: () => void): Line {
    const { demand } = this.#options;
    const line = {
      link,
      onAnnounced,
      isGranted: false,
      isAnnounced: false,
      isOver: false,
    };
    this.#line = line;
    this.#late = [];
    demand.isKeptZero = false;
    if (!link.isResumed || this.#isRobbed) this.#miss();
    this.#isRobbed = false;
    return line;
  }

  /** The command topic can be read. */
  granted(line: Line): void {
    line.isGranted = true;
    if (line.isAnnounced) this.#heard();
  }

  /** All that is kept has come, but for what waits in a session. */
  taken(line: Line): void {
    const isDoubtful = line.link.isResumed &&
      this.#outageMs() + QUIET_MS_MAX > FRESH_MS;
    if (isDoubtful) void this.#untilQuiet(line);
    else this.#announce(line);
  }

  over(line: Line, reason: string): void {
    line.isOver = true;
    this.#isRobbed ||= isTakenOver(reason);
    if (this.#line !== line) return;
    this.#line = undefined;
    const { heardAt } = line.link;
    const { from, to } = this.#stood;
    const isAfter = heardAt - to >= BACKLOG_MS;
    // What came right after a sleep may have waited through it.
    const until = isAfter ? heardAt : Math.min(heardAt, to);
    if (line.isAnnounced) {
      this.#soundUntil = isAfter ? until : until + from - to;
    }
    this.#tell(until);
  }

  /** The machine slept for so long. */
  slept(forMs: number): void {
    this.#sleptMs += forMs;
  }

  /** The controller looks whether it slept. */
  noticeSleep(): void {
    const forMs = this.#sleptMs;
    this.#sleptMs = 0;
    if (forMs < STOP_MS_MIN) return;
    const now = this.#now;
    this.#stood = { from: now - forMs, to: now };
    if (this.#soundUntil !== undefined) this.#soundUntil -= forMs;
    this.#options.demand.sleep(forMs, now);
  }

  message(message: Message): void {
    const { demand } = this.#options;
    const isLevel = message.topic === TOPICS.levelSet;
    if (message.topic === TOPICS.requestRestart) this.#came += 1;
    if (message.topic === TOPICS.command || isLevel) {
      this.#came += 1;
      // Whatever is said now is said to one who is awake.
      this.noticeSleep();
      const { forgotten } = demand;
      const one = {
        ...message,
        isLevel,
        ageMs: this.#ageMs(),
        isForgotten: forgotten > 0 && forgotten !== this.#forgottenBefore,
      };
      this.#take(one);
      return;
    }
    const text = new TextDecoder().decode(message.payload);
    const told = message.topic === TOPICS.telemetry && message.retain
      ? JSON.parse(text).on_percent
      : undefined;
    if (told !== undefined) demand.recall(told);
    if (message.topic !== TOPICS.thermostatStatus) return;
    if (text === "online" || text === "offline") {
      demand.thermostat(text, this.#now);
    }
  }

  #take(one: HeardMessage): void {
    const { setup } = this.#options;
    const asks = asksForHeat(one, setup);
    if (this.#late === undefined || asks === undefined) return this.#word(one);
    const countsOff = setup.retainedCommands !== "ignore";
    this.#late = this.#late.filter(({ isLevel, retain }) => {
      // The latest of each kind says it all.
      if (asks && isLevel === one.isLevel && retain === one.retain) {
        return false;
      }
      return one.retain ? asks || retain || !countsOff : asks && !retain;
    });
    if (asks) this.#late.push(one);
    else this.#word(one);
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  #ageMs(): number {
    if (this.#line?.isAnnounced !== true) return this.#outageMs();
    const { from, to } = this.#stood;
    return this.#now - to < BACKLOG_MS ? this.#now - from : 0;
  }

  #outageMs(): number {
    return this.#now - (this.#soundUntil ?? -Infinity);
  }

  async #untilQuiet(line: Line): Promise<void> {
    const endAt = this.#now + QUIET_MS_MAX;
    for (let came = -1; came !== this.#came && this.#now < endAt;) {
      came = this.#came;
      await this.#options.clock.sleep(QUIET_MS);
      if (line.isOver) return;
    }
    this.#announce(line);
  }

  #announce(line: Line): void {
    line.isAnnounced = true;
    line.onAnnounced();
    const late = this.#late ?? [];
    this.#late = undefined;
    for (const isLevel of [false, true]) {
      late.filter((one) => one.isLevel === isLevel)
        .forEach((one) => this.#word(one));
    }
    if (line.isGranted) this.#heard();
    else this.#isCovered = false;
  }

  /** What is said on the command topic arrives. */
  #heard(): void {
    if (!this.#isCovered) this.#miss();
    this.#tell();
  }

  /** What was said since the command topic was heard last, nobody kept. */
  #miss(): void {
    const { demand } = this.#options;
    const { deafSince } = demand;
    if (deafSince !== undefined) demand.miss(deafSince, this.#now);
    this.#isCovered = true;
  }

  #tell(since?: number): void {
    const { demand, note } = this.#options;
    const hears = this.#line?.isGranted === true && this.#line.isAnnounced;
    if (hears === this.#hears) return;
    this.#hears = hears;
    note(hears ? "hears" : "is deaf");
    if (!hears) this.#forgottenBefore = demand.forgotten;
    demand.hear(hears, this.#now, since);
  }

  #word(message: HeardMessage): void {
    const { setup, demand, onWord } = this.#options;
    if (hear(demand, message, { setup, now: this.#now })) onWord();
  }
}
