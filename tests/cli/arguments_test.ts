import { assert, assertEquals } from "@std/assert";
import { readArguments } from "../../lib/cli/arguments.ts";

const read = (line: string) =>
  readArguments(line.split(" ").filter((word) => word !== ""), "1.2.3");

Deno.test("readArguments() runs the controller if nothing else is said", () => {
  const expected = {
    kind: "run",
    version: "1.2.3",
    config: undefined,
  } as const;
  assertEquals(read(""), expected);
  assertEquals(read("run"), expected);
  assertEquals(read("run --config k.toml"), { ...expected, config: "k.toml" });
  assertEquals(read("--config=k.toml"), { ...expected, config: "k.toml" });
  assertEquals(read("-c k.toml"), { ...expected, config: "k.toml" });
});

Deno.test("readArguments() takes the build that was compiled in from the front", () => {
  assertEquals(read("--build=v1-3-gabc --version"), {
    kind: "version",
    version: "1.2.3 (v1-3-gabc)",
  });
  assertEquals(read("--build= --version"), {
    kind: "version",
    version: "1.2.3",
  });
  assertEquals(read("--build=x").kind, "run");
  assertEquals(read("run --build=x").kind, "wrong");
});

Deno.test("readArguments() reads the demo's port and time", () => {
  assertEquals(read("demo"), {
    kind: "demo",
    version: "1.2.3",
    port: 0,
    forMs: 120_000,
  });
  assertEquals(read("demo --for 30s --port 1883"), {
    kind: "demo",
    version: "1.2.3",
    port: 1883,
    forMs: 30_000,
  });
});

Deno.test("readArguments() says what is wrong, and what is wanted", () => {
  const table: [string, string][] = [
    ["walk", "walk"],
    ["run away", "away"],
    ["run --fast", "--fast"],
    ["run --port 1", "--port"],
    ["demo --config x", "--config"],
    ["demo --port 0x", "0x"],
    ["demo --port 70000", "70000"],
    ["demo --for ever", "ever"],
    ["run --config=", "--config FILE"],
    ["chekc", "did you mean check?"],
    ["version", "did you mean --version?"],
    ["rig.toml", "--config rig.toml"],
    ["check rig.toml", "--config rig.toml"],
    ["demo 2m", "--for 2m"],
  ];
  for (const [line, phrase] of table) {
    const args = read(line);
    assert(args.kind === "wrong", line);
    assert(args.message.includes(phrase), args.message);
  }
});

Deno.test("readArguments() helps whoever asks", () => {
  for (const line of ["--help", "-h", "help", "run --help"]) {
    assertEquals(read(line).kind, "help", line);
  }
});
