/** Home Assistant on a broker: its MQTT switch, its birth and will, a room, and a thermostat. */

import type { Clock } from "../../lib/clock.ts";
import type { Topics } from "../../lib/core/topics.ts";
import { OFFICE, readingOf, temperatureAfter } from "../../lib/demo/room.ts";
import type { SwitchState, Utterance } from "../../lib/demo/thermostat.ts";
import type { Link, Message } from "../../lib/mqtt/link.ts";
import type { FakeBroker } from "../fakes/fake_broker.ts";
import type { Heats } from "./old_thermostat.ts";

/** A sensor in a room says something now and then. */
const SENSOR_MS = 60_000;
const RECONNECT_MS = 5_000;

export interface HomeOptions {
  readonly clock: Clock;
  readonly broker: FakeBroker;
  readonly topics: Topics;
  /** Where the rig's document stands. */
  readonly documentTopic: string;
  /** A thermostat as it is when Home Assistant starts. */
  readonly thermostat: (now: number) => Heats;
  /** What really heats, in watts. */
  readonly heatW: () => number;
}

/** It knows of the rig what the broker says, and nothing else. */
export class Home {
  roomC = 19;
  /** What its thermostat said last, of what reached the broker. */
  said: Utterance["word"] | undefined;
  readonly #options: HomeOptions;
  #thermostat: Heats | undefined;
  #link: Link | undefined;
  #mode: "heat" | "off" = "heat";
  /** The rig's switch as its document has it; without one nobody can say a word. */
  #switch: { readonly retain: boolean } | undefined;
  #available = "unknown";
  #state: SwitchState = "unknown";
  #sensedAt = -Infinity;
  #triedAt = -Infinity;
  #livedAt: number;

  constructor(options: HomeOptions) {
    this.#options = options;
    this.#livedAt = options.clock.now();
  }

  get isRunning(): boolean {
    return this.#thermostat !== undefined;
  }

  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  get mode(): "heat" | "off" {
    return this.#mode;
  }

  /** The switch as it shows it. */
  get switchState(): SwitchState {
    if (!this.hasSwitch || this.#available !== "online") return "unavailable";
    return this.#state;
  }

  /** Is there a switch that could be used, or shown as unavailable? */
  get hasSwitch(): boolean {
    return this.#link !== undefined && this.#switch !== undefined;
  }

  /** As its owner does it: Home Assistant empties the rig's document itself. */
  async deleteDevice(): Promise<void> {
    this.#switch = undefined;
    await this.#link?.publish(this.#options.documentTopic, "", {
      retain: true,
    }).catch(() => {});
  }

  start(): void {
    this.#thermostat = this.#options.thermostat(this.#options.clock.now());
    this.#thermostat.setMode(this.#mode, this.#options.clock.now());
    this.#sensedAt = -Infinity;
  }

  /** In order it says offline itself; else the broker does. */
  async stop(how: "order" | "crash"): Promise<void> {
    this.#thermostat = undefined;
    const link = this.#link;
    this.#link = undefined;
    if (how === "crash") return this.#options.broker.cut("home");
    await link?.publish(this.#options.topics.thermostatStatus, "offline", {
      retain: true,
    }).catch(() => {});
    await link?.close();
  }

  async setMode(mode: "heat" | "off"): Promise<void> {
    this.#mode = mode;
    await this.#say(
      this.#thermostat?.setMode(mode, this.#options.clock.now()),
    );
  }

  /** Lives on until now. */
  async step(): Promise<void> {
    const { clock, heatW } = this.#options;
    const now = clock.now();
    this.roomC = temperatureAfter(OFFICE, {
      fromC: this.roomC,
      heatW: heatW(),
      ms: now - this.#livedAt,
    });
    this.#livedAt = now;
    const thermostat = this.#thermostat;
    if (thermostat === undefined) return;
    await this.#connect();
    await this.#say(thermostat.switched(this.switchState, now));
    if (now - this.#sensedAt >= SENSOR_MS) {
      this.#sensedAt = now;
      await this.#say(thermostat.sensed(readingOf(this.roomC), now));
    }
    for (const said of thermostat.tick(now)) await this.#say(said);
  }

  async #connect(): Promise<void> {
    const { broker, clock, topics, documentTopic } = this.#options;
    const now = clock.now();
    if (this.#link !== undefined || now - this.#triedAt < RECONNECT_MS) return;
    this.#triedAt = now;
    const will = {
      topic: topics.thermostatStatus,
      payload: "offline",
      retain: true,
    };
    try {
      const connect = broker.connect({ clientId: "home", will });
      const link = await connect(new AbortController().signal);
      this.#available = "unknown";
      this.#state = "unknown";
      this.#switch = undefined;
      this.#link = link;
      void link.closed.then(() => {
        if (this.#link === link) this.#link = undefined;
      });
      void this.#hear(link);
      await link.subscribe([
        documentTopic,
        topics.status,
        topics.availability,
      ]);
      await link.publish(will.topic, "online", { retain: true });
    } catch {
      // The broker is away.
    }
  }

  async #hear(link: Link): Promise<void> {
    for await (const message of link.messages) this.#take(message);
  }

  #take({ topic, payload }: Message): void {
    const { topics, documentTopic } = this.#options;
    const text = new TextDecoder().decode(payload);
    if (topic === documentTopic) this.#switch = switchIn(text);
    if (topic === topics.availability) this.#available = text;
    if (topic !== topics.status) return;
    // Anything else is ignored, and the old state stays.
    if (text === "ON") this.#state = "on";
    if (text === "OFF") this.#state = "off";
  }

  async #say(said: Utterance | undefined): Promise<void> {
    if (said === undefined || this.#link === undefined) return;
    // A call for what is not there is dropped in silence.
    if (this.#switch === undefined) return;
    const { topics } = this.#options;
    const { retain } = this.#switch;
    try {
      await this.#link.publish(topics.command, said.word, { retain });
      this.said = said.word;
    } catch {
      // The connection broke just now: the word is lost, as there.
    }
  }
}

/** An empty document removes it. */
function switchIn(document: string): { readonly retain: boolean } | undefined {
  if (document === "") return undefined;
  return { retain: JSON.parse(document).components.heat.retain };
}
