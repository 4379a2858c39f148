/** Connects to the broker with mqtt.js: one library client for each connection. */

import { Socket } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { systemClock } from "../clock.ts";
import type { BrokerLog } from "./broker_log.ts";
import {
  failureWords,
  type Outcome,
  shownUrl,
  TryFailed,
} from "./connect_failure.ts";
import {
  type BrokerSettings,
  type Connect,
  ConnectError,
  type Link,
} from "./link.ts";
import type { MessageSubject } from "./message_buffer.ts";
import { MqttLink } from "./mqtt_link.ts";
import { mqttOptions, readSecrets, type Secrets } from "./mqtt_options.ts";
import { ProtocolChoice } from "./protocol_choice.ts";

/** Covers the name, the socket, TLS, the log-in, and a second protocol. */
const CONNECT_MS_MAX = 10_000;

export interface ConnectOptions {
  readonly log: BrokerLog;
  readonly connectTimeoutMs?: number;
  /** The controller's own clock, where that is not the system's. */
  readonly now?: () => number;
  /** What must not be pushed out where too much comes at once. */
  readonly subject?: MessageSubject;
}

/** Prepares to connect; each call of the result makes one try. */
export function createConnect(
  settings: BrokerSettings,
  options: ConnectOptions,
): Connect {
  const connector = new Connector(settings, options);
  return (signal) => connector.connect(signal);
}

class Connector {
  readonly #settings: BrokerSettings;
  readonly #log: BrokerLog;
  readonly #timeoutMs: number;
  readonly #choice: ProtocolChoice;
  readonly #subject: MessageSubject | undefined;
  readonly #now: () => number;
  /** A broker had our CONNECT, and did not answer in time: it may begin a session for it. */
  #isUnanswered = false;

  constructor(settings: BrokerSettings, options: ConnectOptions) {
    this.#settings = settings;
    this.#log = options.log;
    this.#timeoutMs = options.connectTimeoutMs ?? CONNECT_MS_MAX;
    this.#choice = new ProtocolChoice(settings.protocol);
    this.#subject = options.subject;
    this.#now = options.now ?? systemClock.now;
  }

  async connect(signal: AbortSignal): Promise<Link> {
    const done = new AbortController();
    const late = new AbortController();
    void systemClock.sleep(this.#timeoutMs, done.signal).then(() =>
      late.abort()
    );
    const limit = AbortSignal.any([signal, late.signal]);
    try {
      return await this.#try(limit);
    } catch (error) {
      if (!(error instanceof TryFailed)) throw error;
      const isLate = error.outcome.kind === "aborted" && !signal.aborted;
      throw this.#error(
        isLate ? { kind: "timeout", afterMs: this.#timeoutMs } : error.outcome,
      );
    } finally {
      done.abort();
    }
  }

  async #try(limit: AbortSignal): Promise<Link> {
    const secrets = await readSecrets(this.#settings, limit);
    try {
      return await this.#open(secrets, limit);
    } catch (error) {
      if (!(error instanceof TryFailed)) throw error;
      if (this.#choice.failed(error.outcome) === "later") throw error;
      return await this.#open(secrets, limit);
    }
  }

  async #open(secrets: Secrets, limit: AbortSignal): Promise<Link> {
    const protocol = this.#choice.next;
    const client = this.#client(secrets);
    const link = new MqttLink(client, {
      protocol,
      clientId: this.#settings.clientId,
      log: this.#log,
      clock: systemClock,
      now: this.#now,
      isDoubtful: this.#isUnanswered,
      subject: this.#subject,
    });
    const outcome = await opened(client, limit);
    if (outcome !== undefined) {
      this.#isUnanswered ||= outcome.kind === "aborted" &&
        isReached(client.stream);
      link.destroy();
      throw new TryFailed(outcome);
    }
    this.#isUnanswered = false;
    sendAtOnce(client.stream);
    // A timer of the library runs out now; it must not outlive a link that
    // is closed at once.
    await systemClock.sleep(0);
    if (this.#choice.succeeded()) {
      this.#log.info("Speaking MQTT with the broker", { protocol });
    }
    return link;
  }

  #client(secrets: Secrets): MqttClient {
    try {
      return mqtt.connect(mqttOptions({
        settings: this.#settings,
        secrets,
        protocol: this.#choice.next,
        connectTimeoutMs: this.#timeoutMs,
      }));
    } catch (error) {
      // Damaged certificates and impossible addresses are found here already.
      if (!(error instanceof Error)) throw error;
      throw new TryFailed(errorOutcome(error));
    }
  }

  #error(outcome: Outcome): ConnectError {
    const { url } = this.#settings;
    const words = failureWords(outcome, this.#settings, this.#choice.next);
    return new ConnectError(`Cannot connect to "${shownUrl(url)}" as ${words}`);
  }
}

/** Waits for the broker's answer; undefined is a connection. */
function opened(
  client: MqttClient,
  limit: AbortSignal,
): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    const finish = (outcome: Outcome | undefined) => {
      limit.removeEventListener("abort", abort);
      resolve(outcome);
    };
    const abort = () => finish({ kind: "aborted" });
    if (limit.aborted) return abort();
    limit.addEventListener("abort", abort);
    client.once("connect", () => finish(undefined));
    client.on("error", (error) => finish(errorOutcome(error)));
    client.once("close", () => finish({ kind: "closed" }));
    // The library keeps errors without a code to itself, websockets' for one.
    const stream: ErrorEvents = client.stream;
    stream.on("error", (error) => finish(errorOutcome(error)));
  });
}

interface ErrorEvents {
  on(name: "error", listener: (error: Error) => void): unknown;
}

/** Did anybody take the connection, so that our CONNECT is out? Websockets do not tell. */
function isReached(stream: MqttClient["stream"]): boolean {
  return stream instanceof Socket && !stream.connecting;
}

/** Nagle's algorithm would hold small messages back for up to 40 ms. */
function sendAtOnce(stream: MqttClient["stream"]): void {
  // Websockets have no such switch here; their library does it itself. Not
  // before the broker has answered: Deno 2.6 would lose a TLS connection.
  if (!(stream instanceof Socket)) return;
  try {
    stream.setNoDelay(true);
  } catch (error) {
    // The broker has closed the socket behind its answer; the link tells.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function errorOutcome(error: Error): Outcome {
  const inner = error instanceof AggregateError ? error.errors[0] : undefined;
  const code = "code" in error ? error.code : inner?.code;
  if (typeof code === "number") return { kind: "refused", code };
  // A broken connection says no more than a closed one.
  if (code === "ECONNRESET" || code === "EPIPE") return { kind: "closed" };
  const text = error.message === "" ? String(inner?.message) : error.message;
  return { kind: "error", code: String(code ?? ""), text };
}
