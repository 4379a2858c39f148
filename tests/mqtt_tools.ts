/** What the tests of real connections share. */

import type { BrokerSettings, Link } from "../lib/mqtt/link.ts";

const ANSWER_MS_MAX = 10_000;

/** Settings for a broker at this address, with what a test wants else. */
export function settingsFor(
  url: string,
  others: Partial<BrokerSettings> = {},
): BrokerSettings {
  return {
    url,
    clientId: "rig",
    username: undefined,
    password: undefined,
    passwordFile: undefined,
    protocol: "auto",
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    keepaliveS: 30,
    sessionMs: 600_000,
    willTopic: "/rig/availability",
    ...others,
  };
}

/** A signal that nobody aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** The promise's value; an error if that takes too long. */
export async function within<T>(
  promise: Promise<T>,
  ms = ANSWER_MS_MAX,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Not in ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a link's messages as text. */
export class Inbox {
  readonly #messages: AsyncIterator<{
    topic: string;
    payload: Uint8Array;
    retain: boolean;
    kept: boolean;
  }>;

  constructor(link: Link) {
    this.#messages = link.messages[Symbol.asyncIterator]();
  }

  /** The next message, as `topic=payload`, `(retained)` or `(kept)` behind it; undefined at the end. */
  async next(): Promise<string | undefined> {
    const { done, value } = await within(this.#messages.next());
    if (done) return undefined;
    const payload = new TextDecoder().decode(value.payload);
    const how = value.retain ? " (retained)" : value.kept ? " (kept)" : "";
    return `${value.topic}=${payload}${how}`;
  }
}
