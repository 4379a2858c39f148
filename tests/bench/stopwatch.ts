/** Says ON and OFF to a heater, and times what follows: all moments by one clock. */

import mqtt, { type MqttClient } from "mqtt";
import type { Heater } from "./heaters.ts";

const PATIENCE_MS = 10_000;
/** Long enough for what a round sets going to come to rest. */
const REST_MS = 120;

/** What one round took, in milliseconds. */
export interface Round {
  readonly started: number;
  readonly statusOn: number;
  readonly dead: number;
  readonly statusOff: number;
}

/** The thermostat's side of the broker. */
export class Stopwatch implements AsyncDisposable {
  readonly #client: MqttClient;
  #onStatus = (_topic: string, _payload: string, _at: number) => {};

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, payload) => {
      this.#onStatus(topic, payload.toString(), performance.now());
    });
  }

  /** Connects, and hears the heaters' `status` alone: what else they say would cost time here. */
  static async join(port: number): Promise<Stopwatch> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
    const stream: unknown = Reflect.get(client, "stream");
    if (stream instanceof Object && "setNoDelay" in stream) {
      const { setNoDelay } = stream;
      if (setNoDelay instanceof Function) setNoDelay.call(stream, true);
    }
    const stopwatch = new Stopwatch(client);
    const topics = ["floor/status", "/kolikko1/heat/status"];
    await client.subscribeAsync(topics, { qos: 1 });
    return stopwatch;
  }

  /** Says OFF until the heater answers: from then on it listens. */
  async untilReady({ base }: Pick<Heater, "base">): Promise<void> {
    const answered = this.#status(base, "OFF");
    const timer = setInterval(() => void this.#say(base, "OFF"), 200);
    try {
      await inTime(answered, `${base}/status OFF`);
    } finally {
      clearInterval(timer);
    }
    await rest(500);
  }

  /** ON, wait, OFF, wait. */
  async round({ base, pipe }: Heater): Promise<Round> {
    const opened = Deno.open(pipe).then((file) => ({
      file,
      at: performance.now(),
    }));
    await rest(REST_MS);
    const on = this.#status(base, "ON");
    const onAt = performance.now();
    this.#say(base, "ON");
    const statusOn = await inTime(on, `${base}/status ON`) - onAt;
    const { file, at } = await inTime(opened, `the child of ${base}`);
    using _file = file;
    const closed = file.read(new Uint8Array(1)).then(() => performance.now());
    await rest(REST_MS);
    const off = this.#status(base, "OFF");
    const offAt = performance.now();
    this.#say(base, "OFF");
    const dead = await inTime(closed, `the child's end of ${base}`) - offAt;
    const statusOff = await inTime(off, `${base}/status OFF`) - offAt;
    return { started: at - onAt, statusOn, dead, statusOff };
  }

  /** Says a word, without waiting for the broker's receipt. */
  #say(base: string, word: "ON" | "OFF"): void {
    this.#client.publish(base, word, { qos: 1 });
  }

  /** When the heater's `status` says this the next time. */
  #status(base: string, wanted: "ON" | "OFF"): Promise<number> {
    return new Promise((resolve) => {
      this.#onStatus = (topic, payload, at) => {
        if (topic === `${base}/status` && payload === wanted) resolve(at);
      };
    });
  }

  /** Turns heating on and waits until `status` says so. */
  async heat(base: string): Promise<void> {
    const on = this.#status(base, "ON");
    this.#say(base, "ON");
    await inTime(on, `${base}/status ON`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** Waits. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Waited in vain for ${what}`)),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
