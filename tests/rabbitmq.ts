/** A real RabbitMQ for tests, on the loopback, if the machine has one. */

import { join } from "node:path";
import { findProgram, freePort, listening } from "./mosquitto.ts";

const READY_MS_MAX = 60_000;
/** Without the wrapper, which insists on root or on its own user. */
const BIN = "/usr/lib/rabbitmq/bin";

/** Where RabbitMQ is; undefined if there is none. */
export const rabbitmqPath: string | undefined = findProgram("rabbitmq-server", [
  BIN,
]);

/** A running RabbitMQ with a node, a port mapper and files of its own. */
export class RabbitMq implements AsyncDisposable {
  readonly port: number;
  readonly #dir: string;
  readonly #env: Record<string, string>;
  #process: Deno.ChildProcess | undefined;
  #mapper: Deno.ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.port = port;
    this.#env = {
      HOME: dir,
      ERL_EPMD_PORT: `${freePort()}`,
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: `kolikko${port}@localhost`,
      RABBITMQ_BASE: dir,
      RABBITMQ_MNESIA_BASE: join(dir, "data"),
      RABBITMQ_LOG_BASE: join(dir, "log"),
      RABBITMQ_PID_FILE: join(dir, "pid"),
      RABBITMQ_DIST_PORT: `${freePort()}`,
      RABBITMQ_CONFIG_FILE: join(dir, "rabbitmq.conf"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, "plugins"),
      RABBITMQ_CONF_ENV_FILE: join(dir, "none"),
    };
  }

  static async start(): Promise<RabbitMq> {
    const dir = await Deno.makeTempDir({ prefix: "kolikko_rabbitmq_" });
    const broker = new RabbitMq(dir, freePort());
    const lines = [
      `listeners.tcp.1 = 127.0.0.1:${freePort()}`,
      `mqtt.listeners.tcp.1 = 127.0.0.1:${broker.port}`,
    ];
    await Deno.writeTextFile(join(dir, "rabbitmq.conf"), lines.join("\n"));
    await Deno.writeTextFile(join(dir, "plugins"), "[rabbitmq_mqtt].");
    await Deno.writeTextFile(join(dir, "none"), "");
    try {
      await broker.#run();
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
    return broker;
  }

  /** Runs a line as an administrator's shell would. */
  async shell(line: string): Promise<void> {
    const tool =
      `rabbitmqctl() { ${BIN}/rabbitmqctl -n "$RABBITMQ_NODENAME" "$@"; }`;
    const { success, stderr } = await new Deno.Command("bash", {
      args: ["-c", `${tool}\n${line}`],
      env: this.#env,
      stdin: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }

  async #run(): Promise<void> {
    const options = {
      env: this.#env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    } as const;
    const mapper = findProgram("epmd");
    if (rabbitmqPath === undefined || mapper === undefined) {
      throw new Error("There is no rabbitmq-server");
    }
    // One of our own: Erlang would leave one behind.
    this.#mapper = new Deno.Command(mapper, options).spawn();
    this.#process = new Deno.Command(rabbitmqPath, options).spawn();
    await listening(this.port, READY_MS_MAX);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The program itself is a child of its script, and ends with this.
    const file = join(this.#dir, "pid");
    const pid = Number(await Deno.readTextFile(file).catch(() => NaN));
    if (pid > 0) Deno.kill(pid, "SIGKILL");
    else this.#process?.kill("SIGTERM");
    await this.#process?.status;
    this.#mapper?.kill("SIGKILL");
    await this.#mapper?.status;
    await Deno.remove(this.#dir, { recursive: true });
  }
}
