/** A server that a test scripts: it hears the first piece of a request and answers as told. */

import { systemClock } from "../../lib/clock.ts";

/** What is done with one connection; it is closed afterwards. */
export type Answerer = (
  asked: string,
  connection: Deno.TcpConn,
) => void | Promise<void>;

const ENCODER = new TextEncoder();

/** A server on a free port of 127.0.0.1; it ends with the test. */
export class SmallServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  /** What was asked, in order. */
  readonly asked: string[] = [];
  /** How many connections are open now. */
  get open(): number {
    return this.#open.size;
  }

  constructor(answer: Answerer) {
    this.#running = this.#serve(answer);
  }

  /** Where it listens. */
  get where(): { readonly host: string; readonly port: number } {
    return { host: "127.0.0.1", port: this.#listener.addr.port };
  }

  async #serve(answer: Answerer): Promise<void> {
    const all: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.#open.add(connection);
      all.push(this.#converse(connection, answer));
    }
    await Promise.all(all);
  }

  async #converse(connection: Deno.TcpConn, answer: Answerer): Promise<void> {
    try {
      const piece = new Uint8Array(8192);
      const length = await connection.read(piece);
      const asked = new TextDecoder().decode(piece.subarray(0, length ?? 0));
      this.asked.push(asked);
      await answer(asked, connection);
    } catch {
      // The other side may close at any time.
    } finally {
      this.#open.delete(connection);
      closeQuietly(connection);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) closeQuietly(connection);
    await this.#running;
  }
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

/** Writes all of it. */
export async function say(
  connection: Deno.TcpConn,
  words: string | Uint8Array,
): Promise<void> {
  const bytes = typeof words === "string" ? ENCODER.encode(words) : words;
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

/** Waits until the other side closes. */
export async function untilClosed(connection: Deno.TcpConn): Promise<void> {
  const piece = new Uint8Array(64);
  while (await connection.read(piece) !== null);
}

/** An HTTP answer as most miners give it. */
export function httpAnswer(body: string, status = "200 OK"): string {
  const length = ENCODER.encode(body).length;
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}

/** Options for a reading that must not take long. */
export const QUICK = { clock: systemClock, timeLimitMs: 2_000 } as const;
