import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { getLogger, type LogRecord } from "@logtape/logtape";
import {
  closeLog,
  lineOf,
  nowAndThen,
  oneLine,
  openLog,
  outputLog,
} from "../lib/log.ts";

function record(
  rawMessage: string,
  properties: Record<string, unknown>,
  timestamp = 0,
): LogRecord {
  const message = rawMessage.split(/\{(\w+)\}/).map((part, index) =>
    index % 2 === 0 ? part : properties[part]
  );
  return {
    category: ["kolikko", "command"],
    level: "info",
    message,
    rawMessage,
    properties,
    timestamp,
  };
}

Deno.test("oneLine() puts properties behind the text, quoted where they need it", () => {
  assertEquals(
    oneLine(record("Started {command}", { command: "cpu", pid: 7 })),
    "1970-01-01T00:00:00.000Z info    command: Started cpu pid=7",
  );
  assertEquals(
    oneLine(record("Failed", { error: new Error("a b"), gone: undefined })),
    '1970-01-01T00:00:00.000Z info    command: Failed error="a b"',
  );
});

Deno.test("oneLine() keeps a stranger's text on one line", () => {
  const line = oneLine(record("Refused", { why: "a\nb\u001b[2J" }));
  assert(!line.includes("\n") && !line.includes("\u001b"), line);
});

Deno.test("nowAndThen() tells each fault once in ten minutes", () => {
  const told: number[] = [];
  const sink = nowAndThen((one) => told.push(one.timestamp));
  for (const at of [0, 599_999, 600_000]) sink(record("full disk", {}, at));
  sink(record("other", {}, 1));
  assertEquals(told, [0, 600_000, 1]);
});

Deno.test("openLog() writes news and a command's output to files of their own, and turns them over", async () => {
  const dir = await Deno.makeTempDir();
  const lines: string[] = [];
  try {
    await openLog({
      settings: { level: "info", dir, maxSizeBytes: 20_000, keep: 2 },
      commands: ["cpu"],
      write: (line) => lines.push(line),
    });
    getLogger(["kolikko", "heat"]).info("Decided", { heat: "on" });
    const output = outputLog("cpu");
    for (let index = 0; index < 2_000; index++) {
      output(`line ${index}`);
      if (index % 200 === 0) await new Promise((done) => setTimeout(done, 1));
    }
    await closeLog();
    const main = await Deno.readTextFile(`${dir}/kolikko.log`);
    assertStringIncludes(main, "heat: Decided heat=on");
    assert(!main.includes("line 5"), "a miner's lines are no news");
    assertEquals(lines.length, 1);
    const names = [];
    for await (const { name } of Deno.readDir(dir)) names.push(name);
    assertEquals(names.sort(), ["cpu.log", "cpu.log.1", "kolikko.log"]);
    const last = await Deno.readTextFile(`${dir}/cpu.log`);
    assertStringIncludes(last, "line 1999");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** What the terminal shows of a log with this folder, to which a line of each kind is said. */
async function shown(dir: string, keep = 2): Promise<string> {
  const lines: string[] = [];
  await openLog({
    settings: { level: "info", dir, maxSizeBytes: 20_000, keep },
    commands: ["cpu"],
    write: (line) => lines.push(line),
  });
  getLogger(["kolikko", "heat"]).info("Decided");
  outputLog("cpu")("hello");
  await closeLog();
  return lines.join("\n");
}

Deno.test("openLog() goes on without a folder that it cannot write, and says what to do", async () => {
  const file = await Deno.makeTempFile();
  try {
    const text = await shown(`${file}/logs`);
    assertStringIncludes(text, `Cannot write log files to "${file}/logs"`);
    assertStringIncludes(text, 'dir = ""');
    assertStringIncludes(text, "heat: Decided");
    assertStringIncludes(text, "cpu | hello");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test({
  name:
    "openLog() waits for no FIFO, and takes no folder, device or broken link for a file",
  ignore: Deno.build.os === "windows",
  async fn() {
    const makers: Record<string, (path: string) => Promise<unknown>> = {
      fifo: (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
      folder: (path) => Deno.mkdir(path),
      device: (path) => Deno.symlink("/dev/full", path),
      link: (path) => Deno.symlink("/nowhere/at/all", path),
    };
    for (const [kind, make] of Object.entries(makers)) {
      const dir = await Deno.makeTempDir();
      try {
        await make(`${dir}/kolikko.log`);
        await make(`${dir}/cpu.log`);
        const text = await shown(dir);
        for (const name of ["kolikko", "cpu"]) {
          const fault = `Cannot write the log file "${dir}/${name}.log"`;
          assertStringIncludes(text, fault, kind);
        }
        assertStringIncludes(text, "heat: Decided", kind);
        assertStringIncludes(text, "cpu | hello", kind);
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    }
  },
});

Deno.test("lineOf() gives the journal a priority for each line, and no time stamp", () => {
  const levels = ["debug", "info", "warning", "error", "fatal"] as const;
  const lines = levels.map((level) =>
    lineOf({ ...record("Ended", { command: "cpu" }), level }, true)
  );
  assertEquals(lines, [
    "<7>command: Ended command=cpu",
    "<6>command: Ended command=cpu",
    "<4>command: Ended command=cpu",
    "<3>command: Ended command=cpu",
    "<2>command: Ended command=cpu",
  ]);
  const long = record("{message}", { message: "first\nsecond" });
  assertEquals(
    lineOf({ ...long, level: "error" }, true),
    "<3>command: first\n<3>second",
  );
  const output = {
    ...record("{line}", { line: "12 kH/s" }),
    category: ["kolikko", "output", "cpu"],
  };
  assertEquals(lineOf(output, true), "<6>cpu | 12 kH/s");
  assertEquals(
    lineOf(output, false),
    "1970-01-01T00:00:00.000Z cpu | 12 kH/s",
  );
});
