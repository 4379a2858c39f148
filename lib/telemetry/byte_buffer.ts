/** Bytes that come in pieces, kept in one place that grows with them. */

const FIRST_BYTES = 4096;

/** Costs at most twice the bytes, however small the pieces are. */
export class ByteBuffer {
  #store = new Uint8Array(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What came so far; valid until the next push. */
  get bytes(): Uint8Array {
    return this.#store.subarray(0, this.#length);
  }

  /** Adds a copy. */
  push(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#store.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#store.length));
      larger.set(this.bytes);
      this.#store = larger;
    }
    this.#store.set(piece, this.#length);
    this.#length = length;
  }
}
