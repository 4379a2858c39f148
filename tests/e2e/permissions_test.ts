/** The program with fewer permissions than it wants: it starts as far as it can, and says what is missing. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { FROM_SOURCE, Rig, standIn, type Way } from "./rig.ts";

const MAIN = FROM_SOURCE.args.at(-1) ?? "";

function way(...permissions: readonly string[]): Way {
  const flags = permissions.map((name) => `--allow-${name}`);
  return {
    name: flags.join(" "),
    exec: Deno.execPath(),
    args: ["run", "--no-prompt", "--cached-only", ...flags, MAIN],
    skipped: undefined,
  };
}

const TWO = way("run", "net");

/** Starts it in an empty folder; what it said, and its exit code. */
async function outcome(
  args: readonly string[],
  which: Way,
): Promise<{ readonly code: number; readonly log: string }> {
  const dir = await Deno.makeTempDir({ prefix: "kolikko_rig_" });
  await using rig = Rig.startIn(dir, args, { way: which });
  const { code } = await rig.ended();
  const { log } = rig;
  assert(!/Uncaught|\n\s+at /.test(log), log);
  return { code, log };
}

Deno.test("kolikko says which flag lets it read its configuration", async () => {
  for (const subcommand of ["run", "check", "acl", "forget"]) {
    for (const which of [TWO, way()]) {
      const { code, log } = await outcome([subcommand], which);
      assertEquals(code, 2, log);
      assertStringIncludes(log, "kolikko.toml");
      assertStringIncludes(log, "--allow-read");
    }
  }
});

Deno.test("kolikko says what it is without any permission", async () => {
  const { code, log } = await outcome(["help"], way());
  assertEquals(code, 0);
  assertStringIncludes(log, "Usage:");
});

Deno.test("kolikko demo runs with --allow-run --allow-net alone, or says what it lacks", async () => {
  const { code, log } = await outcome(["demo", "--for", "1s"], TWO);
  assertEquals(code, 0, log);
  assertStringIncludes(log, "Nothing is left running");
  const cut = await outcome(["demo", "--for", "1s"], way("run"));
  assertEquals(cut.code, 2, cut.log);
  assertStringIncludes(cut.log, "--allow-net");
});

mosquittoTest(
  "kolikko run heats, stops and says what it lacks with --allow-run --allow-net --allow-read alone",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    const few = way("run", "net", "read");
    await using rig = await Rig.start({
      way: few,
      port: broker.port,
      commands: [standIn("cpu", [])],
    });
    await home.until("/kolikko1/heat/status", "OFF");
    await home.say("/kolikko1/heat", "ON");
    await home.until("/kolikko1/heat/command/cpu/state", "running");
    await home.say("/kolikko1/heat", "OFF");
    await home.until("/kolikko1/heat/status", "OFF");
    for (const flag of ["env", "ffi", "sys=osUptime"]) {
      assertStringIncludes(rig.log, `--allow-${flag}`);
    }
    assert(!/Uncaught|\n\s+at /.test(rig.log), rig.log);
    rig.signal("SIGTERM");
    assertEquals((await rig.ended()).code, 0, rig.log);
  },
);

Deno.test("kolikko check says that a program may not be run", async () => {
  await using idle = await Rig.start({
    port: 9,
    commands: [standIn("cpu", [])],
  });
  const check = ["check", "--config", `${idle.dir}/kolikko.toml`];
  const { log } = await outcome(check, way("read", "net"));
  assertStringIncludes(log, "may not be run");
  assertStringIncludes(log, "--allow-run");
});

const TERMINAL_MS_MAX = 60_000;

/** Is there what gives a program a terminal? */
function hasTerminals(): boolean {
  try {
    const { success } = new Deno.Command("script", {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success && Deno.build.os === "linux";
  } catch {
    return false;
  }
}

/** What a person is shown who answers the first question with yes, all others with no, and then ends it. */
async function shownOnTerminal(line: string, cwd: string): Promise<string> {
  const child = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // One that waits for an answer hears nothing else.
  const limit = setTimeout(() => child.kill("SIGKILL"), TERMINAL_MS_MAX);
  const keys = child.stdin.getWriter();
  const press = (text: string) => keys.write(new TextEncoder().encode(text));
  let log = "";
  let answered = 0;
  let ended = false;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    log += decoder.decode(chunk, { stream: true });
    const asked = log.split("> ").length - 1;
    if (answered < asked && /Allow\?[^>]*> $/.test(log)) {
      // Keys that were pressed before a question do not answer it.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await press(answered === 0 ? "y\n" : "n\n");
      answered += 1;
    }
    if (ended || !log.includes("No connection to the broker")) continue;
    ended = true;
    await press("\x03");
  }
  await keys.close().catch(() => {});
  await child.status;
  clearTimeout(limit);
  return log;
}

Deno.test({
  name:
    "kolikko run asks on a terminal at its start alone, and for nothing twice",
  ignore: !hasTerminals(),
  async fn() {
    await using idle = await Rig.start({
      port: 9,
      commands: [standIn("cpu", [])],
    });
    idle.signal("SIGTERM");
    await idle.ended();
    const run = `exec ${TWO.exec} run --allow-run --allow-net ${MAIN} run`;
    const log = await shownOnTerminal(run, idle.dir);
    const asked = [...log.matchAll(/Deno requests (.*)\./g)].map(([, it]) =>
      it
    );
    assertEquals(new Set(asked).size, asked.length, log);
    assert(asked.length >= 5, log);
    assert(log.indexOf("starts") > log.lastIndexOf("Deno requests"), log);
  },
});
