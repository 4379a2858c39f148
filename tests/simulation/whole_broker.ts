/** The broker of the whole simulated world, and those who speak on it besides us. */

import type { Clock } from "../../lib/clock.ts";
import type { Connect } from "../../lib/mqtt/link.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { type BrokerDeed, textOf, type WorldEvent } from "./script.ts";
import { TOPICS } from "./topicboard.ts";

export class WholeBroker {
  readonly fake: FakeBroker;
  /** How the controller connects. */
  readonly connect: Connect;
  readonly #clientId: string;
  #isUp = true;
  #isFrozen = false;

  constructor(clock: Clock, clientId: string, sessionMs: number) {
    this.fake = new FakeBroker({ clock });
    // An earlier run has left it there, so that the broker's marks are known.
    this.fake.publish(TOPICS.availability, "offline", { retain: true });
    this.fake.published.length = 0;
    this.#clientId = clientId;
    this.connect = this.fake.connect({
      clientId,
      keepaliveMs: 30_000,
      sessionMs,
      will: { topic: TOPICS.availability, payload: "offline", retain: true },
    });
  }

  /** Does it take messages? */
  get answers(): boolean {
    return this.#isUp && !this.#isFrozen;
  }

  /** Can the rig reach it? */
  get isReachable(): boolean {
    return this.answers && this.fake.refusal === undefined;
  }

  say(event: Extract<WorldEvent, { kind: "say" }>): void {
    const retain = event.retain ?? false;
    if (this.answers) {
      const topic = event.isLevel ? TOPICS.levelSet : TOPICS.command;
      this.fake.publish(topic, textOf(event), { retain });
    }
  }

  thermostat(state: "online" | "offline"): void {
    if (this.answers) {
      this.fake.publish(TOPICS.thermostatStatus, state, { retain: true });
    }
  }

  /** While the rig stood still the broker lost it, and others spoke on. */
  meanwhile(forMs: number, says: readonly string[]): void {
    if (!this.answers) return;
    if (forMs >= 45_000) this.fake.cut(this.#clientId);
    this.fake.pass(forMs);
    for (const text of says) {
      this.fake.publish(TOPICS.command, text, { retain: false });
    }
  }

  async does(deed: BrokerDeed): Promise<void> {
    switch (deed) {
      case "kill":
        this.#isUp = false;
        return this.fake.kill();
      case "restart":
        this.#isUp = true;
        return this.fake.restart();
      case "freeze":
        this.#isFrozen = true;
        return this.fake.freeze();
      case "thaw":
        this.#isFrozen = false;
        return this.fake.thaw();
      case "cut":
        return this.fake.cut(this.#clientId);
      case "unplug":
        this.fake.refusal = "the network is down";
        return this.fake.cut(this.#clientId);
      case "plug":
        this.fake.refusal = undefined;
        return;
      case "take_over":
        return await this.#takeOver();
      case "forget":
        return this.fake.forget();
      case "deny":
        this.fake.denySubscribe.add(TOPICS.command);
        return;
      case "allow":
        this.fake.denySubscribe.delete(TOPICS.command);
        return;
    }
  }

  /** A stranger with our id. */
  async #takeOver(): Promise<void> {
    if (!this.answers) return;
    const connect = this.fake.connect({ clientId: this.#clientId });
    await connect(new AbortController().signal);
  }
}
