/** A stretch of network between a client and a broker that a test can break. */

export class CuttableProxy implements AsyncDisposable {
  readonly port: number;
  /** Connections that were made through it. */
  connections = 0;
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
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
    await Promise.all([this.#pump(near, far), this.#pump(far, near)]);
  }

  /** Copies until one side ends; then both do. */
  async #pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const size = await from.read(buffer);
        if (size === null) break;
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
