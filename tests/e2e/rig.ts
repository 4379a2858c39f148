/** The real program, as a child, for end-to-end tests. */

import { fileURLToPath } from "node:url";
import { mosquittoTest } from "../mosquitto.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STAND_IN = fileURLToPath(
  new URL("../stand_in/program.ts", import.meta.url),
);

/** A way to run the program: from source, with few permissions, compiled. */
export interface Way {
  readonly name: string;
  readonly exec: string;
  readonly args: readonly string[];
  /** Why it cannot be run here. */
  readonly skipped: string | undefined;
}

const binary = Deno.env.get("KOLIKKO_BINARY");

/** All that a program without "all permissions" may do; see README, "Permissions". */
export const NARROW = [
  "--no-prompt",
  "--allow-run",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,osUptime",
];

export const FROM_SOURCE: Way = {
  name: "from source",
  exec: Deno.execPath(),
  args: ["run", "-A", `${ROOT}/main.ts`],
  skipped: undefined,
};

const FEW_PERMISSIONS: Way = {
  name: "with few permissions",
  exec: Deno.execPath(),
  args: ["run", ...NARROW, `${ROOT}/main.ts`],
  skipped: undefined,
};

const COMPILED: Way = {
  name: "compiled",
  exec: binary ?? "",
  args: [],
  skipped: binary === undefined
    ? "KOLIKKO_BINARY names no compiled program"
    : undefined,
};

/** What all tests run that do not choose: what is shipped, where there is one. */
export const USUAL: Way = binary === undefined ? FROM_SOURCE : COMPILED;

/** For what depends on permissions. */
export const USUAL_WAYS: readonly Way[] = [USUAL, FEW_PERMISSIONS];

/** For the few tests that show that all ways do the same. */
export const WAYS: readonly Way[] = [FROM_SOURCE, FEW_PERMISSIONS, COMPILED];

/** A test of one way: ignored, with the reason in its name, where it cannot be run here. */
export function wayTest(
  way: Way,
  name: string,
  fn: () => Promise<void>,
  test: (name: string, fn: () => Promise<void>) => void = mosquittoTest,
): void {
  if (way.skipped === undefined) return test(name, fn);
  Deno.test({ name: `${name} (ignored: ${way.skipped})`, ignore: true, fn });
}

/** A `[[command]]` that runs the stand-in program with these flags. */
export function standIn(
  name: string,
  flags: readonly string[],
  lines: readonly string[] = [],
): string {
  const args = ["run", "-A", "--no-config", "--no-lock", STAND_IN, ...flags];
  return [
    "[[command]]",
    `name = "${name}"`,
    `exec = ${JSON.stringify(Deno.execPath())}`,
    `args = ${JSON.stringify(args)}`,
    ...lines,
    "",
  ].join("\n");
}

export interface RigOptions {
  readonly way?: Way;
  readonly port: number;
  /** Of the broker's url. */
  readonly scheme?: "mqtt" | "ws";
  /** Lines of `[mqtt]` besides the url. */
  readonly mqtt?: readonly string[];
  readonly heat?: readonly string[];
  readonly log?: readonly string[];
  readonly commands: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of one of its own. */
  readonly id?: string;
}

export class Rig implements AsyncDisposable {
  readonly dir: string;
  /** Unique, so that another rig on this machine disturbs no test. */
  readonly id: string;
  /** What the program printed so far. */
  log = "";
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  #ended = false;

  private constructor(dir: string, id: string, child: Deno.ChildProcess) {
    this.dir = dir;
    this.id = id;
    this.#child = child;
    const decoder = new TextDecoder();
    this.#read = Promise.all(
      [child.stdout, child.stderr].map(async (stream) => {
        for await (const chunk of stream) this.log += decoder.decode(chunk);
      }),
    );
    void child.status.then(() => this.#ended = true);
  }

  /** Writes a configuration and starts the program with it. */
  static async start(options: RigOptions): Promise<Rig> {
    const dir = await Deno.makeTempDir({ prefix: "kolikko_rig_" });
    const file = `${dir}/kolikko.toml`;
    const id = options.id ?? `rig-${crypto.randomUUID().slice(0, 8)}`;
    await Deno.writeTextFile(file, configuration(id, options));
    return Rig.startIn(dir, ["run", "--config", file], { ...options, id });
  }

  /** Starts the program once more, with the same configuration, state and id. */
  again(options: Pick<RigOptions, "way" | "env"> = {}): Rig {
    const args = ["run", "--config", `${this.dir}/kolikko.toml`];
    return Rig.startIn(this.dir, args, { ...options, id: this.id });
  }

  /** Starts the program in a folder with these arguments; its state stays there, too. */
  static startIn(
    dir: string,
    args: readonly string[],
    options: Pick<RigOptions, "way" | "env"> & { readonly id?: string },
  ): Rig {
    const way = options.way ?? USUAL;
    const child = new Deno.Command(way.exec, {
      args: [...way.args, ...args],
      cwd: dir,
      env: {
        NO_COLOR: "1",
        DENO_NO_UPDATE_CHECK: "1",
        // Nothing of whoever runs the tests is touched, and no systemd of theirs.
        STATE_DIRECTORY: "",
        XDG_STATE_HOME: `${dir}/state`,
        LOCALAPPDATA: `${dir}/state`,
        NOTIFY_SOCKET: "",
        ...options.env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Rig(dir, options.id ?? "kolikko1", child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Waits for its end, and for all it printed. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await this.#child.status;
    await this.#read;
    return status;
  }

  /** Waits until it has printed this. */
  async untilLogged(text: string, limitMs = 15_000): Promise<void> {
    const end = performance.now() + limitMs;
    while (!this.log.includes(text)) {
      if (this.#ended || performance.now() > end) {
        throw new Error(`Waited for "${text}" in:\n${this.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      this.signal("SIGTERM");
      const timer = setTimeout(() => this.signal("SIGKILL"), 12_000);
      await this.#child.status;
      clearTimeout(timer);
    }
    await this.#read;
    try {
      await Deno.remove(this.dir, { recursive: true });
    } catch (error) {
      // A rig that was started again has one folder.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function configuration(id: string, options: RigOptions): string {
  const section = (name: string, lines: readonly string[] = []) =>
    [`[${name}]`, ...lines, ""].join("\n");
  return [
    section("rig", [`id = "${id}"`]),
    section("mqtt", [
      `url = "${options.scheme ?? "mqtt"}://127.0.0.1:${options.port}"`,
      ...options.mqtt ?? [],
    ]),
    section("heat", options.heat),
    section("log", options.log),
    ...options.commands,
  ].join("\n");
}

/** The living processes of this machine that carry a rig's mark. */
export async function marked(
  { id }: { readonly id: string },
): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environ = await Deno.readTextFile(`/proc/${name}/environ`);
      const stat = await Deno.readTextFile(`/proc/${name}/stat`);
      const dead = /^[ZX] /.test(stat.slice(stat.lastIndexOf(")") + 2));
      if (!dead && environ.includes(`KOLIKKO_MARK=${id}/`)) {
        found.push(Number(name));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
