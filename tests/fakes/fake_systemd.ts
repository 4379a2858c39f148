/** What systemd is for a service: a datagram socket. */

export class FakeSystemd implements AsyncDisposable {
  /** All assignments of all messages, in order. */
  readonly heard: string[] = [];
  readonly #socket: Deno.DatagramConn;
  readonly #listening: Promise<void>;
  readonly #waiting = new Set<() => void>();

  /** Listens on a file, or on a name without one: `@name`. */
  constructor(readonly path: string) {
    this.#socket = Deno.listenDatagram({
      transport: "unixpacket",
      path: path.replace(/^@/, "\0"),
    });
    this.#listening = this.#listen();
  }

  /** Waits until so many of them begin like this. */
  async until(begin: string, count = 1, limitMs = 15_000): Promise<void> {
    const isSo = () => this.all(begin).length >= count;
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`Waited for ${begin} in ${this.heard.join(", ")}`));
      }, limitMs);
      this.#waiting.add(look);
    });
  }

  /** All that begin like this. */
  all(begin: string): string[] {
    return this.heard.filter((line) => line.startsWith(begin));
  }

  async #listen(): Promise<void> {
    try {
      for await (const [bytes] of this.#socket) {
        this.heard.push(...new TextDecoder().decode(bytes).split("\n"));
        for (const look of this.#waiting) look();
      }
    } catch (error) {
      // It is closed while it waits.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#listening;
  }
}
