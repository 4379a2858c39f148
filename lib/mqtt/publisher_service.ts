/** PublisherService: drains the OutputBuffer to the broker, newest state of each topic only. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
import type { Doorbell } from "../doorbell.ts";
import type { OutputBuffer, Publication } from "../output_buffer.ts";
import { type Link, PublishDenied } from "./link.ts";

const log = getLogger(["kolikko", "publisher"]);

/** While not connected there is nothing to do but wait for the doorbell. */
const REST_MS = 60_000;
/** An access list may be changed while a connection stands: what is denied is said again after so long. */
const SAY_AGAIN_MS = 60_000;

export interface PublisherServiceOptions {
  readonly output: OutputBuffer;
  readonly doorbell: Doorbell;
  readonly clock: Clock;
  readonly availabilityTopic: string;
  /** Told which topics the broker refuses on the present connection. */
  readonly onDenied: (topics: readonly string[]) => void;
}

/** Sends what is marked in the OutputBuffer, whenever there is a connection. */
export class PublisherService {
  readonly #options: PublisherServiceOptions;
  readonly #denied = new Set<string>();
  #sayAgainAt = Infinity;
  #link: Link | undefined;
  #fresh = false;
  #busy = false;

  constructor(options: PublisherServiceOptions) {
    this.#options = options;
  }

  /** The connection to publish on from now on. */
  use(link: Link | undefined): void {
    // What happened while nobody could be told is in the states by now.
    if (this.#link === undefined) this.#options.output.dropEvents();
    this.#link = link;
    this.#fresh = link !== undefined;
    this.#options.doorbell.ring();
  }

  /** Says everything again, `online` first. */
  sayAll(): void {
    this.#fresh = this.#link !== undefined;
    this.#options.doorbell.ring();
  }

  /** Is all sent and acknowledged, or nobody there to send it to? */
  get isIdle(): boolean {
    if (this.#link === undefined) return true;
    return !this.#busy && !this.#fresh && this.#options.output.isDrained;
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { output, doorbell, clock, availabilityTopic } = this.#options;
    while (!signal.aborted) {
      const link = this.#link;
      this.#busy = true;
      if (link !== undefined && this.#fresh) {
        this.#fresh = false;
        this.#forgive();
        output.repeatAll();
        await this.#send(link, [
          { topic: availabilityTopic, payload: "online" },
          ...output.drain(),
        ]);
      } else if (link !== undefined && !output.isDrained) {
        await this.#send(link, output.drain());
      } else if (link !== undefined && clock.now() >= this.#sayAgainAt) {
        await this.#sayAgain(link);
      } else {
        this.#busy = false;
        const waitMs = Math.min(REST_MS, this.#sayAgainAt - clock.now());
        await doorbell.wait(waitMs, clock, signal);
      }
    }
  }

  /** Waits until all is sent and acknowledged, at most `limitMs`. */
  async settled(limitMs: number): Promise<void> {
    const { clock } = this.#options;
    const endAt = clock.now() + limitMs;
    while (!this.isIdle && clock.now() < endAt) await clock.sleep(5);
  }

  /** On an end that is not proven OFF: what is known is sent, and the will speaks the last word. */
  async abandon(limitMs: number): Promise<void> {
    await this.settled(limitMs);
    this.#link?.destroy();
    this.#link = undefined;
  }

  /** Last words, after the proof of OFF: all that is left, then `offline`, then an orderly end. */
  async finish(limitMs: number): Promise<void> {
    const { clock, output, availabilityTopic } = this.#options;
    const endAt = clock.now() + limitMs;
    // A broker that has come back is worth a moment: it may keep an old "online".
    while (this.#link === undefined && clock.now() < endAt) {
      await clock.sleep(20);
    }
    await this.settled(Math.max(endAt - clock.now(), 0));
    const link = this.#link;
    if (link === undefined) return;
    await Promise.race([
      this.#send(link, [
        // Here `run()` may have failed.
        ...output.drain(),
        { topic: availabilityTopic, payload: "offline" },
      ]),
      clock.sleep(limitMs),
    ]);
    // It broke: then the will is all that can be said.
    if (this.#link !== link) return;
    this.#link = undefined;
    await link.close();
  }

  async #send(link: Link, publications: readonly Publication[]): Promise<void> {
    await Promise.all(publications.map(async ({ topic, payload, isEvent }) => {
      try {
        await link.publish(topic, payload, { retain: isEvent !== true });
        this.#allowed(topic);
      } catch (error) {
        this.#failed(link, topic, error);
      }
    }));
  }

  /** Asks whether what was denied is allowed by now. */
  async #sayAgain(link: Link): Promise<void> {
    const { output, availabilityTopic } = this.#options;
    this.#sayAgainAt = Infinity;
    for (const topic of this.#denied) output.repeat(topic);
    const isHidden = this.#denied.has(availabilityTopic);
    await this.#send(link, [
      ...isHidden ? [{ topic: availabilityTopic, payload: "online" }] : [],
      ...output.drain(),
    ]);
    if (this.#denied.size > 0) this.#sayAgainLater();
  }

  #sayAgainLater(): void {
    this.#sayAgainAt = this.#options.clock.now() + SAY_AGAIN_MS;
  }

  #allowed(topic: string): void {
    if (this.#denied.delete(topic)) this.#options.onDenied([...this.#denied]);
  }

  /** Another connection may be allowed more. */
  #forgive(): void {
    if (this.#denied.size === 0) return;
    this.#sayAgainAt = Infinity;
    this.#denied.clear();
    this.#options.onDenied([]);
  }

  /** What a broken connection did not take is sent on the next one, as it is then. */
  #failed(link: Link, topic: string, error: unknown): void {
    if (!(error instanceof PublishDenied)) {
      if (this.#link !== link) return;
      this.#link = undefined;
      log.warn("A message was not acknowledged; connecting anew", {
        topic,
        error: wordsOf(error),
      });
      link.destroy();
      return;
    }
    if (this.#denied.has(topic)) return;
    if (this.#denied.size === 0) this.#sayAgainLater();
    this.#denied.add(topic);
    this.#options.onDenied([...this.#denied]);
    log.error(
      "The broker denies a message: allow this rig to write the topic",
      { topic, reason: error.message },
    );
  }
}
