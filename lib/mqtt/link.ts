/** One connection to the broker, from its acceptance to its end. */

/** A message that arrived. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** From the broker's store; what is said just now never is, however it was sent. */
  readonly retain: boolean;
  /** It came before this connection was subscribed: the broker kept it over an outage. */
  readonly kept: boolean;
  /** Said with QoS 0: had we been away, the broker would not have kept it for us. */
  readonly isFleeting?: boolean;
}

/** A topic filter that the broker refused, and its reason in words. */
export interface Denied {
  readonly topic: string;
  readonly reason: string;
}

export interface PublishOptions {
  readonly retain: boolean;
}

/** Somebody refused a publish although the connection stands. */
export class PublishDenied extends Error {}

/** A live connection. It never reconnects: when it is over, the next one is another Link. */
export interface Link {
  readonly protocol: "5" | "3.1.1";
  /** The broker had kept our session: what was said meanwhile comes now. */
  readonly isResumed: boolean;
  /** That session may have begun with a try that was never answered: before that it kept nothing. */
  readonly isDoubtful?: boolean;
  /** When the latest packet came from the broker (monotonic milliseconds). */
  readonly heardAt: number;
  /** Resolves when the connection is over, with the reason in words; never rejects. */
  readonly closed: Promise<string>;
  /** What arrives, in order; ends with the connection. One reader. */
  readonly messages: AsyncIterable<Message>;
  /** Resolves when what has arrived by now is read and done with; at once without a reader. */
  taken(): Promise<void>;
  /** Subscribes with QoS 1; returns what the broker refused. Rejects only if the connection ends. */
  subscribe(topics: readonly string[]): Promise<readonly Denied[]>;
  /** Ends subscriptions; those that were not there as well. Rejects only if the connection ends. */
  unsubscribe(topics: readonly string[]): Promise<void>;
  /**
   * Publishes with QoS 1; resolves when the broker has acknowledged it.
   * @throws {PublishDenied} if the broker refuses it; another error if the connection ends first.
   */
  publish(
    topic: string,
    payload: string,
    options: PublishOptions,
  ): Promise<void>;
  /** Orderly end: the broker does not send the will. Takes two seconds at most; never rejects. */
  close(): Promise<void>;
  /** Ends it without a word, so that the broker sends the will. Never throws. */
  destroy(): void;
}

/**
 * Makes one try to connect.
 * @throws {ConnectError} with what was tried and what to do.
 */
export type Connect = (signal: AbortSignal) => Promise<Link>;

/** Why a try to connect failed. */
export class ConnectError extends Error {}

/** How to reach the broker; see `kolikko.toml`, `[mqtt]`. */
export interface BrokerSettings {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, without user and password. */
  readonly url: string;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Read anew at each try to connect; its last line end is cut off. */
  readonly passwordFile: string | undefined;
  readonly protocol: "auto" | "5" | "3.1.1";
  /** PEM files, absolute; read anew at each try to connect. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly keepaliveS: number;
  /** The broker keeps our subscriptions, and what is said on them, for so long; 0: not at all. */
  readonly sessionMs: number;
  /** The broker publishes `offline` here, retained, when it loses us; undefined for whoever is not the rig. */
  readonly willTopic: string | undefined;
}
