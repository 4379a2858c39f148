/** What is wrong with how a miner is read, watched, and kept from being too hot. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { bad, good, LEAST, withLines } from "./bad.ts";

Deno.test("parseConfig() tells what is wrong with how a miner is read", async () => {
  const { problems } = await bad(`${LEAST}
[command.telemetry]
api = "xmirg"
port = 70000
patterns = ['speed [0-9]+', '(']
intervall = "10s"
[command.watchdog]
min_hashrate_khs = "fast"
[safety]
max_temperature_c = 70
resume_below_c = 75
`);
  assertEquals(problems.map(({ line, key }) => [line, key]), [
    [8, "command[0].telemetry.api"],
    [9, "command[0].telemetry.port"],
    [10, "command[0].telemetry.patterns[0]"],
    [10, "command[0].telemetry.patterns[1]"],
    [11, "command[0].telemetry.intervall"],
    [13, "command[0].watchdog.min_hashrate_khs"],
    [16, "safety.resume_below_c"],
  ]);
  const said = problems.map(({ message }) => message).join("\n");
  for (
    const hint of ['"xmrig"?', "groups named hashrate", '"interval"?', "70"]
  ) {
    assertStringIncludes(said, hint);
  }
});

/** Line (the second of the file) and phrases of the message. */
type Row = [string, ...string[]];

async function check(table: string, rows: readonly Row[]): Promise<void> {
  for (const [line, ...phrases] of rows) {
    const { problems } = await bad(withLines(table, line));
    const said = problems.map(({ message }) => message).join("\n");
    const place = table === "command" ? "command[0]" : table;
    const key = line.slice(0, line.indexOf(" "));
    assertEquals(
      problems.map(({ line, key }) => [line, key.replace(/\[\d\]$/, "")]),
      [[2, `${place}.${key}`]],
      `${line}: ${said}`,
    );
    for (const phrase of phrases) assertStringIncludes(said, phrase, line);
  }
}

Deno.test("parseConfig() refuses bad values of [command.telemetry]", async () => {
  await check("command", [
    [`telemetry.api = "xmrigg"`, `did you mean "xmrig"?`],
    [`telemetry.api = 5`, "found 5", "quotes"],
    [`telemetry.host = ""`, "empty"],
    [`telemetry.host = 127`, "found 127", "quotes"],
    [`telemetry.port = 65536`, "from 0 to 65535"],
    [`telemetry.port = "18088"`, "without quotes"],
    [`telemetry.port = 80.5`, "whole number"],
    [`telemetry.token = 42`, "found a number", "quotes"],
    [`telemetry.interval = 10`, "found 10", `"10s"`],
    [`telemetry.interval = "1s"`, `"2s" at least`],
    [`telemetry.interval = "301s"`, `"5m" at most`],
    [`telemetry.interval = "never"`, "cannot be here"],
    [`telemetry.patterns = "x"`, "found a text", "an array"],
    [`telemetry.patterns = [5]`, "in single quotes"],
    [`telemetry.patterns = ["("]`, "a regular expression"],
    [`telemetry.patterns = ["no"]`, "groups named hashrate"],
    [`telemetry.patterns = ['(?<speed>x)']`, "groups named hashrate"],
    [`telemetry.patterns = ['(?<hashrate>a)(?=b)']`, "no look-around"],
    [`telemetry.patterns = ['(?<hashrate>a{999})']`, "smaller repetitions"],
    [`telemetry.api = "gminer"`, "no port", "--api"],
    [`telemetry.intervall = "10s"`, `did you mean "interval"?`],
    [`telemetry.low_for = "5m"`, "below [command.watchdog]"],
  ]);
});

Deno.test("parseConfig() refuses bad values of [command.watchdog]", async () => {
  await check("command", [
    [`watchdog.min_hashrate_khs = -1`, "found -1", "from 0 to"],
    [`watchdog.min_hashrate_khs = nan`, "found NaN", "a number"],
    [`watchdog.min_hashrate_khs = inf`, "found Infinity", "a number"],
    [`watchdog.low_for = "0s"`, "more than 0"],
    [`watchdog.low_for = 600`, "found 600", "quotes"],
    [`watchdog.no_share_for = "0m"`, "more than 0"],
    [`watchdog.silent_for = "0s"`, "more than 0"],
    [`watchdog.silent_for = "ever"`, `found "ever"`, `"never"`],
    [`watchdog.warm_up = "never"`, "cannot be here"],
    [`watchdog.restarts_a_day = 0`, "from 1 to 1000"],
    [`watchdog.restarts_a_day = 1.5`, "whole number"],
    [`watchdog.silent = "1m"`, `did you mean "silent_for"?`],
  ]);
});

Deno.test("parseConfig() refuses bad values of [safety]", async () => {
  await check("safety", [
    [`max_temperature_c = 151`, "from 0 to 150"],
    [`max_temperature_c = -1`, "from 0 to 150"],
    [`max_temperature_c = "90"`, "without quotes"],
    [`max_temperature_c = nan`, "found NaN"],
    [`resume_below_c = 90`, "less than max_temperature_c, which is 90"],
    [`resume_below_c = "80"`, "without quotes"],
    [`max_temperature = 85`, `did you mean "max_temperature_c"?`],
  ]);
});

Deno.test("parseConfig() takes any resume_below_c where there is no limit", async () => {
  const lines = "max_temperature_c = 0\nresume_below_c = 100";
  const { limits } = await good(withLines("safety", lines));
  assertEquals(limits.safety.maxTemperatureC, Infinity);
});

Deno.test("parseConfig() takes no wait of three intervals for silence", async () => {
  const watched = (silent: string) =>
    `${LEAST}[command.telemetry]\ninterval = "20s"\n` +
    `[command.watchdog]\nsilent_for = "${silent}"\n`;
  await good(watched("60s"));
  await good(watched("never"));
  const { problems } = await bad(watched("59s"));
  assertEquals(problems.map(({ line, key }) => [line, key]), [
    [9, "command[0].watchdog.silent_for"],
  ]);
  assertStringIncludes(problems[0]?.message ?? "", "at least 60s");
});

Deno.test("parseConfig() lets no two commands be read at one place", async () => {
  const command = (name: string, port: number) =>
    `[[command]]\nname = "${name}"\nexec = "${name}"\n` +
    `telemetry = { api = "gminer", port = ${port} }\n`;
  const least = `[mqtt]\nurl = "mqtt://h"\n`;
  await good(least + command("a", 5) + command("b", 6));
  const { problems } = await bad(least + command("a", 5) + command("b", 5));
  assertEquals(problems.map(({ line, key }) => [line, key]), [
    [10, "command[1].telemetry.port"],
  ]);
  assertStringIncludes(problems[0]?.message ?? "", "command[0]");
});
