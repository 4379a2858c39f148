/** A small text on disk that is whole or known to be damaged, whatever happens while it is written. */

import { wordsOf } from "../core/words.ts";
import { diskFiles, type Files } from "./files.ts";

/** What is on disk. */
export type Contents =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "damaged"; readonly reason: string };

export interface AtomicFileOptions {
  readonly path: string;
  /** The longest text; what is longer is refused, on the way in and out. */
  readonly maxBytes?: number;
  readonly files?: Files;
}

/** The first line: a checksum of all that follows. */
const HEAD = /^kolikko 1 sha256 ([0-9a-f]{64})\n/;
const HEAD_BYTES = "kolikko 1 sha256 \n".length + 64;
const MAX_BYTES = 256 * 1024;

/**
 * A new text takes the place of the old one in a single step; a failure on the
 * way leaves the old one as it was.
 */
export class AtomicFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #files: Files;
  #last: Promise<unknown> = Promise.resolve();
  #cleaned: Promise<void> | undefined;

  constructor(options: AtomicFileOptions) {
    this.#path = options.path;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#files = options.files ?? diskFiles;
  }

  /** Never rejects. */
  async read(): Promise<Contents> {
    await this.#clean();
    let bytes: Uint8Array;
    try {
      const limit = HEAD_BYTES + this.#maxBytes + 1;
      bytes = await this.#files.read(this.#path, limit);
      if (bytes.length === limit) {
        return damaged(`it is longer than ${this.#maxBytes} bytes`);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
      return damaged(wordsOf(error));
    }
    const head = HEAD.exec(latin(bytes.subarray(0, HEAD_BYTES)));
    if (head === null) return damaged("it does not begin with a checksum");
    const body = bytes.subarray(HEAD_BYTES);
    if (await checksum(body) !== head[1]) {
      return damaged("its text does not match its checksum");
    }
    return { kind: "text", text: new TextDecoder().decode(body) };
  }

  /**
   * Resolves once the disk has it; several writes are done one after the other.
   * @throws what the operating system says; then the old text is still there.
   */
  write(text: string): Promise<void> {
    const written = this.#last.then(() => this.#write(text));
    this.#last = written.catch(() => {});
    return written;
  }

  async #write(text: string): Promise<void> {
    const body = new TextEncoder().encode(text);
    if (body.length > this.#maxBytes) {
      throw new RangeError(
        `Cannot write ${body.length} bytes to "${this.#path}" as it takes ${this.#maxBytes} at most`,
      );
    }
    await this.#clean();
    const head = new TextEncoder().encode(
      `kolikko 1 sha256 ${await checksum(body)}\n`,
    );
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    // In the same folder, as only there a rename is a single step.
    const { dir, name } = split(this.#path);
    const draft = `${dir}.${name}.${crypto.randomUUID()}.tmp`;
    try {
      await this.#files.writeNew(draft, bytes);
      await this.#files.rename(draft, this.#path);
    } catch (error) {
      await this.#files.remove(draft).catch(() => {});
      throw error;
    }
    // Some systems cannot; there the rename itself has to do.
    await this.#files.syncDir(dir).catch(() => {});
  }

  /** Once: removes the drafts of a writer that was killed. */
  #clean(): Promise<void> {
    this.#cleaned ??= this.#removeDrafts().catch(() => {});
    return this.#cleaned;
  }

  async #removeDrafts(): Promise<void> {
    const { dir, name } = split(this.#path);
    for (const one of await this.#files.list(dir)) {
      if (one.startsWith(`.${name}.`) && one.endsWith(".tmp")) {
        await this.#files.remove(`${dir}${one}`);
      }
    }
  }
}

function damaged(reason: string): Contents {
  return { kind: "damaged", reason };
}

/** The folder with its last slash, and the name in it. */
function split(path: string): { readonly dir: string; readonly name: string } {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  return { dir: path.slice(0, at) || "./", name: path.slice(at) };
}

/** Each byte as one character: garbage stays garbage of the same length. */
function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

async function checksum(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice());
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
