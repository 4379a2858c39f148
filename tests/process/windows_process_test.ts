import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { drain } from "../../lib/process/child.ts";
import { StartError } from "../../lib/process/os_process.ts";
import { elsewhere, lives, pidsIn, standIn, until } from "./windows_helpers.ts";
import { gone, run, unguarded } from "./windows_run.ts";

Deno.test({
  name: "spawnWindows() stops a tree of three generations and proves it",
  ignore: elsewhere,
  async fn() {
    const tree = run(standIn("tree", "2"));
    await until("all three speak", () => pidsIn(tree.lines).length === 3);
    assertEquals(tree.said, []);
    assertEquals(pidsIn(tree.lines)[0], tree.process.pid);
    const remaining = await tree.process.remaining();
    assertEquals(remaining.length, 3);
    for (const { name } of remaining) assertMatch(name, /deno/i);

    tree.process.signal("SIGINT");
    assertEquals((await tree.process.remaining()).length, 3);
    assert(tree.process.killOnly);

    await tree.process.kill();
    assertEquals(await tree.process.exited, {
      kind: "signal",
      signal: "SIGKILL",
    });
    await gone(tree);
    assertEquals(pidsIn(tree.lines).filter(lives), []);
    await tree.process.kill();
  },
});

Deno.test({
  name: "spawnWindows() shows what the first process left behind",
  ignore: elsewhere,
  async fn() {
    const tree = run(standIn("orphan"));
    assertEquals(await tree.process.exited, { kind: "code", code: 0 });
    const [left] = await tree.process.remaining();
    assertEquals([left?.pid], pidsIn(tree.lines));

    await tree.process.kill();
    await gone(tree);
  },
});

Deno.test({
  name: "spawnWindows() leaves nothing when the controller is killed hard",
  ignore: elsewhere,
  async fn() {
    const script = new URL("./windows_controller.ts", import.meta.url).href;
    const controller = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines: string[] = [];
    const { signal } = new AbortController();
    const push = (line: string) => lines.push(line);
    const drained = drain(controller.stdout, push, signal);
    await until("all three speak", () => pidsIn(lines).length === 3);

    controller.kill("SIGKILL");
    await controller.status;
    await until("none lives", () => !pidsIn(lines).some(lives));
    await drained;
  },
});

Deno.test({
  name: "spawnWindows() reports exit codes as they are",
  ignore: elsewhere,
  async fn() {
    for (const code of [0, 1, 3, 137]) {
      const ended = run(standIn("exit", String(code)));
      assertEquals(await ended.process.exited, { kind: "code", code });
      await gone(ended);
    }
  },
});

Deno.test({
  name: "spawnWindows() gives the mark, the environment and the folder",
  ignore: elsewhere,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "kolikko ääkköset 矿 " });
    const talk = run(standIn("env"), { cwd: folder, env: { OWN: "ä 1" } });
    await talk.process.exited;
    await until("it has spoken", () => talk.lines.length === 3);
    assertEquals(talk.lines, ["mark mark-1", "own ä 1", `cwd ${folder}`]);
    await gone(talk);
    Deno.removeSync(folder);
  },
});

Deno.test({
  name:
    "spawnWindows() starts a program at a path with spaces and other letters",
  ignore: elsewhere,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "kolikko ääkköset 矿 " });
    const path = `${folder}\\my miner ö.exe`;
    const shell = `${Deno.env.get("SystemRoot")}\\System32\\cmd.exe`;
    Deno.copyFileSync(shell, path);
    const talk = run(["/d", "/c", "echo here"], { path, cwd: folder });
    assertEquals(await talk.process.exited, { kind: "code", code: 0 });
    await until("it has spoken", () => talk.lines.length > 0);
    assertEquals(talk.lines[0]?.trim(), "here");
    await gone(talk);
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test({
  name: "spawnWindows() passes arguments on as they are",
  ignore: elsewhere,
  async fn() {
    const args = [
      "",
      "two words",
      'a "quote"',
      "C:\\end with\\",
      "100% %PATH%",
      "a&b|c^",
    ];
    const talk = run(standIn("args", ...args));
    await talk.process.exited;
    await until("it has spoken", () => talk.lines.length > 0);
    assertEquals(JSON.parse(talk.lines[0] ?? ""), args);
    await gone(talk);
  },
});

Deno.test({
  name: "spawnWindows() drains a talkative program",
  ignore: elsewhere,
  async fn() {
    const count = 20_000;
    const talk = run(standIn("talk", String(count)));
    assertEquals(await talk.process.exited, { kind: "code", code: 0 });
    await until("all is read", () => talk.printed() === count + 1);
    assert(talk.lines.includes(`line ${count}`));
    assert(talk.lines.includes("on stderr"));
    await gone(talk);
  },
});

Deno.test({
  name: "spawnWindows() refuses what is no program and says what to do",
  ignore: elsewhere,
  fn() {
    const folder = Deno.makeTempDirSync();
    const path = `${folder}\\miner.exe`;
    Deno.writeTextFileSync(path, "not a program");
    const bad = assertThrows(() => run([], { path }), StartError);
    assertStringIncludes(bad.message, `Cannot start "miner"`);
    assertStringIncludes(bad.message, "it is not a Windows program");
    Deno.removeSync(folder, { recursive: true });
    const missing = assertThrows(() => run([], { path }), StartError);
    assertStringIncludes(missing.message, path);
    assertStringIncludes(missing.message, "a virus scanner took it");
  },
});

Deno.test({
  name: "spawnWindows() without jobs says so, and ends the first process",
  ignore: elsewhere,
  async fn() {
    const tree = run(standIn("tree", "0"), { guard: unguarded });
    assertEquals(tree.said, ["for a test"]);
    await until("it speaks", () => pidsIn(tree.lines).length === 1);
    assertEquals(
      (await tree.process.remaining()).map(({ pid }) => pid),
      [tree.process.pid],
    );
    await tree.process.kill();
    assertEquals(await tree.process.exited, {
      kind: "signal",
      signal: "SIGKILL",
    });
    await gone(tree);
    assertEquals(lives(tree.process.pid), false);
    await tree.process.kill();
  },
});
