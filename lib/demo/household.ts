/** Household: a room, its sensor and its thermostat, on the broker like Home Assistant. */

import type { Clock } from "../clock.ts";
import { quote } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import type { Link, Message } from "../mqtt/link.ts";
import type { Happening, Moment } from "./happening.ts";
import { RigView } from "./rig_view.ts";
import { OFFICE, readingOf, temperatureAfter } from "./room.ts";
import { Thermostat, type Utterance } from "./thermostat.ts";

/** The room's time runs so much faster. */
export const TIME_LAPSE = 120;

/** What the thermostat is set to. */
export const TARGET_C = 21;

/** How far from it the room may get; both tolerances are the same. */
export const TOLERANCE_C = 0.3;

const BEGIN_C = 20.5;
const KEEP_ALIVE_MS = 8 * 60_000;

/** The room is looked at so often, in real time. */
const STEP_MS = 100;

/** The rig's messages come in bursts: its line is written once nothing came for so long. */
const SETTLED_MS = 50;

/** What the miners tell is shown so often. */
const NUMBERS_MS = 4_000;

/** The same word for the same reason is shown again after so long. */
const SAME_WORD_MS = 2_000;

export interface HouseholdOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly topics: Topics;
  /** The heat of each command while it runs. */
  readonly watts: Readonly<Record<string, number>>;
  readonly tell: (moment: Moment, happening: Happening) => void;
}

/** What there is to say at the end. */
export interface Account {
  readonly heatings: number;
  /** Both in the room's time. */
  readonly heatedMs: number;
  readonly lastedMs: number;
  readonly coldestC: number;
  readonly warmestC: number;
  readonly words: number;
  /** From the rig. */
  readonly messages: number;
}

/** What stands in for a home: it hears the rig, heats the room, and speaks as its thermostat. */
export class Household {
  readonly #options: HouseholdOptions;
  readonly #rig: RigView;
  readonly #thermostat: Thermostat;
  readonly #beganAt: number;
  #room = { atMs: 0, temperatureC: BEGIN_C, heatW: 0 };
  /** Our own words come back to us. */
  readonly #ownWords: string[] = [];
  #heardAt = -Infinity;
  #shown = "";
  /** The thermostat's word that was shown last. */
  #told = { word: "", why: "", at: -Infinity };
  #numbersAt = -Infinity;
  #wasOn = false;
  #account = {
    heatings: 0,
    heatedMs: 0,
    coldestC: BEGIN_C,
    warmestC: BEGIN_C,
    words: 0,
    messages: 0,
  };

  constructor(options: HouseholdOptions) {
    this.#options = options;
    this.#rig = new RigView({
      topics: options.topics,
      commands: Object.keys(options.watts),
    });
    this.#thermostat = new Thermostat({
      targetC: TARGET_C,
      coldToleranceC: TOLERANCE_C,
      hotToleranceC: TOLERANCE_C,
      keepAliveMs: KEEP_ALIVE_MS,
      now: 0,
    });
    this.#beganAt = options.clock.now();
  }

  get account(): Account {
    return { ...this.#account, lastedMs: this.#room.atMs };
  }

  /** Lives until the signal is aborted, then leaves the broker orderly. */
  async run(signal: AbortSignal): Promise<void> {
    const { link, clock, topics } = this.#options;
    let lost: string | undefined;
    void link.closed.then((reason) => lost = reason);
    const hearing = this.#hear();
    try {
      await link.subscribe([
        topics.command,
        topics.status,
        topics.statusmsg,
        topics.availability,
        topics.problem,
        topics.info,
        topics.telemetry,
        `${topics.commandBase}/#`,
      ]);
      await link.publish(topics.thermostatStatus, "online", { retain: true });
      while (!signal.aborted) {
        if (lost !== undefined) {
          throw new Error(`The household lost the broker: ${lost}`);
        }
        await this.#step();
        await clock.sleep(STEP_MS, signal);
      }
    } finally {
      await link.close();
      await hearing;
    }
  }

  /** Waits until the rig's last words were heard and shown, at most `limitMs`. */
  async goodbye(limitMs: number): Promise<void> {
    const { clock } = this.#options;
    const endAt = clock.now() + limitMs;
    const isShown = () => this.#shown.startsWith("offline");
    while (!isShown() && clock.now() < endAt) await clock.sleep(STEP_MS);
  }

  async #hear(): Promise<void> {
    for await (const message of this.#options.link.messages) {
      this.#receive(message);
    }
  }

  #receive({ topic, payload }: Message): void {
    const text = new TextDecoder().decode(payload);
    if (topic === this.#options.topics.command) return this.#overhear(text);
    this.#account.messages += 1;
    this.#heardAt = this.#options.clock.now();
    this.#rig.take(topic, text);
  }

  #overhear(text: string): void {
    if (this.#ownWords[0] === text) {
      this.#ownWords.shift();
      return;
    }
    const word = ["ON", "OFF"].includes(text) ? text : quote(text);
    this.#tell({ who: "somebody", word });
  }

  async #step(): Promise<void> {
    this.#live();
    this.#showRig();
    this.#showNumbers();
    const { atMs, temperatureC } = this.#room;
    const said = [
      this.#thermostat.switched(this.#rig.switchState, atMs),
      this.#thermostat.sensed(readingOf(temperatureC), atMs),
      ...this.#thermostat.tick(atMs),
    ];
    for (const one of said) if (one !== undefined) await this.#say(one);
  }

  /** The room is heated by what runs, not by what was said. */
  #live(): void {
    const { clock, watts } = this.#options;
    const { atMs, temperatureC, heatW } = this.#room;
    const nowMs = (clock.now() - this.#beganAt) * TIME_LAPSE;
    const ms = nowMs - atMs;
    const nextC = temperatureAfter(OFFICE, { fromC: temperatureC, heatW, ms });
    const heating = this.#rig.heating.map((name) => watts[name] ?? 0);
    this.#room = {
      atMs: nowMs,
      temperatureC: nextC,
      heatW: heating.reduce((sum, one) => sum + one, 0),
    };
    const account = this.#account;
    account.coldestC = Math.min(account.coldestC, nextC);
    account.warmestC = Math.max(account.warmestC, nextC);
    if (heatW > 0) account.heatedMs += ms;
    const isOn = this.#rig.switchState === "on";
    if (isOn && !this.#wasOn) account.heatings += 1;
    this.#wasOn = isOn;
  }

  #showRig(): void {
    const { status: word, states, message } = this.#rig;
    const picture = `${word} ${states} ${message}`;
    const sinceMs = this.#options.clock.now() - this.#heardAt;
    if (picture === this.#shown || sinceMs < SETTLED_MS) return;
    if (this.#heardAt === -Infinity) return;
    this.#shown = picture;
    this.#tell({ who: "rig", word, states, message });
  }

  #showNumbers(): void {
    const { numbers, status: word } = this.#rig;
    const now = this.#options.clock.now();
    if (numbers === undefined || now - this.#numbersAt < NUMBERS_MS) return;
    this.#numbersAt = now;
    this.#tell({ who: "rig", word, states: numbers, message: "OK" });
  }

  async #say({ word, why }: Utterance): Promise<void> {
    const { link, topics } = this.#options;
    this.#account.words += 1;
    this.#tellWord({ word, why });
    this.#ownWords.push(word);
    await link.publish(topics.command, word, { retain: false });
  }

  /** A word that is said again at each reading is shown now and then. */
  #tellWord({ word, why }: Utterance): void {
    const now = this.#options.clock.now();
    const { word: lastWord, why: lastWhy, at } = this.#told;
    const isSame = word === lastWord && why === lastWhy;
    if (isSame && now - at < SAME_WORD_MS) return;
    this.#told = { word, why, at: now };
    this.#tell({ who: "thermostat", word, why });
  }

  #tell(happening: Happening): void {
    this.#options.tell(this.#room, happening);
  }
}
