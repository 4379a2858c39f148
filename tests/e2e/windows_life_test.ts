/** The real program on Windows, from the broker to the trees of its miners. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type EmbeddedBroker,
  startEmbeddedBroker,
} from "../../lib/demo/embedded_broker.ts";
import {
  elsewhere,
  lives,
  startInConsole,
  until,
} from "../process/windows_helpers.ts";
import { Home } from "./home.ts";
import { FROM_SOURCE, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";

interface Tree {
  readonly file: string;
  readonly all: () => number[];
  /** Those that live, of all but the first so many. */
  readonly living: (but?: number) => number[];
}

/** A rig as an owner sets it up on Windows, and the home it heats. */
class Winter implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync({
    prefix: "kolikko (x86) & ääkköset 矿 ",
  });
  readonly config = `${this.dir}\\asetukset ö.toml`;
  readonly logDir = `${this.dir}\\loki ä`;
  readonly broker: EmbeddedBroker;
  readonly home: Home;

  private constructor(broker: EmbeddedBroker, home: Home) {
    this.broker = broker;
    this.home = home;
  }

  static async begin(): Promise<Winter> {
    const broker = await startEmbeddedBroker({ port: 0 });
    return new Winter(broker, await Home.join(broker.port));
  }

  /** Writes the configuration as an editor of Windows does. */
  configure(...commands: readonly string[]): void {
    const lines = [
      "[mqtt]",
      `url = "${this.broker.url}"`,
      "[log]",
      "dir = 'loki ä'",
      ...commands,
    ];
    const text = lines.join("\n").replaceAll("\n", "\r\n");
    Deno.writeTextFileSync(this.config, `\ufeff${text}`);
  }

  get args(): string[] {
    return ["run", "--config", this.config];
  }

  /** What the stand-ins of one tree write their pids to. */
  tree(name: string): Tree {
    const file = `${this.dir}\\${name} ö.txt`;
    const all = () => {
      try {
        return Deno.readTextFileSync(file).split("\n").filter(Boolean)
          .map(Number);
      } catch {
        return [];
      }
    };
    return { file, all, living: (but = 0) => all().slice(but).filter(lives) };
  }

  async on(): Promise<void> {
    await this.home.until(`${BASE}/availability`, "online");
    await this.home.say(BASE, "ON");
    await this.home.until(`${BASE}/status`, "ON");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
    await this.broker.close();
    const gone = () => {
      try {
        Deno.removeSync(this.dir, { recursive: true });
        return true;
      } catch (error) {
        // The folder of a process that has just ended may be in use for a moment.
        return error instanceof Deno.errors.NotFound;
      }
    };
    await until("the folder can be removed", gone);
  }
}

/** A miner with two generations below it that is found by its name without .exe. */
function deep(tree: Tree): string {
  const flags = ["--fork", "2", "--pids-file", tree.file];
  const folder = Deno.execPath().replace(/\\[^\\]*$/, "");
  const env = `env = { PATH = ${JSON.stringify(folder)} }`;
  return standIn("deep", flags, [env]).replace(/^exec = .*$/m, 'exec = "deno"');
}

/** A batch file as miners ship with: it starts its miner over and over. */
function batch(winter: Winter, tree: Tree): string {
  const folder = "kaivos (1) & ö";
  // cmd.exe reads the file in the code page of the machine: its text is ASCII.
  const flags = ["--pids-file", "%PIDS%"];
  const args = /^args = (.*)$/m.exec(standIn("batch", flags))?.[1] ?? "";
  const miner = [Deno.execPath(), ...JSON.parse(args) as string[]];
  const lines = [":again", `"${miner.join('" "')}"`, "goto again", ""];
  Deno.mkdirSync(`${winter.dir}\\${folder}`);
  Deno.writeTextFileSync(
    `${winter.dir}\\${folder}\\start.bat`,
    lines.join("\r\n"),
  );
  return [
    "[[command]]",
    'name = "batch"',
    'exec = "start"',
    `cwd = '${folder}'`,
    `env = { PIDS = '${tree.file}' }`,
    "",
  ].join("\n");
}

Deno.test({
  name:
    "kolikko run on Windows stops programs and batch files, and leaves none when it is killed",
  ignore: elsewhere,
  async fn() {
    await using winter = await Winter.begin();
    const deepTree = winter.tree("deep");
    const batchTree = winter.tree("batch");
    const living = () => [...deepTree.living(), ...batchTree.living()];
    winter.configure(deep(deepTree), batch(winter, batchTree));
    await using rig = Rig.startIn(winter.dir, winter.args, {
      way: FROM_SOURCE,
    });
    await winter.on();
    await until("all live", () => living().length === 4);
    await winter.home.until(`${BASE}/command/batch/state`, "running");

    await winter.home.say(BASE, "OFF");
    await winter.home.until(`${BASE}/status`, "OFF");
    // The proof holds, and the batch file started no other miner.
    assertEquals(living(), []);
    assertEquals([deepTree.all().length, batchTree.all().length], [3, 1]);
    await winter.home.until(`${BASE}/statusmsg`, "OK");

    await winter.on();
    // Windows gives the pids of the first four anew: they are of no interest any more.
    const again = () => [...deepTree.living(3), ...batchTree.living(1)];
    await until("all live again", () => again().length === 4);
    rig.signal("SIGKILL");
    await rig.ended();
    await until("nothing is left", () => again().length === 0);
    const log = Deno.readTextFileSync(`${winter.logDir}\\kolikko.log`);
    assertStringIncludes(log, "KolikkoControl starts");
    for (const weak of ["can be proven gone", "outlive", "protection is off"]) {
      assert(!log.includes(weak), log);
    }
  },
});

Deno.test({
  name: "kolikko run on Windows ends in order at Ctrl-C",
  ignore: elsewhere,
  async fn() {
    await using winter = await Winter.begin();
    const tree = winter.tree("cpu");
    winter.configure(
      standIn("cpu", ["--like", "xmrig", "--pids-file", tree.file]),
    );
    const press = `${winter.dir}\\press`;
    const args = [...FROM_SOURCE.args, ...winter.args];
    const child = startInConsole(press, args);
    await winter.on();
    await until("it lives", () => tree.living().length === 1);
    const read = (name: string) =>
      Deno.readTextFileSync(`${winter.logDir}\\${name}.log`);
    await until("it prints", () => read("cpu").includes("READY threads"));
    Deno.writeTextFileSync(press, "");
    assertEquals((await child.status).code, 0);
    await winter.home.until(`${BASE}/availability`, "offline");
    assertEquals(winter.home.latest(`${BASE}/status`), "OFF");
    assertEquals(tree.living(), []);
    assertStringIncludes(read("kolikko"), "SIGINT");
  },
});
