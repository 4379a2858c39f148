import { assert, assertEquals, assertThrows } from "@std/assert";
import { StartError } from "../../lib/process/os_process.ts";
import { elsewhere, lives, pidsIn, standIn, until } from "./windows_helpers.ts";
import { gone, run } from "./windows_run.ts";

/** A folder with a batch file in it; the stand-in miner is `%MINER%` there. */
class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({
    prefix: "kolikko (x86) & ääkköset 矿 ",
  });
  readonly batch = `${this.path}\\start miner.bat`;

  constructor(...lines: string[]) {
    const text = ["@echo off", ...lines, ""].join("\r\n");
    Deno.writeTextFileSync(this.batch, text);
  }

  run(...args: string[]): ReturnType<typeof run> {
    const { path, batch } = this;
    return run(args, { path: batch, cwd: path, env: { MINER } });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const MINER = [Deno.execPath(), ...standIn()].map((part) => `"${part}"`)
  .join(" ");

Deno.test({
  name: "spawnWindows() stops a batch file and its miners, and proves it",
  ignore: elsewhere,
  async fn() {
    using folder = new Folder("%MINER% tree 1");
    const tree = folder.run();
    await until("both speak", () => pidsIn(tree.lines).length === 2);
    assertEquals(tree.said, []);
    const remaining = await tree.process.remaining();
    assertEquals(remaining.length, 3);
    assert(remaining.some(({ pid }) => pid === tree.process.pid));
    await tree.process.kill();
    assertEquals(await tree.process.exited, {
      kind: "signal",
      signal: "SIGKILL",
    });
    await gone(tree);
    assertEquals(pidsIn(tree.lines).filter(lives), []);
  },
});

Deno.test({
  name: "spawnWindows() stops a batch file that starts its miner over and over",
  ignore: elsewhere,
  async fn() {
    using folder = new Folder(
      ":loop",
      "%MINER% tree 0",
      "echo restarting",
      "goto loop",
    );
    const tree = folder.run();
    await until("the first speaks", () => pidsIn(tree.lines).length === 1);
    const [first] = pidsIn(tree.lines);
    assert(first !== undefined);
    Deno.kill(first, "SIGKILL");
    await until("the next speaks", () => pidsIn(tree.lines).length === 2);
    await tree.process.kill();
    await gone(tree);
    assertEquals(pidsIn(tree.lines).filter(lives), []);
    assertEquals(pidsIn(tree.lines).length, 2);
  },
});

Deno.test({
  name: "spawnWindows() lets nothing wait at the pause of a batch file",
  ignore: elsewhere,
  async fn() {
    using folder = new Folder("pause", "echo after", "exit /b 42");
    const ended = folder.run();
    assertEquals(await ended.process.exited, { kind: "code", code: 42 });
    const after = () => ended.lines.some((line) => line.endsWith("after"));
    await until("it has spoken", after);
    await gone(ended);
  },
});

Deno.test({
  name:
    "spawnWindows() gives a batch file's exit code, or that of its last program",
  ignore: elsewhere,
  async fn() {
    const cases: readonly [string, number][] = [
      ["%MINER% exit %1", 3],
      ["exit /b %1", 5],
      ["exit %1", 7],
      ["rem nothing", 0],
    ];
    for (const [line, code] of cases) {
      using folder = new Folder(line);
      const ended = folder.run(String(code));
      assertEquals(await ended.process.exited, { kind: "code", code });
      await gone(ended);
    }
  },
});

Deno.test({
  name: "spawnWindows() passes arguments through a batch file as they are",
  ignore: elsewhere,
  async fn() {
    using folder = new Folder("%MINER% args %*");
    const args = [
      "",
      "two words",
      "C:\\end with\\",
      "-o",
      "stratum+tcp://pool.example.org:3333",
      "--pass=x,y;z",
      "ä 矿",
      "$*?~#@'",
    ];
    const talk = folder.run(...args);
    await talk.process.exited;
    await until("it has spoken", () => talk.lines.length > 0);
    assertEquals(JSON.parse(talk.lines[0] ?? ""), args);
    await gone(talk);
  },
});

Deno.test({
  name: "spawnWindows() starts nothing when an argument may be a command",
  ignore: elsewhere,
  fn() {
    using folder = new Folder(`echo run> "%~dp0ran"`);
    for (const arg of ["x&echo> injected", '"&echo> injected', "%OS%"]) {
      assertThrows(() => folder.run(arg), StartError);
    }
    const files = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    assertEquals(files, ["start miner.bat"]);
  },
});

Deno.test({
  name: "spawnWindows() runs no cmd.exe but that of Windows",
  ignore: elsewhere,
  async fn() {
    using folder = new Folder("echo here");
    Deno.writeTextFileSync(`${folder.path}\\cmd.exe`, "not a program");
    const env = { PATH: folder.path, ComSpec: `${folder.path}\\cmd.exe` };
    const talk = run([], { path: folder.batch, cwd: folder.path, env });
    assertEquals(await talk.process.exited, { kind: "code", code: 0 });
    await until("it has spoken", () => talk.lines.includes("here"));
    await gone(talk);
  },
});
