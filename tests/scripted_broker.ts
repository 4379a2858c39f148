/** A broker that answers with exactly the bytes that a test wants. */

/** One packet of a client. */
export interface Packet {
  readonly kind: number;
  /** What follows the fixed header. */
  readonly body: Uint8Array;
}

/** The bytes to answer with; `close` ends the connection; undefined says nothing. */
export type Answer = readonly number[] | "close" | undefined;

export const CONNECT = 1;
export const PUBLISH = 3;
export const SUBSCRIBE = 8;
export const DISCONNECT = 14;

/** A CONNACK without properties that accepts. */
export const CONNACK_5: readonly number[] = [0x20, 3, 0, 0, 0];
export const CONNACK_311: readonly number[] = [0x20, 2, 0, 0];

/** Which version of MQTT a CONNECT speaks. */
export function protocolLevel(connect: Packet): number {
  return connect.body[6] ?? 0;
}

export class ScriptedBroker implements AsyncDisposable {
  readonly url: string;
  /** All packets, in order. */
  readonly packets: Packet[] = [];
  readonly #script: (packet: Packet) => Answer;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #tasks: Promise<void>[] = [];

  constructor(script: (packet: Packet) => Answer) {
    this.#script = script;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `mqtt://127.0.0.1:${this.#listener.addr.port}`;
    this.#tasks.push(this.#accept());
  }

  /** Sends bytes to everybody, unasked. */
  async send(bytes: readonly number[]): Promise<void> {
    for (const end of this.#open) await end.write(new Uint8Array(bytes));
  }

  /** Ends all connections. */
  drop(): void {
    for (const end of [...this.#open]) this.#shut(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.drop();
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    for await (const end of this.#listener) {
      this.#open.add(end);
      this.#tasks.push(this.#serve(end));
    }
  }

  async #serve(end: Deno.TcpConn): Promise<void> {
    let rest = new Uint8Array();
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const size = await end.read(buffer);
        if (size === null) break;
        const { packets, left } = cutUp(
          new Uint8Array([...rest, ...buffer.subarray(0, size)]),
        );
        rest = new Uint8Array(left);
        for (const packet of packets) {
          this.packets.push(packet);
          const answer = this.#script(packet);
          if (answer === "close") this.#shut(end);
          else if (answer !== undefined) {
            await end.write(new Uint8Array(answer));
          }
        }
      }
    } catch {
      // The connection is gone; nothing to answer any more.
    }
    this.#shut(end);
  }

  #shut(end: Deno.TcpConn): void {
    if (this.#open.delete(end)) end.close();
  }
}

function cutUp(bytes: Uint8Array): { packets: Packet[]; left: Uint8Array } {
  const packets: Packet[] = [];
  let at = 0;
  for (;;) {
    const header = lengthAt(bytes, at + 1);
    if (header === undefined) break;
    const end = header.after + header.length;
    if (end > bytes.length) break;
    const kind = (bytes[at] ?? 0) >> 4;
    packets.push({ kind, body: bytes.slice(header.after, end) });
    at = end;
  }
  return { packets, left: bytes.slice(at) };
}

/** The variable length at a place; undefined if it is not all there yet. */
function lengthAt(
  bytes: Uint8Array,
  at: number,
): { length: number; after: number } | undefined {
  let length = 0;
  for (let digit = 0; digit < 4; digit++) {
    const byte = bytes[at + digit];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** digit;
    if (byte < 0x80) return { length, after: at + digit + 1 };
  }
  return undefined;
}
