/** A small MQTT broker inside this program, for the demonstration and for tests. */

import { createServer, type Socket } from "node:net";

/** A broker that runs inside this program. */
export interface EmbeddedBroker {
  readonly url: string;
  readonly port: number;
  /** Ends the broker and all its connections. */
  close(): Promise<void>;
}

/**
 * Starts a broker that only this machine can reach; port 0 takes any free one.
 * It speaks MQTT 3.1.1 alone and forgets everything at its end.
 */
export async function startEmbeddedBroker(
  { port }: { readonly port: number },
): Promise<EmbeddedBroker> {
  // Loaded here alone: it is large, and only a demonstration needs it.
  const { Aedes } = await import("aedes");
  const aedes = await Aedes.createBroker({
    preConnect(client, packet, done) {
      // aedes takes a message that another one overtook for a repetition and
      // drops it; on Deno 2.6 that is every second one. There are no
      // repetitions here: they come from a cluster of brokers alone.
      Object.defineProperty(client, "duplicates", { get: () => ({}) });
      // Its keepalive timer fails in a compiled program on Deno 2.6; on one
      // machine the end of a socket tells enough.
      packet.keepalive = 0;
      done(null, true);
    },
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => aedes.close(() => reject(error)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("Cannot tell the embedded broker's port");
  }
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    port: address.port,
    async close() {
      // Its callback never comes on Deno 2.6 if all connections are gone.
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
      // aedes leaves open what has not said CONNECT yet.
      await Promise.all([...sockets].map(destroyed));
    },
  };
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}
