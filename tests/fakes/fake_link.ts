/** A connection to the FakeBroker. */

import type {
  Denied,
  Link,
  Message,
  PublishOptions,
} from "../../lib/mqtt/link.ts";
import { MessageBuffer } from "../../lib/mqtt/message_buffer.ts";
import { CLOSED_BY_US, GIVEN_UP } from "../../lib/mqtt/reasons.ts";

/** What a connection asks of its broker. */
export interface FakeBrokerSide {
  now(): number;
  /** Resolves when the broker would answer: at once unless it is frozen. */
  answering(): Promise<void>;
  subscribe(link: FakeLink, topics: readonly string[]): readonly Denied[];
  unsubscribe(link: FakeLink, topics: readonly string[]): void;
  publish(link: FakeLink, message: OutgoingMessage): void;
  /** The connection ends in order: without its will. */
  leave(link: FakeLink): void;
  /** It ends without a word. */
  vanish(link: FakeLink): void;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** With QoS 0. */
  readonly isFleeting?: boolean;
}

export class FakeLink implements Link {
  readonly protocol: "5" | "3.1.1";
  readonly clientId: string;
  readonly isResumed: boolean;
  heardAt: number;
  readonly closed: Promise<string>;
  readonly messages: AsyncIterable<Message>;
  readonly #broker: FakeBrokerSide;
  readonly #buffer = new MessageBuffer({ limit: 1000, onFull() {} });
  readonly #over = Promise.withResolvers<string>();
  #reason: string | undefined;

  constructor(
    broker: FakeBrokerSide,
    client: {
      clientId: string;
      protocol: "5" | "3.1.1";
      isResumed: boolean;
    },
  ) {
    this.#broker = broker;
    this.clientId = client.clientId;
    this.protocol = client.protocol;
    this.isResumed = client.isResumed;
    this.heardAt = broker.now();
    this.closed = this.#over.promise;
    this.messages = this.#buffer;
  }

  get isOver(): boolean {
    return this.#reason !== undefined;
  }

  taken(): Promise<void> {
    return this.#buffer.taken();
  }

  async subscribe(topics: readonly string[]): Promise<readonly Denied[]> {
    await this.#answer();
    return this.#broker.subscribe(this, topics);
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#answer();
    this.#broker.unsubscribe(this, topics);
  }

  async publish(
    topic: string,
    payload: string,
    { retain }: PublishOptions,
  ): Promise<void> {
    await this.#answer();
    this.#broker.publish(this, { topic, payload, retain });
  }

  close(): Promise<void> {
    if (this.#reason === undefined) {
      this.#broker.leave(this);
      this.end(CLOSED_BY_US);
    }
    return Promise.resolve();
  }

  destroy(): void {
    if (this.#reason !== undefined) return;
    this.end(GIVEN_UP);
    this.#broker.vanish(this);
  }

  /** Gives the reader a message. */
  deliver(message: OutgoingMessage, kept = false): void {
    this.heardAt = this.#broker.now();
    const payload = new TextEncoder().encode(message.payload);
    this.#buffer.push({ ...message, payload, kept });
  }

  /** Ends the connection for this reason. */
  end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#buffer.end();
    this.#over.resolve(reason);
  }

  async #answer(): Promise<void> {
    if (this.#reason === undefined) {
      await Promise.race([this.#broker.answering(), this.closed]);
    }
    if (this.#reason !== undefined) {
      throw new Error(`Connection is over: ${this.#reason}`);
    }
    this.heardAt = this.#broker.now();
  }
}
