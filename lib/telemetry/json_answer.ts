/** One answer that should hold JSON, with or without HTTP around it, as it comes in pieces. */

import { ByteBuffer } from "./byte_buffer.ts";
import { JsonEnd } from "./json_end.ts";
import { excerpt, ReadError } from "./read_error.ts";

const HEAD_BYTES_MAX = 8 * 1024;
const LINE_FEED = 10;

/** How the body's length is told. */
type Body =
  | { readonly kind: "until_close" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" };

/** What an answer was. */
export interface Answered {
  /** `undefined` where no HTTP header came. */
  readonly status: number | undefined;
  readonly text: string;
}

/**
 * Puts an answer together. It is whole as soon as its JSON value is, whatever
 * `Content-Length` says: that number is wrong at times, and a server that keeps
 * the connection open would be waited for in vain.
 */
export class JsonAnswer {
  /** Until the HTTP header has ended, or it is clear that there is none. */
  #head: ByteBuffer | undefined = new ByteBuffer();
  #status: number | undefined;
  #body: Body = { kind: "until_close" };
  readonly #text = new ByteBuffer();
  readonly #end = new JsonEnd();
  readonly #chunks = new Chunks();

  /** Takes the next bytes; tells whether the answer is whole. */
  push(bytes: Uint8Array): boolean {
    if (this.#head === undefined) this.#takeBody(bytes);
    else this.#takeHead(this.#head, bytes);
    return this.isWhole;
  }

  /** Nothing more is needed. */
  get isWhole(): boolean {
    if (this.#head !== undefined) return false;
    if (this.#status !== undefined && this.#status !== 200) return true;
    if (this.#end.state === "ended") return true;
    if (this.#body.kind === "chunked" && this.#chunks.ended) return true;
    // JSON that is longer than it should be is waited for; a web page is not.
    return this.#body.kind === "length" &&
      this.#text.length >= this.#body.bytes && this.#end.state !== "inside";
  }

  /** What came; also if the other side closed before it was whole. */
  finish(): Answered {
    if (this.#head !== undefined) {
      this.#takeBody(this.#head.bytes);
      this.#head = undefined;
    }
    return {
      status: this.#status,
      text: new TextDecoder().decode(this.#text.bytes),
    };
  }

  #takeHead(buffer: ByteBuffer, piece: Uint8Array): void {
    buffer.push(piece);
    const head = buffer.bytes;
    if (!beginsLikeHttp(head)) {
      this.#head = undefined;
      return this.#takeBody(head);
    }
    const end = headEnd(head);
    if (end === undefined) {
      if (head.length <= HEAD_BYTES_MAX) return;
      throw new ReadError(
        `an HTTP header of over ${HEAD_BYTES_MAX} bytes came`,
      );
    }
    this.#head = undefined;
    const lines = new TextDecoder().decode(head.subarray(0, end)).split("\n");
    this.#status = statusOf(lines[0] ?? "");
    this.#body = bodyOf(lines.slice(1));
    this.#takeBody(head.subarray(end));
  }

  #takeBody(bytes: Uint8Array): void {
    const pieces = this.#body.kind === "chunked"
      ? this.#chunks.push(bytes)
      : [bytes];
    for (const piece of pieces) {
      this.#text.push(piece);
      this.#end.push(piece);
    }
  }
}

/** Takes the lengths out of a chunked body. */
class Chunks {
  /** Bytes of the chunk that are still to come, its line end included. */
  #left = 0;
  #line = "";
  ended = false;

  push(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let from = 0;
    while (from < bytes.length && !this.ended) {
      if (this.#left > 0) {
        const piece = bytes.subarray(from, from + this.#left);
        this.#left -= piece.length;
        from += piece.length;
        pieces.push(piece);
        continue;
      }
      const byte = bytes[from] ?? 0;
      from += 1;
      if (byte === LINE_FEED) this.#endLine();
      else this.#line += String.fromCharCode(byte);
      if (this.#line.length > 256) {
        throw new ReadError(
          `what came is a damaged chunk (${excerpt(this.#line)})`,
        );
      }
    }
    return pieces;
  }

  #endLine(): void {
    const line = this.#line.trim();
    this.#line = "";
    // The line end after a chunk's data.
    if (line === "") return;
    const size = line.match(/^([0-9a-f]{1,8})(?:\s*;.*)?$/i)?.[1];
    if (size === undefined) {
      throw new ReadError(
        `what came is a damaged chunk length (${excerpt(line)})`,
      );
    }
    this.#left = parseInt(size, 16);
    this.ended = this.#left === 0;
  }
}

const HTTP = [0x48, 0x54, 0x54, 0x50, 0x2f];

function beginsLikeHttp(head: Uint8Array): boolean {
  return HTTP.every((byte, index) =>
    index >= head.length || head[index] === byte
  );
}

/** Where the body begins: after an empty line, whose end may lack its `\r`. */
function headEnd(head: Uint8Array): number | undefined {
  for (let at = head.indexOf(LINE_FEED); at >= 0;) {
    const next = head[at + 1] === 13 ? at + 2 : at + 1;
    if (head[next] === LINE_FEED) return next + 1;
    at = head.indexOf(LINE_FEED, at + 1);
  }
  return undefined;
}

function statusOf(line: string): number {
  const status = line.match(/^HTTP\/\d(?:\.\d)? +(\d{3})\b/)?.[1];
  if (status === undefined) {
    throw new ReadError(
      `what came is a damaged HTTP answer (${excerpt(line)})`,
    );
  }
  return Number(status);
}

function bodyOf(lines: readonly string[]): Body {
  let body: Body = { kind: "until_close" };
  for (const line of lines) {
    const [name = "", value = ""] = line.toLowerCase().split(":");
    if (name === "transfer-encoding" && value.includes("chunked")) {
      return { kind: "chunked" };
    }
    const bytes = value.trim();
    if (name === "content-length" && /^\d{1,15}$/.test(bytes)) {
      body = { kind: "length", bytes: Number(bytes) };
    }
  }
  return body;
}
