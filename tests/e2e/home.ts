/** The other side of the broker for end-to-end tests: what a home would see and say. */

import mqtt, { type MqttClient } from "mqtt";

/** How long a test waits for something that must come, before it fails. */
const PATIENCE_MS = 15_000;

interface Seen {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly at: number;
}

export class Home implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #client: MqttClient;
  readonly #waiting = new Set<() => void>();

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, payload, packet) => {
      this.seen.push({
        topic,
        payload: payload.toString(),
        retain: packet.retain,
        at: performance.now(),
      });
      for (const look of this.#waiting) look();
    });
    client.on("error", () => {});
  }

  /** Connects, and sees all topics. */
  static async join(
    port: number,
    user: { username?: string; password?: string } = {},
  ): Promise<Home> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      ...user,
      clientId: `home-${crypto.randomUUID()}`,
      reconnectPeriod: 100,
      queueQoSZero: false,
    });
    const home = new Home(client);
    const connected = Promise.withResolvers<void>();
    client.once("connect", () => connected.resolve());
    await inTime(connected.promise, "to connect");
    await inTime(client.subscribeAsync("#", { qos: 1 }), "to subscribe");
    return home;
  }

  async say(
    topic: string,
    payload: string | Uint8Array,
    options: { retain?: boolean } = {},
  ): Promise<void> {
    const sent = this.#client.publishAsync(
      topic,
      typeof payload === "string" ? payload : Buffer.from(payload),
      { qos: 1, retain: options.retain ?? false },
    );
    await inTime(sent, `to say ${payload.length} bytes on ${topic}`);
  }

  /** The latest payload of a topic. */
  latest(topic: string): string | undefined {
    return this.seen.findLast((one) => one.topic === topic)?.payload;
  }

  /** All payloads of a topic since a moment, in order. */
  payloads(topic: string, since = 0): string[] {
    return this.seen.filter((one) => one.topic === topic && one.at >= since)
      .map(({ payload }) => payload);
  }

  /** Waits until the latest payload of a topic is this one, or satisfies this; returns it. */
  async until(
    topic: string,
    wanted: string | ((payload: string) => boolean),
    limitMs = PATIENCE_MS,
  ): Promise<string> {
    const fits = (payload: string | undefined) =>
      payload !== undefined &&
      (typeof wanted === "string" ? payload === wanted : wanted(payload));
    await this.#wait(
      () => fits(this.latest(topic)),
      limitMs,
      () => `Waited for ${topic} ${wanted}; it says "${this.latest(topic)}"`,
    );
    return this.latest(topic) ?? "";
  }

  /** Waits until so many payloads came on a topic since a moment. */
  async untilCount(topic: string, count: number, since = 0): Promise<void> {
    await this.#wait(
      () => this.payloads(topic, since).length >= count,
      PATIENCE_MS,
      () => `Waited for ${count} on ${topic}: ${this.payloads(topic, since)}`,
    );
  }

  async #wait(
    isSo: () => boolean,
    limitMs: number,
    complaint: () => string,
  ): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!isSo()) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(complaint()));
      }, limitMs);
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Waited in vain ${what}`)),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
