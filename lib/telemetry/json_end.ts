/** Sees where a JSON value ends while it comes in pieces: many miners never close. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What came so far. */
export type JsonState = "nothing" | "inside" | "ended" | "no_json";

/** Follows brackets and strings; what is between them is not its business. */
export class JsonEnd {
  #state: JsonState = "nothing";
  #depth = 0;
  #inString = false;
  #escaped = false;

  get state(): JsonState {
    return this.#state;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#state === "ended" || this.#state === "no_json") return;
      this.#take(byte);
    }
  }

  #take(byte: number): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return;
    }
    if (isOpening(byte)) {
      this.#depth += 1;
      this.#state = "inside";
    } else if (this.#state === "nothing") {
      if (!mayComeBefore(byte)) this.#state = "no_json";
    } else if (byte === QUOTE) {
      this.#inString = true;
    } else if (byte === 0x5d || byte === 0x7d) {
      this.#depth -= 1;
      if (this.#depth === 0) this.#state = "ended";
    }
  }
}

function isOpening(byte: number): boolean {
  return byte === 0x5b || byte === 0x7b;
}

/** White space, NUL, a byte order mark, and the comma that some firmwares begin with. */
function mayComeBefore(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte >= 0x80;
}
