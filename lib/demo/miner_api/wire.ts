/** How requests and answers of the three framings look on a connection. */

import type { ApiAnswer, ApiRequest, Family } from "./family.ts";

const REQUEST_BYTES_MAX = 64 * 1024;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  415: "Unsupported Media Type",
};

/** Reads requests of one connection, one after the other. */
export class RequestReader {
  readonly #conn: Deno.Conn;
  readonly #framing: Family["framing"];
  #text = "";
  readonly #decoder = new TextDecoder();

  constructor(conn: Deno.Conn, framing: Family["framing"]) {
    this.#conn = conn;
    this.#framing = framing;
  }

  /** Undefined once the other side has closed, or sends nonsense. */
  async next(): Promise<ApiRequest | undefined> {
    if (this.#framing === "http") return await this.#nextHttp();
    if (this.#framing === "line") {
      const line = await this.#upTo("\n");
      return line === undefined ? undefined : plain(line);
    }
    // These servers read once, whatever comes with that read.
    if (!await this.#more()) return undefined;
    return plain(this.#take(this.#text.length));
  }

  async #nextHttp(): Promise<ApiRequest | undefined> {
    const head = await this.#upTo("\r\n\r\n");
    if (head === undefined) return undefined;
    const [first = "", ...lines] = head.trim().split("\r\n");
    const [method = "", target = "/"] = first.split(" ");
    const headers = new Map(lines.map((line) => {
      const [name = "", ...value] = line.split(":");
      return [name.trim().toLowerCase(), value.join(":").trim()];
    }));
    const length = Number(headers.get("content-length") ?? 0);
    while (this.#text.length < length) {
      if (!await this.#more()) return undefined;
    }
    const url = new URL(target, "http://127.0.0.1");
    return {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: this.#take(length),
    };
  }

  async #upTo(end: string): Promise<string | undefined> {
    while (!this.#text.includes(end)) {
      if (!await this.#more()) return undefined;
    }
    return this.#take(this.#text.indexOf(end) + end.length);
  }

  #take(length: number): string {
    const part = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return part;
  }

  async #more(): Promise<boolean> {
    if (this.#text.length > REQUEST_BYTES_MAX) return false;
    const buffer = new Uint8Array(4_096);
    const count = await this.#conn.read(buffer);
    if (count === null) return false;
    this.#text += this.#decoder.decode(buffer.subarray(0, count), {
      stream: true,
    });
    return true;
  }
}

/** The answer with the head that HTTP wants, or as it is. */
export function encodeAnswer(
  answer: ApiAnswer,
  framing: Family["framing"],
): Uint8Array {
  const bytes = new TextEncoder().encode(answer.body);
  if (framing !== "http") return bytes;
  const status = answer.status ?? 200;
  const head = new TextEncoder().encode([
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Unknown"}`,
    `Content-Type: ${answer.type ?? "application/json"}`,
    `Content-Length: ${bytes.length}`,
    "Access-Control-Allow-Origin: *",
    `Connection: ${answer.close === true ? "close" : "keep-alive"}`,
    "",
    "",
  ].join("\r\n"));
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}

function plain(body: string): ApiRequest {
  const query = new URLSearchParams();
  return { method: "", path: "", query, headers: new Map(), body };
}
