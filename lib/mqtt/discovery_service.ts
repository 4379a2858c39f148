/** DiscoveryService: keeps Home Assistant's picture of the rig right, and the broker free of old ones. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
import { Doorbell } from "../doorbell.ts";
import type { InputBuffer } from "../input_buffer.ts";
import type { OutputBuffer } from "../output_buffer.ts";
import {
  type Change,
  keptFilters,
  keysIn,
  stepsOf,
} from "./discovery/changes.ts";
import {
  type Announced,
  documentsOf,
  heatTopic,
} from "./discovery/documents.ts";
import { HEAT } from "./discovery/entities.ts";
import { type Link, type Message, PublishDenied } from "./link.ts";

const log = getLogger(["kolikko", "discovery"]);

/** A broker gives what it keeps at once; a slow one within this time. */
const KEPT_MS = 2_000;
/** More than that is not ours. */
const KEPT_MAX = 1_000;
/** Home Assistant is not to be answered by all its devices at the same moment. */
const BIRTH_MS_MAX = 5_000;
/** So often it is looked whether the rig can deliver more. */
const LOOK_MS = 30_000;
/** Each step has so long to be acknowledged. */
const STEP_MS_MAX = 5_000;
/** Home Assistant may say a word through a switch that is just being removed. */
const LAST_WORD_MS = 5_000;

export interface DiscoveryServiceOptions {
  /** All that is announced but what is delivered, which shows in time. */
  readonly announced: Omit<Announced, "features">;
  readonly features: () => Announced["features"];
  readonly input: Pick<InputBuffer, "deleted" | "withdrawn">;
  readonly output: OutputBuffer;
  /** Resolves when all output is acknowledged, or after so long. */
  readonly settled: (limitMs: number) => Promise<void>;
  /** Says everything again, `online` first. */
  readonly sayAll: () => void;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Announces the rig on each connection, and again after Home Assistant's birth. */
export class DiscoveryService {
  readonly #options: DiscoveryServiceOptions;
  readonly #bell = new Doorbell();
  #link: Link | undefined;
  #isFresh = false;
  /** What the broker keeps, while it is looked for. */
  #kept: Map<string, string> | undefined;
  /** What was announced before, by whichever run of the rig. */
  #keptKeys: ReadonlySet<string> = new Set();
  #bornAt: number | undefined;
  #isAnnounced = false;
  #isDenialTold = false;
  /** Somebody else removed the switch; it is announced again when somebody speaks. */
  #isDeleted = false;
  /** The switch is being removed by us. */
  #isLeaving = false;

  constructor(options: DiscoveryServiceOptions) {
    this.#options = options;
  }

  /** The connection to look on from now on. */
  use(link: Link | undefined): void {
    this.#link = link;
    this.#isFresh = link !== undefined;
    this.#bell.ring();
  }

  /** A message on a topic that nobody else listens to. */
  found({ topic, payload, retain }: Message): void {
    const { announced, input } = this.#options;
    // Of what is wanted we remove nothing ourselves.
    if (topic === heatTopic(announced) && payload.length === 0) {
      if (!this.#isDeleted) {
        log.warn("Somebody removed this rig from Home Assistant", { topic });
      }
      this.#isDeleted = true;
      input.deleted();
    }
    if (!retain || payload.length === 0) return;
    if (this.#kept === undefined || this.#kept.size >= KEPT_MAX) return;
    this.#kept.set(topic, new TextDecoder().decode(payload));
  }

  /** There is a thermostat: it is to have its switch again. */
  spoken(): void {
    if (!this.#isDeleted) return;
    this.#isDeleted = false;
    const { output } = this.#options;
    for (const topic of documentsOf(this.#announced()).keys()) {
      output.repeat(topic);
    }
  }

  /** Home Assistant has just started: it has forgotten all states. */
  born(): void {
    this.#bornAt ??= this.#options.clock.now() +
      this.#options.random() * BIRTH_MS_MAX;
    this.#bell.ring();
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, sayAll } = this.#options;
    while (!signal.aborted) {
      const link = this.#link;
      if (link !== undefined && this.#isFresh) {
        this.#isFresh = false;
        await this.#tidy(link, signal);
        continue;
      }
      const now = clock.now();
      if (this.#bornAt !== undefined && this.#bornAt <= now) {
        this.#bornAt = undefined;
        log.info("Says everything again, as Home Assistant has started");
        sayAll();
      }
      if (this.#isAnnounced) this.#announce();
      const waitMs = Math.min(LOOK_MS, (this.#bornAt ?? Infinity) - now);
      await this.#bell.wait(waitMs, clock, signal);
    }
  }

  /** What is delivered now, and what was before. */
  #announced(): Announced {
    const { announced, features } = this.#options;
    const now = features();
    return {
      ...announced,
      features: {
        ...now,
        power: now.power || this.#keptKeys.has("power"),
        temperature: now.temperature || this.#keptKeys.has("temperature"),
      },
    };
  }

  #announce(): void {
    this.#options.output.put(documentsOf(this.#announced()));
  }

  /** Looks what the broker keeps, and brings it to what it should keep. */
  async #tidy(link: Link, signal: AbortSignal): Promise<void> {
    const { announced } = this.#options;
    try {
      const kept = await this.#look(link, signal);
      if (signal.aborted || this.#link !== link) return;
      // What was delivered once stays announced.
      const keys = keysIn(announced, kept);
      this.#keptKeys = new Set([...this.#keptKeys, ...keys]);
      const { prepare, wanted, remove } = stepsOf(this.#announced(), kept);
      await this.#publish(link, prepare);
      this.#announce();
      // What an earlier connection announced came before it was prepared.
      if (prepare.length > 0) {
        for (const topic of wanted.keys()) this.#options.output.repeat(topic);
      }
      this.#isAnnounced = true;
      await this.#options.settled(STEP_MS_MAX);
      this.#isLeaving ||= announced.mode === "off" && keys.has(HEAT.key);
      const isRemoved = await this.#publish(link, remove);
      await this.#leave(isRemoved, signal);
    } catch (error) {
      // A connection that ended is looked at anew; the documents go out all the same.
      log.debug("Cannot tidy up discovery", { error: wordsOf(error) });
      this.#announce();
      this.#isAnnounced = true;
    }
  }

  /** An ON that came through a switch that is there no more has nobody who ends it. */
  async #leave(isRemoved: boolean, signal: AbortSignal): Promise<void> {
    if (!this.#isLeaving) return;
    this.#isLeaving = false;
    // What may not be removed is still there to be switched.
    if (!isRemoved) return;
    const { clock, input } = this.#options;
    await clock.sleep(LAST_WORD_MS, signal);
    input.withdrawn();
  }

  async #look(
    link: Link,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const { announced } = this.#options;
    const filters = keptFilters(announced);
    const heat = heatTopic(announced);
    const asked = [
      ...new Set([...filters, ...heat === undefined ? [] : [heat]]),
    ];
    const kept = new Map<string, string>();
    this.#kept = kept;
    try {
      const denied = await link.subscribe(asked);
      if (denied.length > 0 && !this.#isDenialTold) {
        this.#isDenialTold = true;
        log.warn(
          "What an earlier configuration left on the broker is not removed, as the broker denies to read it; see kolikko acl",
          { topics: denied.map(({ topic }) => topic).join(", ") },
        );
      }
      if (denied.length < asked.length) {
        await this.#options.clock.sleep(KEPT_MS, signal);
      }
      // Of what we say the switch alone comes back: somebody may remove it.
      await link.unsubscribe(filters.filter((filter) => filter !== heat));
    } finally {
      this.#kept = undefined;
    }
    return kept;
  }

  /** False if the broker denies one of them. */
  async #publish(link: Link, changes: readonly Change[]): Promise<boolean> {
    let isAllowed = true;
    for (const [topic, payload] of changes) {
      try {
        await link.publish(topic, payload, { retain: true });
      } catch (error) {
        if (!(error instanceof PublishDenied)) throw error;
        log.warn(
          "What an earlier configuration left cannot be changed, as the broker denies to write the topic; see kolikko acl",
          { topic, reason: error.message },
        );
        isAllowed = false;
        continue;
      }
      if (payload === "") {
        log.info("Removed what an earlier configuration left", { topic });
      }
    }
    return isAllowed;
  }
}
