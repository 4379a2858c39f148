/** A stretch of network between a client and a broker that a test can break. */

/** Which bytes get lost: all, or those on their way to the broker. */
type Lost = "all" | "up";

/** Both ends of one connection, and what of it gets lost. */
interface Pair {
  readonly ends: readonly Deno.TcpConn[];
  lost: Lost | undefined;
}

export class CuttableProxy implements AsyncDisposable {
  readonly port: number;
  /** Connections that were made through it. */
  connections = 0;
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #pairs = new Set<Pair>();
  #lost: Lost | undefined;
  #isUnplugged = false;
  readonly #tasks: Promise<void>[] = [];

  constructor(targetPort: number) {
    this.#target = targetPort;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#tasks.push(this.#accept());
  }

  /** Breaks all connections without a word of MQTT. */
  cut(): void {
    for (const end of this.#open) end.close();
    this.#open.clear();
  }

  /** Breaks all connections, and each new one at once. */
  unplug(): void {
    this.#isUnplugged = true;
    this.cut();
  }

  plug(): void {
    this.#isUnplugged = false;
  }

  /** From now on bytes get lost, and nobody is told: connections seem to stand. */
  swallow(lost: Lost = "all"): void {
    this.#lost = lost;
    for (const pair of this.#pairs) pair.lost = lost;
  }

  /** New connections work again; those that lost bytes are broken. */
  restore(): void {
    this.#lost = undefined;
    for (const pair of this.#pairs) {
      if (pair.lost !== undefined) pair.ends.forEach((end) => this.#shut(end));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#isUnplugged) {
        near.close();
        continue;
      }
      this.connections++;
      this.#tasks.push(this.#join(near));
    }
  }

  async #join(near: Deno.TcpConn): Promise<void> {
    this.#open.add(near);
    const target = { hostname: "127.0.0.1", port: this.#target };
    let far: Deno.TcpConn;
    try {
      far = await Deno.connect(target);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      this.#shut(near);
      return;
    }
    this.#open.add(far);
    near.setNoDelay(true);
    far.setNoDelay(true);
    const pair: Pair = { ends: [near, far], lost: this.#lost };
    this.#pairs.add(pair);
    await Promise.all([
      this.#pump(near, far, () => pair.lost !== undefined),
      this.#pump(far, near, () => pair.lost === "all"),
    ]);
    this.#pairs.delete(pair);
  }

  /** Copies until one side ends; then both do. */
  async #pump(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    swallows: () => boolean,
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const size = await from.read(buffer);
        if (size === null) break;
        if (swallows()) continue;
        for (let at = 0; at < size;) {
          at += await to.write(buffer.subarray(at, size));
        }
      }
    } catch {
      // Cut in the middle of a read or a write: that is what it is for.
    }
    this.#shut(from);
    this.#shut(to);
  }

  #shut(end: Deno.TcpConn): void {
    if (this.#open.delete(end)) end.close();
  }
}
