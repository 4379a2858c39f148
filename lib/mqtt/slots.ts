/** Slots: so many things are under way at once, and the others wait for their turn, in order. */

/** Lets at most `limit` tasks run at once. */
export class Slots {
  /** May be lowered at any time; what is under way goes on. */
  limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Runs the task as soon as it is its turn. */
  async use<T>(task: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.limit || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#taken += 1;
    }
    try {
      return await task();
    } finally {
      this.#taken -= 1;
      this.#next();
    }
  }

  /** A slot is taken for whoever is called, before anybody else may take it. */
  #next(): void {
    while (this.#taken < this.limit) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      this.#taken += 1;
      call();
    }
  }
}
