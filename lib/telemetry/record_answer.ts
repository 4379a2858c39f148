/** One answer in the text form of ccminer: records that end with `|`, then a NUL. */

const NUL = 0;
const BAR = 0x7c;

/** Puts such an answer together. */
export class RecordAnswer {
  readonly #pieces: string[] = [];
  readonly #decoder = new TextDecoder();
  #left: number;
  #whole = false;

  /** Whole after so many records at the latest: some servers send no NUL and never close. */
  constructor(records: number) {
    this.#left = records;
  }

  /** Takes the next bytes; tells whether the answer is whole. */
  push(bytes: Uint8Array): boolean {
    for (const [index, byte] of bytes.entries()) {
      if (byte === BAR) this.#left -= 1;
      if (byte !== NUL && this.#left > 0) continue;
      this.#pieces.push(this.#decoder.decode(bytes.subarray(0, index + 1)));
      this.#whole = true;
      break;
    }
    if (!this.#whole) {
      this.#pieces.push(this.#decoder.decode(bytes, { stream: true }));
    }
    return this.#whole;
  }

  /** What came; also if the other side closed before it was whole. */
  finish(): string {
    return this.#pieces.join("").replaceAll("\0", "");
  }
}
