/** A real Mosquitto for tests, on the loopback, if the machine has one. */

import { join } from "node:path";

const READY_MS_MAX = 5000;
const PLACES = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];

/** Where Mosquitto is; undefined if there is none. */
export const mosquittoPath: string | undefined = find(
  "mosquitto",
  Deno.env.get("KOLIKKO_MOSQUITTO"),
);

/** Where openssl is; undefined if there is none. */
export const opensslPath: string | undefined = find("openssl", undefined);

/** A test that needs Mosquitto: ignored, with the reason in its name, where there is none. */
export function mosquittoTest(name: string, fn: () => Promise<void>): void {
  const ignore = mosquittoPath === undefined;
  const reason = ignore ? " (ignored: no mosquitto found)" : "";
  Deno.test({ name: name + reason, ignore, fn });
}

/** A test that needs Mosquitto and openssl. */
export function mosquittoTlsTest(name: string, fn: () => Promise<void>): void {
  const lacks = [
    mosquittoPath === undefined ? "mosquitto" : "",
    opensslPath === undefined ? "openssl" : "",
  ].filter((tool) => tool !== "").join(" and ");
  const reason = lacks === "" ? "" : ` (ignored: no ${lacks} found)`;
  Deno.test({ name: name + reason, ignore: lacks !== "", fn });
}

export interface MosquittoOptions {
  /** User names and passwords; anybody may connect if absent. */
  readonly users?: Readonly<Record<string, string>>;
  /** The lines of an access list. */
  readonly acl?: readonly string[];
  /** PEM files of a listener with TLS; `ca` makes it ask for client certificates. */
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    readonly clientCa?: string;
  };
  readonly websockets?: boolean;
  /** Further lines of the configuration. */
  readonly lines?: readonly string[];
}

/** A running Mosquitto; `await using` stops it and removes its files. */
export class Mosquitto implements AsyncDisposable {
  readonly port: number;
  readonly #dir: string;
  #process: Deno.ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.port = port;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const dir = await Deno.makeTempDir({ prefix: "kolikko_mosquitto_" });
    const mosquitto = new Mosquitto(dir, freePort());
    const lines = await configuration(options, dir, mosquitto.port);
    await Deno.writeTextFile(join(dir, "mosquitto.conf"), lines.join("\n"));
    await mosquitto.restart();
    return mosquitto;
  }

  /** Starts it on the same port as before, after `stop()` or `kill()`. */
  async restart(): Promise<void> {
    if (mosquittoPath === undefined) throw new Error("There is no mosquitto");
    this.#process = new Deno.Command(mosquittoPath, {
      args: ["-c", join(this.#dir, "mosquitto.conf")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await listening(this.port);
  }

  /** Ends it in order: it says so to MQTT 5 clients. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Ends it without a word. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Stops it from answering, with all connections open. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    process?.kill(signal);
    await process?.status;
  }
}

async function configuration(
  options: MosquittoOptions,
  dir: string,
  port: number,
): Promise<string[]> {
  const lines = [
    "persistence false",
    // Mosquitto 2.0 gives up if it has no listener but one for websockets.
    ...(options.websockets ? [`listener ${freePort()} 127.0.0.1`] : []),
    `listener ${port} 127.0.0.1`,
    "set_tcp_nodelay true",
    ...(options.lines ?? []),
  ];
  if (options.users === undefined) {
    lines.push("allow_anonymous true");
  } else {
    await writePasswords(join(dir, "passwords"), options.users);
    lines.push("allow_anonymous false");
    lines.push(`password_file ${join(dir, "passwords")}`);
  }
  if (options.acl !== undefined) {
    await Deno.writeTextFile(join(dir, "acl"), options.acl.join("\n"));
    lines.push(`acl_file ${join(dir, "acl")}`);
  }
  if (options.tls !== undefined) {
    const { cert, key, clientCa } = options.tls;
    lines.push(`certfile ${cert}`, `keyfile ${key}`);
    if (clientCa !== undefined) {
      lines.push(`cafile ${clientCa}`, "require_certificate true");
    }
  }
  if (options.websockets) lines.push("protocol websockets");
  // Started by root it would become another user, who cannot read these files.
  if (Deno.build.os !== "windows" && Deno.uid() === 0) lines.push("user root");
  return lines;
}

async function writePasswords(
  path: string,
  users: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(users).map(([name, word]) => `${name}:${word}`);
  await Deno.writeTextFile(path, lines.join("\n") + "\n");
  const tool = find("mosquitto_passwd", undefined);
  if (tool === undefined) throw new Error("There is no mosquitto_passwd");
  await run(tool, ["-U", path]);
}

/** A CA, a server certificate for 127.0.0.1 and localhost, and a client certificate. */
export class TestCertificates implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async create(): Promise<TestCertificates> {
    const dir = await Deno.makeTempDir({ prefix: "kolikko_certificates_" });
    const made = new TestCertificates(dir);
    const days = ["-days", "2", "-subj"];
    await openssl(dir, ["req", "-x509", ...newKey("ca"), ...days, "/CN=ca"]);
    await openssl(dir, [
      "req",
      "-x509",
      ...newKey("other"),
      ...days,
      "/CN=other",
    ]);
    await made.#sign("server", "subjectAltName=IP:127.0.0.1,DNS:localhost");
    await made.#sign("elsewhere", "subjectAltName=DNS:elsewhere.example");
    await made.#sign("client", "extendedKeyUsage=clientAuth");
    return made;
  }

  /** The path of one of the files: `ca.pem`, `server.key` and so on. */
  path(name: string): string {
    return join(this.#dir, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #sign(name: string, extension: string): Promise<void> {
    const dir = this.#dir;
    await Deno.writeTextFile(this.path(`${name}.ext`), extension);
    const request = ["req", "-new", ...newKey(name, "csr")];
    await openssl(dir, [...request, "-subj", `/CN=${name}`]);
    const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    const files = ["-in", `${name}.csr`, "-out", `${name}.pem`];
    const extensions = ["-days", "2", "-extfile", `${name}.ext`];
    await openssl(dir, ["x509", "-req", ...files, ...ca, ...extensions]);
  }
}

function newKey(name: string, kind = "pem"): string[] {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  return [
    ...key,
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.${kind}`,
  ];
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  if (opensslPath === undefined) throw new Error("There is no openssl");
  await run(opensslPath, args, cwd);
}

async function run(
  exec: string,
  args: readonly string[],
  cwd?: string,
): Promise<void> {
  const command = new Deno.Command(exec, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Waits until somebody listens on the port. */
export async function listening(
  port: number,
  limitMs = READY_MS_MAX,
): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    try {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      socket.close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      if (performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A port of the loopback that nobody uses now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

/** Where a program is, looked for in these folders first. */
export function findProgram(
  name: string,
  dirs: readonly string[] = [],
): string | undefined {
  const paths = dirs.map((dir) => join(dir, name));
  return paths.find(isFile) ?? find(name, undefined);
}

function find(name: string, first: string | undefined): string | undefined {
  const dirs = (Deno.env.get("PATH") ?? "").split(":").concat(PLACES);
  const paths = dirs.filter((dir) => dir !== "").map((dir) => join(dir, name));
  return [first ?? "", ...paths].find((path) => path !== "" && isFile(path));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
