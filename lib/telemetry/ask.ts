/** Asks a miner over TCP: bounded in time and memory, whatever the other side does. */

import type { Clock } from "../clock.ts";
import { span } from "../core/words.ts";
import { JsonAnswer } from "./json_answer.ts";
import { excerpt, ReadError } from "./read_error.ts";
import type { Ask, Where } from "./reader.ts";
import { RecordAnswer } from "./record_answer.ts";

const TIME_LIMIT_MS = 3_000;
const BYTES_MAX = 1024 * 1024;
const PIECE_BYTES = 16 * 1024;

export interface AskOptions {
  readonly clock: Clock;
  /** Ends the reading at once. */
  readonly signal?: AbortSignal;
  /** For all questions of one reading together. */
  readonly timeLimitMs?: number;
  /** The largest answer that is taken. */
  readonly bytesMax?: number;
}

/** Gets the pieces of an answer; says when it is whole. */
interface Sink {
  push(bytes: Uint8Array): boolean;
}

/**
 * One reading's questions, each over a connection of its own. HTTP is spoken by
 * hand: `fetch` would go through a proxy of the environment, keeps connections
 * that outlive a stopped miner, and fails on servers whose length is wrong.
 */
export class TcpAsk implements Ask {
  readonly #options: AskOptions;
  readonly #limitMs: number;
  readonly #deadline: number;
  readonly #piece = new Uint8Array(PIECE_BYTES);

  constructor(options: AskOptions) {
    this.#options = options;
    this.#limitMs = options.timeLimitMs ?? TIME_LIMIT_MS;
    this.#deadline = options.clock.now() + this.#limitMs;
  }

  wall(): number {
    return this.#options.clock.wall();
  }

  async http(where: Where, path: string): Promise<string> {
    const answer = new JsonAnswer();
    await this.#exchange(where, getWords(where, path), answer);
    const { status, text } = answer.finish();
    if (status === 200) return text;
    if (status !== undefined) throw refusal(status, path);
    // Some servers leave the header out.
    if (/^\s*[[{]/.test(text)) return text;
    if (text === "") {
      throw new ReadError("it closed the connection without an answer");
    }
    throw new ReadError(`it does not speak HTTP, but says ${excerpt(text)}`);
  }

  async json(where: Where, words: string): Promise<string> {
    const answer = new JsonAnswer();
    await this.#exchange(where, words, answer);
    const { status, text } = answer.finish();
    if (status === undefined || status === 200) return text;
    throw new ReadError(`it answers as a web server does, with ${status}`);
  }

  async records(
    where: Where,
    words: string,
    records: number,
  ): Promise<string> {
    const answer = new RecordAnswer(records);
    await this.#exchange(where, words, answer);
    return answer.finish();
  }

  async #exchange(where: Where, words: string, sink: Sink): Promise<void> {
    const { clock, signal } = this.#options;
    const cut = new AbortController();
    const over = new AbortController();
    let isLate = false;
    const stop = () => cut.abort();
    signal?.addEventListener("abort", stop, { once: true });
    const watch = clock.sleep(this.#deadline - clock.now(), over.signal)
      .then(() => {
        isLate = !over.signal.aborted;
        if (isLate) cut.abort();
      });
    try {
      if (signal?.aborted) cut.abort();
      await this.#converse(where, words, { sink, signal: cut.signal });
    } catch (error) {
      if (isLate) throw new ReadError(this.#lateness());
      if (cut.signal.aborted) throw new ReadError("it was not waited for");
      throw error instanceof ReadError ? error : connectionFault(error);
    } finally {
      over.abort();
      signal?.removeEventListener("abort", stop);
      await watch;
    }
  }

  async #converse(
    where: Where,
    words: string,
    { sink, signal }: { readonly sink: Sink; readonly signal: AbortSignal },
  ): Promise<void> {
    const bytesMax = this.#options.bytesMax ?? BYTES_MAX;
    const connection = await connect(where, signal);
    const close = () => closeOnce(connection);
    signal.addEventListener("abort", close, { once: true });
    try {
      await write(connection, new TextEncoder().encode(words));
      for (let total = 0;;) {
        const length = await connection.read(this.#piece);
        if (length === null) break;
        total += length;
        if (total > bytesMax) {
          throw new ReadError(`its answer is larger than ${bytesMax} bytes`);
        }
        if (sink.push(this.#piece.subarray(0, length))) break;
      }
    } finally {
      signal.removeEventListener("abort", close);
      if (!signal.aborted) close();
    }
    // A connection that was cut reads as one that ended.
    signal.throwIfAborted();
  }

  #lateness(): string {
    return `no whole answer came within ${span(this.#limitMs)}`;
  }
}

function getWords({ host, port, token }: Where, path: string): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${name}:${port}`,
    "Accept: application/json",
    "Connection: close",
  ];
  if (token !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new ReadError("its token cannot be sent", {
        advice: "write token with visible ASCII characters alone",
      });
    }
    lines.push(`Authorization: Bearer ${token}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function refusal(status: number, path: string): ReadError {
  const advice = status === 401 || status === 403
    ? "set token of [command.telemetry] to the API's password"
    : status === 404
    ? "check that api and port of [command.telemetry] are those of this miner"
    : "";
  return new ReadError(`it answers ${status} to GET ${path}`, {
    status,
    advice,
  });
}

/** A connection, or a rejection as soon as the signal says so; none is left behind. */
function connect(where: Where, signal: AbortSignal): Promise<Deno.TcpConn> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    Deno.connect({ hostname: where.host, port: where.port, signal }).then(
      (connection) => {
        signal.removeEventListener("abort", abort);
        if (signal.aborted) connection.close();
        else resolve(connection);
      },
      (error) => {
        signal.removeEventListener("abort", abort);
        reject(error);
      },
    );
  });
}

async function write(
  connection: Deno.TcpConn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

function closeOnce(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function connectionFault(error: unknown): ReadError {
  if (error instanceof Deno.errors.ConnectionRefused) {
    return new ReadError("nothing listens there");
  }
  if (
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.UnexpectedEof
  ) {
    return new ReadError("it broke the connection off");
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new ReadError("the program may not use the network", {
      advice: "allow it with --allow-net",
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ReadError(`the connection failed (${excerpt(message)})`);
}
