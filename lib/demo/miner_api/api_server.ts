/** ApiServer: a miner's API on 127.0.0.1, with the fault of the moment. */

import { createServer, type Server } from "node:net";
import type { Clock } from "../../clock.ts";
import type { ApiAnswer, ApiRequest, ApiWorld, Family } from "./family.ts";
import { type Fault, HTML, noJson, wrongTypes } from "./faults.ts";
import { encodeAnswer, RequestReader } from "./wire.ts";

export interface ApiServerOptions {
  readonly family: Family;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly fault: () => Fault;
  readonly world: (session: ApiWorld["session"]) => ApiWorld;
}

const LOOK_MS = 20;
const SLOW_MS = 100;
/** A connection lives so long before it is reset. */
const RESET_MS = 50;
const HUGE_BYTES_MAX = 2 ** 30;

/** Opens it; undefined if another program has the port: then miners mine on without an API. */
export function openApiServer(
  options: ApiServerOptions,
): ApiServer | undefined {
  const listener = listen(options.port);
  return listener === undefined ? undefined : new ApiServer(listener, options);
}

/** What stands behind its port: the API, nobody, or somebody who resets each connection. */
type Door = "open" | "refuse" | "reset";

/** Answers until `run()` is told to end. */
export class ApiServer {
  readonly port: number;
  readonly #options: ApiServerOptions;
  readonly #conns = new Set<Deno.Conn>();
  #door: Door = "open";
  #listener: Deno.TcpListener | undefined;
  #resetter: Server | undefined;

  constructor(listener: Deno.TcpListener, options: ApiServerOptions) {
    this.#listener = listener;
    this.#options = options;
    this.port = listener.addr.port;
  }

  /** `onReady` is called once it answers, or misbehaves as it should. */
  async run(signal: AbortSignal, onReady: () => void): Promise<void> {
    const { clock, fault } = this.#options;
    if (this.#listener !== undefined) void this.#accept(this.#listener, signal);
    let isReady = false;
    while (!signal.aborted) {
      const kind = fault();
      const door = kind === "refuse" || kind === "reset" ? kind : "open";
      if (door !== this.#door) await this.#turn(door, signal);
      if (!isReady && door === this.#door) {
        isReady = true;
        onReady();
      }
      await clock.sleep(LOOK_MS, signal);
    }
    await this.#close();
  }

  /** The port is not free at once, and another program may take it: then the next look tries again. */
  async #turn(door: Door, signal: AbortSignal): Promise<void> {
    await this.#close();
    if (door === "reset") {
      this.#resetter = await listenToReset(this.port);
      if (this.#resetter === undefined) return;
    }
    if (door === "open") {
      this.#listener = listen(this.port);
      if (this.#listener === undefined) return;
      void this.#accept(this.#listener, signal);
    }
    this.#door = door;
  }

  async #close(): Promise<void> {
    this.#listener?.close();
    this.#listener = undefined;
    for (const conn of this.#conns) closeQuietly(conn);
    const resetter = this.#resetter;
    this.#resetter = undefined;
    if (resetter === undefined) return;
    await new Promise<void>((resolve) => resetter.close(() => resolve()));
  }

  async #accept(
    listener: Deno.TcpListener,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const conn of listener) {
        this.#conns.add(conn);
        void this.#serve(conn, signal).catch(passOver).finally(() => {
          this.#conns.delete(conn);
          closeQuietly(conn);
        });
      }
    } catch (error) {
      passOver(error);
    }
  }

  async #serve(conn: Deno.Conn, signal: AbortSignal): Promise<void> {
    const { family, fault, world } = this.#options;
    const reader = new RequestReader(conn, family.framing);
    const session = { authorized: false };
    for (;;) {
      const request = await reader.next();
      if (request === undefined) return;
      const kind = fault();
      if (kind === "hang") {
        while (await reader.next() !== undefined);
        return;
      }
      const answer = answerOf(family, request, world(session), kind);
      if (answer === undefined) continue;
      const isLast = await this.#send(conn, answer, kind, signal);
      if (isLast || answer.close === true || family.framing === "once") return;
    }
  }

  /** True if nothing can follow on this connection. */
  async #send(
    conn: Deno.Conn,
    answer: ApiAnswer,
    kind: Fault,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock, family } = this.#options;
    const bytes = encodeAnswer(answer, family.framing);
    switch (kind) {
      case "half":
        await writeAll(conn, bytes.subarray(0, Math.ceil(bytes.length / 2)));
        return true;
      case "slow":
        for (let at = 0; at < bytes.length && !signal.aborted; at += 1) {
          await writeAll(conn, bytes.subarray(at, at + 1));
          await clock.sleep(SLOW_MS, signal);
        }
        return false;
      case "huge":
        await this.#pour(conn, signal);
        return true;
      default:
        await writeAll(conn, bytes);
        return false;
    }
  }

  async #pour(conn: Deno.Conn, signal: AbortSignal): Promise<void> {
    if (this.#options.family.framing === "http") {
      const head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
      await writeAll(conn, new TextEncoder().encode(head));
    }
    const chunk = new Uint8Array(64 * 1024).fill(0x5b);
    for (let sent = 0; sent < HUGE_BYTES_MAX; sent += chunk.length) {
      if (signal.aborted) return;
      await writeAll(conn, chunk);
    }
  }
}

function answerOf(
  family: Family,
  request: ApiRequest,
  world: ApiWorld,
  kind: Fault,
): ApiAnswer | undefined {
  if (kind === "html") return { type: "text/html", body: HTML };
  if (kind === "401") {
    const body = family.denied ?? `{"status":401,"error":"UNAUTHORIZED"}`;
    return { status: 401, body };
  }
  const answer = family.answer(request, world);
  if (answer === undefined) return undefined;
  if (kind === "wrong-json") {
    return { ...answer, body: wrongTypes(answer.body) };
  }
  if (kind === "not-json") return { ...answer, body: noJson(answer.body) };
  return answer;
}

function listen(port: number): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/** Deno's own connections only end politely. Undefined if the port is taken. */
function listenToReset(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => {
    setTimeout(() => socket.resetAndDestroy(), RESET_MS);
    socket.on("error", () => {});
  });
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}

/** Whoever asked has gone, or we close: both end a connection. */
function passOver(error: unknown): void {
  const { errors } = Deno;
  const expected = [
    errors.BadResource,
    errors.Interrupted,
    errors.ConnectionReset,
    errors.BrokenPipe,
    errors.ConnectionAborted,
    errors.NotConnected,
  ];
  if (!expected.some((kind) => error instanceof kind)) throw error;
}
