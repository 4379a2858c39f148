/** A real NATS for tests, on the loopback, if the machine has one. */

import { join } from "node:path";
import { findProgram, freePort, listening } from "./mosquitto.ts";

/** Where nats-server is; undefined if there is none. */
export const natsPath: string | undefined = findProgram("nats-server");

/** A running NATS that speaks MQTT; `await using` stops it and removes its files. */
export class Nats implements AsyncDisposable {
  readonly port: number;
  readonly #dir: string;
  #process: Deno.ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.port = port;
  }

  /** With further parts of its configuration. */
  static async start(authorization = ""): Promise<Nats> {
    const dir = await Deno.makeTempDir({ prefix: "kolikko_nats_" });
    const nats = new Nats(dir, freePort());
    const lines = [
      `server_name: "kolikko-test-${nats.port}"`,
      `listen: "127.0.0.1:${freePort()}"`,
      `jetstream { store_dir: ${JSON.stringify(join(dir, "store"))} }`,
      `mqtt { listen: "127.0.0.1:${nats.port}" }`,
      authorization,
    ];
    await Deno.writeTextFile(join(dir, "nats.conf"), lines.join("\n"));
    await nats.restart();
    return nats;
  }

  /** Starts it on the same port as before, after `kill()`. */
  async restart(): Promise<void> {
    if (natsPath === undefined) throw new Error("There is no nats-server");
    this.#process = new Deno.Command(natsPath, {
      args: ["-c", join(this.#dir, "nats.conf")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await listening(this.port);
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    process?.kill("SIGKILL");
    await process?.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
