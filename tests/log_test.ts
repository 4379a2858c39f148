import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { getLogger, type LogRecord } from "@logtape/logtape";
import {
  closeLog,
  lineOf,
  LogError,
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

Deno.test("openLog() refuses a folder that it cannot write, and says what to do", async () => {
  const file = await Deno.makeTempFile();
  let message = "";
  try {
    await openLog({
      settings: {
        level: "info",
        dir: `${file}/logs`,
        maxSizeBytes: 1,
        keep: 2,
      },
      commands: [],
      write: () => {},
    });
  } catch (error) {
    assert(error instanceof LogError);
    message = error.message;
  } finally {
    await Deno.remove(file);
  }
  assertStringIncludes(message, 'dir = ""');
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
