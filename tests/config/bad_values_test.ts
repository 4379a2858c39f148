import { assertEquals, assertStringIncludes } from "@std/assert";
import { bad, good, withLines } from "./bad.ts";

/** Table, line, phrases of the message; the line is the second of the file. */
type Row = [string, string, ...string[]];

async function check(rows: readonly Row[]): Promise<void> {
  for (const [table, line, ...phrases] of rows) {
    const { problems } = await bad(withLines(table, line));
    const [problem] = problems;
    const key = line.slice(0, line.indexOf(" "));
    const place = table === "command" ? "command[0]" : table;
    assertEquals(
      problems.map(({ line, key }) => [line, key.replace(/\[\d\]$/, "")]),
      [[2, `${place}.${key}`]],
      `${line}: ${problems.map(({ message }) => message).join("\n")}`,
    );
    for (const phrase of phrases) {
      assertStringIncludes(problem?.message ?? "", phrase, line);
    }
  }
}

Deno.test("parseConfig() refuses bad values of [rig] and [log]", async () => {
  await check([
    ["rig", `id = ""`, `found ""`, "digits"],
    ["rig", `id = "rig 1"`, `found "rig 1"`],
    ["rig", `id = "käse"`, "letters (A-Z)"],
    ["rig", `id = 5`, "found 5", "quotes"],
    ["rig", `id = "${"x".repeat(65)}"`, "1 to 64"],
    ["rig", `name = ""`, "empty"],
    ["rig", `name = "a\\u001bb"`, "control character", "\\u001b"],
    ["rig", `nam = "x"`, "no such key", `did you mean "name"?`],
    ["log", `level = "trace"`, `found "trace"`, `"debug", "info"`],
    ["log", `level = "warn"`, `did you mean "warning"?`],
    ["log", `dir = 'C:\\logs '`, "without spaces"],
    ["log", `dir = "~/logs"`, `"~" means nothing`],
    ["log", `dir = '%APPDATA%\\logs'`, `"%APPDATA%" means nothing`],
    ["mqtt", `password_file = "$HOME/pw"`, `"$HOME" means nothing`],
    ["log", `max_size_mb = "10"`, `found "10"`, "without quotes"],
    ["log", `max_size_mb = 0`, "from 1 to"],
    ["log", `max_size_mb = 1.5`, "whole number"],
    ["log", `keep = nan`, "found NaN", "whole number"],
    ["log", `keep = 07:00:00`, "a date or time"],
  ]);
});

Deno.test("parseConfig() refuses bad values of [mqtt]", async () => {
  await check([
    ["mqtt", `protocol = 5`, "found 5", `"auto", "5", "3.1.1"`, "quotes"],
    ["mqtt", `protocol = "4"`, `found "4"`],
    ["mqtt", `keepalive = 30`, "found 30", `as in "30s"`],
    ["mqtt", `keepalive = "4s"`, `"5s" at least`],
    ["mqtt", `keepalive = "301s"`, `"5m" at most`],
    ["mqtt", `keepalive = "never"`, "cannot be here"],
    ["mqtt", `keepalive = "5500ms"`, "whole seconds"],
    ["mqtt", `username = true`, "found true", "quotes"],
    ["mqtt", `ca_file = "C:\\new\\temp"`, "single quotes"],
    ["mqtt", `ca_file = "ca.pem"`, "not encrypted", "mqtts://", "line 3"],
    ["mqtt", `min_on = "5s"`, "no such key", "below [heat]"],
    ["mqtt", `cert-file = ""`, `did you mean "cert_file"?`],
  ]);
});

Deno.test("parseConfig() refuses bad values of [topics] and [homeassistant]", async () => {
  await check([
    ["topics", `base = ""`, "empty"],
    ["topics", `base = "/rig/heat/"`, `"/" at the end`],
    ["topics", `base = "/rig/+"`, "+ and #"],
    ["topics", `base = "$share/a/b"`, "belong to the broker"],
    ["topics", `base = "${"ä".repeat(101)}"`, "202 bytes", "200"],
    ["topics", `command = "/rig/#"`, "+ and #"],
    ["topics", `command = " /rig"`, "spaces"],
    ["topics", `status = "a\\u0000b"`, "control character"],
    ["topics", `status = "/kolikko1/heat"`, "topic of command already"],
    ["topics", `status = "/kolikko1/heat/statusmsg"`, "statusmsg"],
    ["topics", `command = "/kolikko1/heat/availability"`, "availability"],
    ["topics", `command = "/kolikko1/heat/command/xmrig"`, `"xmrig"`],
    ["topics", `statusmsg = "/kolikko1/heat/command/xmrig/state"`, `"xmrig"`],
    ["topics", `statusmsg = "/kolikko1/heat/command/hashrate"`, "hashrate"],
    ["topics", `hashrate = "/rig/#"`, "+ and #"],
    ["topics", `accepted = 5`, "found 5", "quotes"],
    ["topics", `hashrate = "/kolikko1/heat"`, "topic of command already"],
    ["topics", `accepted = "/kolikko1/heat/telemetry"`, "telemetry already"],
    ["topics", `hashrate = "/kolikko1/heat/command/accepted"`, "accepted"],
    ["topics", `accepted = "/kolikko1/heat/command/xmrig/accepted"`, `"xmrig"`],
    ["topics", `accept = "x"`, `did you mean "accepted"?`],
    ["homeassistant", `prefix = ""`, "empty"],
    ["homeassistant", `prefix = "/kolikko1/heat"`, "topic of status already"],
    ["homeassistant", `discovery = "of"`, `did you mean "off"?`],
  ]);
});

Deno.test("parseConfig() refuses bad values of [heat]", async () => {
  await check([
    ["heat", `broker_lost_after = "0s"`, "more than 0"],
    ["heat", `thermostat_offline_after = "0m"`, "more than 0"],
    ["heat", `silent_after = "0s"`, "more than 0"],
    ["heat", `max_on = "0s"`, "more than 0"],
    ["heat", `max_on = "5 min"`, `found "5 min"`, `"never"`, "units"],
    ["heat", `min_on = 5`, "found 5", "quotes", `"5s"`],
    ["heat", `min_on = 07:00:00`, "a date or time", "quotes"],
    ["heat", `min_on = "never"`, "cannot be here"],
    ["heat", `min_off = "never"`, "cannot be here"],
    ["heat", `stagger = "never"`, "cannot be here"],
    ["heat", `crash_grace = "never"`, "cannot be here"],
    ["heat", `crash_grace = "-1m"`, `found "-1m"`],
    ["heat", `retained_commands = "off"`, `did you mean "off-only"?`],
    ["heat", `allow_shutdown = "true"`, "without quotes"],
    ["heat", `allow_shutdown = 1`, "found 1", "true or false"],
    ["heat", `quiet_hours = []`, "below [[command]]"],
  ]);
});

Deno.test("parseConfig() refuses bad values of a command", async () => {
  await check([
    ["command", `args = "--a"`, "found a text", "an array of texts"],
    ["command", `args = ["--a", 5]`, "found a number", "quotes"],
    ["command", `args = ["a\\u0000"]`, "control character"],
    ["command", `args = ["-c", "C:\\temp"]`, `"\\t"`, "single quotes"],
    ["command", `args = ["C:\\new.json"]`, `"\\n"`, "single quotes"],
    ["command", `cwd = "\${HOME}/x"`, `"\${HOME}"`, "write the whole path"],
    ["command", `cwd = "C:\\temp"`, "single quotes"],
    ["command", `env = "A=1"`, "found a text", "wanted a table"],
    ["command", `quiet_hours = "22:00-06:00"`, "found a text", "an array"],
    ["command", `quiet_hours = ["7-19"]`, `found "7-19"`, "must look like"],
    ["command", `quiet_hours = [5]`, "found 5", "quotes"],
    ["command", `stop_signal = "INT"`, `did you mean "SIGINT"?`],
    ["command", `stop_signal = "SIGKILL"`, `found "SIGKILL"`],
    ["command", `stop_timeout = "0s"`, "more than 0"],
    ["command", `stop_timeout = "never"`, "cannot be here"],
    ["command", `stop_timeout = "301s"`, `"5m" at most`],
    ["command", `restart_backoff = "5s"`, `found "5s"`, `["5s", "5m"]`],
    ["command", `restart_backoff = ["5s"]`, "an array", `["5s", "5m"]`],
    ["command", `restart_backoff = ["5m", "5s"]`, "swap"],
    ["command", `restart_backoff = ["0s", "5s"]`, "more than 0"],
    ["command", `restart_backoff = ["5s", "never"]`, "cannot be here"],
    ["command", `stable_after = "0s"`, "more than 0"],
    ["command", `lockout_for = "0s"`, "more than 0"],
    ["command", `lockout_failures = 0`, "from 1 to"],
    ["command", `lockout_failures = "5"`, "without quotes"],
    ["command", `watts = -1`, "found -1", "from 0 to 20000"],
    ["command", `watts = "120"`, `found "120"`, "without quotes"],
    ["command", `telemetry = 5`, "found 5", "wanted a table"],
    ["command", `watchdog = []`, "wanted a table", "one bracket"],
    ["mqtt", `host = "192.0.2.5"`, "stands in url"],
    ["mqtt", `port = 1883`, "stands in url"],
    ["command", `interval = "10s"`, "below [command.telemetry]"],
    ["command", `low_for = "5m"`, "below [command.watchdog]"],
    ["command", `max_temperature_c = 90`, "below [safety]"],
    ["command", `timeout = "5s"`, `did you mean "stop_timeout"?`],
    ["command", `broker_lost_after = "5s"`, "below [heat]"],
  ]);
});

Deno.test("parseConfig() refuses control characters in an environment", async () => {
  const table = [
    [`{ A = "C:\\temp" }`, "single quotes"],
    [`{ "A\\tB" = "x" }`, "control characters"],
  ] as const;
  for (const [env, phrase] of table) {
    const { problems } = await bad(withLines("command", `env = ${env}`));
    assertEquals(problems.length, 1);
    assertStringIncludes(problems[0]?.message ?? "", phrase);
  }
});

Deno.test("parseConfig() refuses bad names and programs of a command", async () => {
  const table: [string, string, string][] = [
    ["name", `"hashrate"`, "a topic of its own"],
    ["name", `"Kolikko"`, "own log file"],
    ["name", `"con"`, "a device on Windows"],
    ["name", `"LPT1"`, "a device on Windows"],
    ["name", `"accepted"`, "a topic of its own"],
    ["name", `"xm rig"`, `found "xm rig"`],
    ["name", `"a/b"`, "digits"],
    ["name", `""`, "digits"],
    ["exec", `""`, "empty"],
    ["exec", `5`, "found 5"],
    ["exec", `"xmrig --http-port 1"`, `exec = "xmrig"`],
    ["exec", `'C:\\Program Files\\x.exe -o pool'`, "into args"],
    ["exec", `"C:\\temp\\nbminer.exe"`, "single quotes"],
    ["exec", `"~/xmrig"`, "write the whole path"],
    ["exec", `"~"`, "write the whole path"],
    ["exec", `["xmrig", "-o"]`, "belong into args"],
    ["exec", `"cd /opt && ./xmrig"`, "a line for a shell"],
    ["exec", `"/opt/xmrig > log"`, "a line for a shell"],
    ["exec", `"./a; ./b"`, "a line for a shell"],
    ["exec", `"./a &"`, "a line for a shell"],
    ["exec", `"$HOME/xmrig"`, `"$HOME" means nothing without a shell`],
    ["exec", `"/opt/\${MINER}/xmrig"`, `"\${MINER}" means nothing`],
    ["exec", `'%USERPROFILE%\\xmrig.exe'`, `"%USERPROFILE%" means nothing`],
    ["exec", `'%ProgramFiles(x86)%\\x.exe'`, "means nothing"],
  ];
  for (const [key, value, phrase] of table) {
    const others = { name: `"a"`, exec: `"a"`, [key]: value };
    const { problems } = await bad(
      `[mqtt]\nurl = "mqtt://h"\n[[command]]\n` +
        `name = ${others.name}\nexec = ${others.exec}`,
    );
    assertEquals(
      problems.map(({ line, key }) => [line, key]),
      [[key === "name" ? 4 : 5, `command[0].${key}`]],
    );
    assertStringIncludes(problems[0]?.message ?? "", phrase);
  }
});

Deno.test("parseConfig() takes programs whose path has spaces", async () => {
  for (
    const exec of ["C:\\Program Files\\xmrig.exe", "./my miner - 2", "a-b"]
  ) {
    const config = await good(
      `[mqtt]\nurl = "mqtt://h"\n[[command]]\nname = "a"\nexec = '${exec}'`,
    );
    assertEquals(config.commands[0]?.exec, exec);
  }
});
