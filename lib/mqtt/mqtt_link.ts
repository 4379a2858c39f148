/** One connection of the MQTT library as a Link. */

import type { MqttClient } from "mqtt";
import type { Clock } from "../clock.ts";
import type { BrokerLog } from "./broker_log.ts";
import {
  type Denied,
  type Link,
  type Message,
  PublishDenied,
  type PublishOptions,
} from "./link.ts";
import { MessageBuffer, type MessageSubject } from "./message_buffer.ts";
import {
  CLOSED_BY_US,
  denialReason,
  disconnectReason,
  GIVEN_UP,
} from "./reasons.ts";
import { Slots } from "./slots.ts";

const MESSAGES_MAX = 1000;
const ANSWER_MS_MAX = 30_000;
/** So many publishes may wait for the broker's answer; fewer if it says so. */
const PUBLISHES_MAX = 16;

/** How long unanswered publishes may hold up an orderly end. */
const ACKS_MS_MAX = 1000;
/** After so long the orderly end becomes a hard one. */
const CLOSE_MS_MAX = 1700;
/** How long the socket may take to go away after the hard end. */
const GONE_MS_MAX = 250;

export interface MqttLinkSpec {
  readonly protocol: "5" | "3.1.1";
  readonly clientId: string;
  readonly log: BrokerLog;
  readonly clock: Clock;
  /** Tells the moments of `heardAt`. */
  readonly now: () => number;
  readonly isDoubtful?: boolean;
  readonly subject?: MessageSubject | undefined;
}

/** A connection of mqtt.js; it begins to listen before the broker has answered. */
export class MqttLink implements Link {
  readonly protocol: "5" | "3.1.1";
  readonly closed: Promise<string>;
  readonly messages: AsyncIterable<Message>;
  readonly isDoubtful: boolean;
  readonly #client: MqttClient;
  readonly #clock: Clock;
  readonly #buffer: MessageBuffer;
  readonly #over = Promise.withResolvers<string>();
  readonly #gone = Promise.withResolvers<void>();
  /** Brokers throw out whoever has more publishes open than they allow. */
  readonly #publishes = new Slots(PUBLISHES_MAX);
  /** Fails each answer that is still waited for. */
  readonly #waiting = new Set<(error: Error) => void>();
  #isSubscribed = false;
  #isResumed = false;
  #heardAt: number;
  /** Why it ends, if that was said before it ended. */
  #because: string | undefined;
  #reason: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(client: MqttClient, spec: MqttLinkSpec) {
    this.protocol = spec.protocol;
    this.isDoubtful = spec.isDoubtful ?? false;
    this.#client = client;
    this.#clock = spec.clock;
    this.closed = this.#over.promise;
    this.#buffer = new MessageBuffer({
      limit: MESSAGES_MAX,
      onFull: () =>
        spec.log.warn("Dropping the oldest messages as too many wait", {
          limit: MESSAGES_MAX,
        }),
      ...(spec.subject === undefined ? {} : { subject: spec.subject }),
    });
    this.messages = this.#buffer;
    this.#heardAt = spec.now();
    client.on("packetreceive", () => this.#heardAt = spec.now());
    client.on("connect", ({ sessionPresent, properties }) => {
      this.#isResumed = sessionPresent;
      // 0 is no answer that a broker may give.
      const allowed = properties?.receiveMaximum || PUBLISHES_MAX;
      this.#publishes.limit = Math.min(allowed, PUBLISHES_MAX);
    });
    client.on("message", (topic, payload, packet) => {
      // A copy: the library's buffer is a part of all that was received at once.
      const copy = new Uint8Array(payload);
      const kept = !this.#isSubscribed;
      const { retain, qos } = packet;
      const isFleeting = qos === 0;
      this.#buffer.push({ topic, payload: copy, retain, kept, isFleeting });
    });
    client.on("disconnect", (packet) => {
      this.#because ??= disconnectReason(packet.reasonCode ?? 0, spec.clientId);
      this.destroy();
    });
    // An error event that nobody hears would end the whole program.
    client.on("error", (error) => {
      this.#because ??= errorReason(error, spec.clientId);
      this.destroy();
    });
    client.on("close", () => {
      this.#gone.resolve();
      this.#end("the broker closed the connection");
    });
  }

  get isResumed(): boolean {
    return this.#isResumed;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  taken(): Promise<void> {
    return this.#buffer.taken();
  }

  subscribe(topics: readonly string[]): Promise<readonly Denied[]> {
    return this.#ask("subscribe", (done) => {
      // Without "retain as published" the flag means what it says with 3.1.1,
      // too: this comes from the broker's store. Who speaks just now is alive.
      const options = { qos: 1, nl: false, rap: false, rh: 0 } as const;
      this.#client.subscribe([...topics], options, (error, _, packet) => {
        if (error !== null && packet === undefined) return done(error, []);
        this.#isSubscribed = true;
        const codes = packet?.granted ?? [];
        const denied: Denied[] = [];
        topics.forEach((topic, index) => {
          const code = Number(codes[index] ?? 0);
          if (code >= 0x80) denied.push({ topic, reason: denialReason(code) });
        });
        done(undefined, denied);
      });
    });
  }

  unsubscribe(topics: readonly string[]): Promise<void> {
    return this.#ask("unsubscribe", (done) => {
      this.#client.unsubscribe([...topics], (error) => {
        done(error ?? undefined, undefined);
      });
    });
  }

  publish(
    topic: string,
    payload: string,
    { retain }: PublishOptions,
  ): Promise<void> {
    const ask = () =>
      this.#ask<void>(`publish to "${topic}"`, (done) => {
        this.#client.publish(topic, payload, { qos: 1, retain }, (error) => {
          done(error ? publishError(topic, error) : undefined, undefined);
        });
      });
    return this.#publishes.use(ask);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  destroy(): void {
    this.#end(GIVEN_UP);
    this.#client.stream.destroy();
  }

  async #close(): Promise<void> {
    if (this.#reason !== undefined) {
      await this.#waitGone(GONE_MS_MAX);
      return;
    }
    this.#because ??= CLOSED_BY_US;
    const properties = { sessionExpiryInterval: 0 };
    this.#client.end(false, this.protocol === "5" ? { properties } : {});
    if (!await this.#waitGone(ACKS_MS_MAX)) {
      // The library waits for the answers to all publishes, without a limit.
      this.#client.emit("outgoingEmpty");
      await this.#waitGone(CLOSE_MS_MAX - ACKS_MS_MAX);
    }
    this.destroy();
    await this.#waitGone(GONE_MS_MAX);
  }

  async #waitGone(ms: number): Promise<boolean> {
    const stop = new AbortController();
    const limit = this.#clock.sleep(ms, stop.signal).then(() => false);
    const gone = this.#gone.promise.then(() => true);
    const isGone = await Promise.race([gone, limit]);
    stop.abort();
    return isGone;
  }

  #end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = this.#because ?? reason;
    this.#buffer.end();
    this.#over.resolve(this.#reason);
    const error = new Error(`Connection is over: ${this.#reason}`);
    for (const fail of [...this.#waiting]) fail(error);
  }

  /** Waits for the broker's answer, for the connection's end, or for too long. */
  #ask<T>(
    what: string,
    start: (done: (error: Error | undefined, value: T) => void) => void,
  ): Promise<T> {
    const stop = new AbortController();
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        stop.abort();
        this.#waiting.delete(fail);
      };
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      if (this.#reason !== undefined) {
        return reject(
          new Error(`Cannot ${what} as it is over: ${this.#reason}`),
        );
      }
      this.#waiting.add(fail);
      const late = new Error(`Cannot ${what} as the broker does not answer`);
      void this.#clock.sleep(ANSWER_MS_MAX, stop.signal).then(() => {
        if (!stop.signal.aborted) fail(late);
      });
      start((error, value) => {
        // The library says this before it says why; `#end()` follows with the reason.
        if (error !== undefined && isEnding(error)) return;
        if (error !== undefined) return fail(error);
        settle();
        resolve(value);
      });
    });
  }
}

function isEnding(error: Error): boolean {
  return /^(Connection closed|client disconnecting)$/.test(error.message);
}

function publishError(topic: string, error: Error): Error {
  const code = "code" in error ? Number(error.code) : NaN;
  if (!(code >= 0x80)) return error;
  return new PublishDenied(
    `Cannot publish to "${topic}" as the broker refuses it: ` +
      denialReason(code),
  );
}

/** Why a connection that stood is over, by what the library says. */
function errorReason(error: Error, clientId: string): string {
  if (error.message === "Keepalive timeout") {
    return "the broker does not answer any more (keepalive)";
  }
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "number") return disconnectReason(code, clientId);
  return `the connection broke: ${code ?? error.message}`;
}
