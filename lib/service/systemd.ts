/** Systemd: tells the service manager how we fare, and asks for its watchdog's patience only while the loop turns. */

import type { Clock } from "../clock.ts";
import type { NotifySocket } from "./notify_socket.ts";

export interface SystemdOptions {
  readonly socket: NotifySocket;
  readonly clock: Clock;
  /** How long the watchdog waits for a sign of life; undefined: there is none. */
  readonly watchdogMs: number | undefined;
  /** Called when a message could not be sent. */
  readonly onFailure: (error: unknown) => void;
}

/** No more than one new status a second. */
const STATUS_REST_MS = 1_000;
const STATUS_MAX = 300;
/** The last word has so long to be taken. */
const GOODBYE_MS = 500;

/** Nothing here throws, waits for systemd, or says "alive" by itself: only a turn of the one loop does. */
export class Systemd {
  readonly #options: SystemdOptions;
  /** What waits to be sent, the latest of each kind: so it cannot grow. */
  readonly #waiting = new Map<string, string>();
  #sending: Promise<void> | undefined;
  #isReady = false;
  #isSignDue = true;
  #status = "";
  #saidStatus = "";
  #telling: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor(options: SystemdOptions) {
    this.#options = options;
  }

  /** The loop has turned; `status` is how things stand, in a line. */
  turned(status: string): void {
    if (!this.#isReady) {
      this.#isReady = true;
      this.#say("READY", "1");
    }
    if (this.#isSignDue && this.#options.watchdogMs !== undefined) {
      this.#isSignDue = false;
      this.#say("WATCHDOG", "1");
    }
    this.#status = status.replace(/\s+/g, " ").slice(0, STATUS_MAX);
    if (this.#status !== this.#saidStatus) this.#telling ??= this.#tell();
  }

  /** We have been asked to end, and TimeoutStopSec may be shorter than what that takes. */
  ending(withinMs: number): void {
    this.#say("STOPPING", "1");
    this.#say("EXTEND_TIMEOUT_USEC", String(Math.ceil(withinMs) * 1_000));
  }

  /** Wakes the loop twice in the watchdog's time, so that it can show that it turns. */
  async run(signal: AbortSignal, wake: () => void): Promise<void> {
    const { clock, watchdogMs } = this.#options;
    while (!signal.aborted) {
      this.#isSignDue = true;
      if (watchdogMs !== undefined) wake();
      await clock.sleep((watchdogMs ?? Infinity) / 2, signal);
    }
  }

  /** Lets the last words out, then closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    const sent = new AbortController();
    void Promise.resolve(this.#sending).then(() => sent.abort());
    await this.#options.clock.sleep(GOODBYE_MS, sent.signal);
    this.#closed.abort();
    this.#waiting.clear();
    this.#options.socket.close();
  }

  /** Says the latest status, then rests. */
  async #tell(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closed;
    do {
      this.#saidStatus = this.#status;
      this.#say("STATUS", this.#status);
      await clock.sleep(STATUS_REST_MS, signal);
    } while (this.#status !== this.#saidStatus && !signal.aborted);
    this.#telling = undefined;
  }

  #say(name: string, value: string): void {
    if (this.#closed.signal.aborted) return;
    this.#waiting.set(name, value);
    this.#sending ??= this.#send();
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    // What is said in one moment goes out as one message.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const lines = [...this.#waiting].map(([name, text]) => `${name}=${text}`);
      this.#waiting.clear();
      try {
        await this.#options.socket.send(lines.join("\n"));
      } catch (error) {
        if (!this.#closed.signal.aborted) this.#options.onFailure(error);
      }
    }
    this.#sending = undefined;
  }
}
