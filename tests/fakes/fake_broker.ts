/** A broker in memory, for tests: it fails when it is told to. */

import type { Clock } from "../../lib/clock.ts";
import {
  type Connect,
  ConnectError,
  type Denied,
  type Link,
  PublishDenied,
} from "../../lib/mqtt/link.ts";
import { takenOverReason } from "../../lib/mqtt/reasons.ts";
import {
  type FakeBrokerSide,
  FakeLink,
  type OutgoingMessage,
} from "./fake_link.ts";
import { topicMatches } from "./topic_matches.ts";

const KEEPALIVE_REASON = "the broker does not answer any more (keepalive)";

export interface FakeClient {
  readonly clientId?: string;
  readonly protocol?: "5" | "3.1.1";
  readonly will?: OutgoingMessage;
  /** The will waits for so long for the same client to return; needs a clock. */
  readonly willDelayMs?: number;
  /** Subscriptions and messages outlive a cut for so long; needs a clock. */
  readonly sessionMs?: number;
  /** A frozen broker is noticed after one and a half of it; needs a clock. */
  readonly keepaliveMs?: number;
}

/** A message that the broker took, in the order of `FakeBroker.published`. */
export interface Published extends OutgoingMessage {
  /** A client id, `outside` or `will`. */
  readonly from: string;
  readonly at: number;
}

interface Session {
  readonly filters: Set<string>;
  readonly client: FakeClient;
  /** Undefined while the client is away. */
  link: FakeLink | undefined;
  /** When it is forgotten, while the client is away. */
  until: number;
  readonly queue: OutgoingMessage[];
}

/** An MQTT broker without a network. */
export class FakeBroker {
  /** All that was published, by whomever. */
  readonly published: Published[] = [];
  /** Exact topics or filters that are refused. */
  readonly denySubscribe = new Set<string>();
  readonly denyPublish = new Set<string>();
  /** Exact topics or filters over which it ends the connection, as RabbitMQ does. */
  readonly endSubscribe = new Set<string>();
  readonly endPublish = new Set<string>();
  /** Exact topics whose messages reach nobody, without a word, as with Mosquitto. */
  readonly denyDelivery = new Set<string>();
  /** Does it say of what it kept that it was kept? */
  marksKept = true;
  /** How long after a subscription it hands out what it kept; needs a clock. */
  handsOutAfterMs = 0;
  /** Why every try to connect fails, if it does. */
  refusal: string | undefined;
  /** Tries to connect, failed ones included. */
  tries = 0;
  readonly #clock: Clock | undefined;
  readonly #retained = new Map<string, string>();
  readonly #sessions = new Map<string, Session>();
  #down = false;
  #thawed: PromiseWithResolvers<void> | undefined;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock;
  }

  /** How a client connects: what `createConnect()` is for the real broker. */
  connect(client: FakeClient = {}): Connect {
    return (signal) => this.#connect(client, signal);
  }

  /** Publishes from outside, as a thermostat would. */
  publish(
    topic: string,
    payload: string,
    options: Pick<OutgoingMessage, "retain" | "isFleeting"> = { retain: false },
  ): void {
    this.#take("outside", { topic, payload, ...options });
  }

  /** What a new subscriber would find on the topic. */
  retained(topic: string): string | undefined {
    return this.#retained.get(topic);
  }

  /** The payloads that were published to a topic, by whomever. */
  payloads(topic: string): string[] {
    const onTopic = this.published.filter((each) => each.topic === topic);
    return onTopic.map((each) => each.payload);
  }

  /** The broker dies: nobody's will is sent, nobody can connect. */
  kill(reason = "the broker closed the connection"): void {
    this.#down = true;
    for (const session of this.#sessions.values()) session.link?.end(reason);
    this.#sessions.clear();
  }

  /** It runs again, with what was retained, as a broker with a database does. */
  restart(): void {
    this.#down = false;
  }

  /** Forgets what was retained, as a broker without a database does. */
  forget(): void {
    this.#retained.clear();
  }

  /** Breaks the connections, or that of one client: wills are sent. */
  cut(clientId?: string, reason = "the broker closed the connection"): void {
    for (const [id, session] of [...this.#sessions]) {
      if (clientId !== undefined && id !== clientId) continue;
      if (session.link === undefined) continue;
      session.link.end(reason);
      this.#away(id, session);
    }
  }

  /** So much time passed for the broker alone: sessions of those who are away end. */
  pass(ms: number): void {
    for (const session of this.#sessions.values()) session.until -= ms;
  }

  /** Keeps the connections open and answers nothing any more. */
  freeze(): void {
    const thawed = Promise.withResolvers<void>();
    this.#thawed = thawed;
    for (const session of this.#sessions.values()) {
      const { link, client: { keepaliveMs } } = session;
      if (keepaliveMs === undefined) continue;
      this.#later(1.5 * keepaliveMs, () => {
        if (this.#thawed === thawed) link?.end(KEEPALIVE_REASON);
      });
    }
  }

  thaw(): void {
    this.#thawed?.resolve();
    this.#thawed = undefined;
  }

  async #connect(client: FakeClient, signal: AbortSignal): Promise<Link> {
    this.tries++;
    const stopped = Promise.withResolvers<void>();
    const stop = () => stopped.resolve();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    await Promise.race([this.#thawed?.promise, stopped.promise]);
    signal.removeEventListener("abort", stop);
    if (signal.aborted) throw refused("the program was asked to stop");
    if (this.#down) throw refused("nothing listens on port 1883 there");
    if (this.refusal !== undefined) throw refused(this.refusal);
    return this.#accept(client);
  }

  #accept(client: FakeClient): Link {
    const id = client.clientId ?? "kolikko1";
    const old = this.#sessions.get(id);
    if (old?.link !== undefined) {
      old.link.end(takenOverReason(id));
      this.#away(id, old);
    }
    const kept = this.#sessions.get(id);
    const isKept = kept !== undefined && kept.until > this.#now();
    const protocol = client.protocol ?? "5";
    const link = new FakeLink(this.#side(), {
      clientId: id,
      protocol,
      isResumed: isKept,
    });
    this.#sessions.set(id, {
      client,
      link,
      filters: new Set(isKept ? kept.filters : []),
      until: Infinity,
      queue: [],
    });
    if (isKept) {
      for (const message of kept.queue) {
        link.deliver(message, true);
      }
    }
    return link;
  }

  /** The client is gone without a word: its will is due, its session may wait. */
  #away(id: string, session: Session): void {
    const { will, willDelayMs = 0, sessionMs = 0 } = session.client;
    session.link = undefined;
    session.until = this.#now() + sessionMs;
    if (sessionMs === 0) this.#sessions.delete(id);
    if (will === undefined) return;
    const send = () => {
      const isBack = willDelayMs > 0 && this.#sessions.get(id)?.link;
      if (!isBack && !this.#down) this.#take("will", will);
    };
    willDelayMs === 0 ? send() : this.#later(willDelayMs, send);
  }

  #side(): FakeBrokerSide {
    return {
      // Without a clock nothing was heard long ago.
      now: () => this.#clock?.now() ?? Infinity,
      answering: () => this.#thawed?.promise ?? Promise.resolve(),
      subscribe: (link, topics) => this.#subscribe(link, topics),
      unsubscribe: (link, topics) => {
        const filters = this.#sessions.get(link.clientId)?.filters;
        for (const topic of topics) filters?.delete(topic);
      },
      publish: (link, message) => {
        if (this.endPublish.has(message.topic)) this.#throwOut(link);
        if (this.denyPublish.has(message.topic)) {
          throw new PublishDenied(
            `Cannot publish to "${message.topic}" as the broker refuses it`,
          );
        }
        this.#take(link.clientId, message);
      },
      leave: (link) => {
        this.#sessions.delete(link.clientId);
      },
      vanish: (link) => {
        const session = this.#sessions.get(link.clientId);
        if (session?.link === link) this.#away(link.clientId, session);
      },
    };
  }

  #subscribe(link: FakeLink, topics: readonly string[]): readonly Denied[] {
    const denied: Denied[] = [];
    if (topics.some((topic) => this.endSubscribe.has(topic))) {
      this.#throwOut(link);
    }
    for (const topic of topics) {
      if (this.denySubscribe.has(topic)) {
        this.#sessions.get(link.clientId)?.filters.delete(topic);
        denied.push({ topic, reason: "not authorized" });
        continue;
      }
      this.#sessions.get(link.clientId)?.filters.add(topic);
      for (const [at, payload] of this.#retained) {
        if (!topicMatches(topic, at)) continue;
        const message = { topic: at, payload, retain: this.marksKept };
        const give = () => link.deliver(message);
        const waitMs = this.handsOutAfterMs;
        waitMs === 0 ? give() : this.#later(waitMs, give);
      }
    }
    return denied;
  }

  /** As whoever asks sees it: his question is not answered. */
  #throwOut(link: FakeLink): never {
    const reason = "the broker closed the connection";
    this.cut(link.clientId, reason);
    throw new Error(`Connection is over: ${reason}`);
  }

  #take(from: string, message: OutgoingMessage): void {
    const { topic, payload, retain } = message;
    this.published.push({ topic, payload, retain, from, at: this.#now() });
    if (retain && payload === "") this.#retained.delete(topic);
    else if (retain) this.#retained.set(topic, payload);
    if (this.denyDelivery.has(topic)) return;
    for (const { link, filters, until, queue } of this.#sessions.values()) {
      if (until <= this.#now()) continue;
      if (![...filters].some((filter) => topicMatches(filter, topic))) continue;
      // Whoever listens gets a live message as such, however it was sent.
      if (link?.isOver === false) link.deliver({ ...message, retain: false });
      else if (message.isFleeting !== true) queue.push(message);
    }
  }

  #now(): number {
    return this.#clock?.now() ?? 0;
  }

  #later(ms: number, then: () => void): void {
    if (this.#clock === undefined) throw new Error("FakeBroker needs a clock");
    void this.#clock.sleep(ms).then(then);
  }
}

function refused(why: string): ConnectError {
  return new ConnectError(`Cannot connect to "mqtt://fake" as ${why}`);
}
