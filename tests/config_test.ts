import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, parseConfig } from "../lib/config.ts";
import { bad, good, LEAST, withLines } from "./config/bad.ts";

Deno.test("parseConfig() fills in every default", async () => {
  assertEquals(await good(LEAST), {
    file: "/etc/kolikko/kolikko.toml",
    rig: { id: "kolikko1", name: "Kolikko 1" },
    broker: {
      url: "mqtt://192.0.2.5",
      clientId: "kolikko1",
      username: undefined,
      password: undefined,
      passwordFile: undefined,
      protocol: "auto",
      caFile: undefined,
      certFile: undefined,
      keyFile: undefined,
      keepaliveS: 30,
      willTopic: "/kolikko1/heat/availability",
    },
    topics: {
      command: "/kolikko1/heat",
      status: "/kolikko1/heat/status",
      statusmsg: "/kolikko1/heat/statusmsg",
      availability: "/kolikko1/heat/availability",
      problem: "/kolikko1/heat/problem",
      info: "/kolikko1/heat/info",
      commandBase: "/kolikko1/heat/command",
      thermostatStatus: "homeassistant/status",
    },
    limits: {
      heat: {
        brokerLostAfterMs: 600_000,
        thermostatOfflineAfterMs: 600_000,
        silentAfterMs: Infinity,
        maxOnMs: Infinity,
        minOnMs: 0,
        minOffMs: 0,
        staggerMs: 0,
        crashGraceMs: 60_000,
      },
      commands: [{
        name: "xmrig",
        stopSignal: "SIGINT",
        stopTimeoutMs: 10_000,
        quietHours: [],
        restartRestMs: 5000,
        restartRestMaxMs: 300_000,
        stableAfterMs: 60_000,
        lockoutFailures: 5,
        lockoutForMs: 1_800_000,
      }],
    },
    commands: [{
      name: "xmrig",
      exec: "xmrig",
      args: [],
      cwd: "/etc/kolikko",
      env: {},
    }],
    retainedCommands: "off-only",
    allowShutdown: false,
    log: {
      level: "info",
      dir: undefined,
      maxSizeBytes: 10 * 1024 * 1024,
      keep: 5,
    },
  });
});

Deno.test("parseConfig() carries every key to its place", async () => {
  const config = await good(`
    [rig]
    id = "rig-2"
    name = "Rig 2"
    [mqtt]
    url = "mqtts://broker.lan:8883"
    username = "me"
    password_file = "secret/pw"
    protocol = "3.1.1"
    ca_file = "/ca.pem"
    cert_file = "cert.pem"
    key_file = "../key.pem"
    keepalive = "1m"
    [topics]
    base = "rig2"
    command = "rig2/set"
    status = "rig2/is"
    statusmsg = "rig2/why"
    [heat]
    broker_lost_after = "1m"
    thermostat_offline_after = "2m"
    silent_after = "3m"
    max_on = "2h"
    min_on = "5m"
    min_off = "6m"
    stagger = "7s"
    crash_grace = "8s"
    retained_commands = "accept"
    allow_shutdown = true
    [[command]]
    name = "b"
    exec = './b'
    args = ["-o", "pool"]
    cwd = "miner"
    env = { DISPLAY = ":0" }
    stop_signal = "SIGTERM"
    stop_timeout = "20s"
    quiet_hours = ["Mon 07:00-19:00"]
    restart_backoff = ["1s", "1m"]
    stable_after = "2m"
    lockout_failures = 3
    lockout_for = "never"
    [[command]]
    name = "a"
    exec = "a"
    [command.env]
    A = "1"
    [homeassistant]
    prefix = "ha"
    [log]
    level = "debug"
    dir = "logs"
    max_size_mb = 1
    keep = 2`);
  assertEquals(config.rig, { id: "rig-2", name: "Rig 2" });
  assertEquals(config.broker, {
    url: "mqtts://broker.lan:8883",
    clientId: "rig-2",
    username: "me",
    password: undefined,
    passwordFile: "/etc/kolikko/secret/pw",
    protocol: "3.1.1",
    caFile: "/ca.pem",
    certFile: "/etc/kolikko/cert.pem",
    keyFile: "/etc/key.pem",
    keepaliveS: 60,
    willTopic: "rig2/availability",
  });
  assertEquals(config.topics, {
    command: "rig2/set",
    status: "rig2/is",
    statusmsg: "rig2/why",
    availability: "rig2/availability",
    problem: "rig2/problem",
    info: "rig2/info",
    commandBase: "rig2/command",
    thermostatStatus: "ha/status",
  });
  assertEquals(config.limits.heat, {
    brokerLostAfterMs: 60_000,
    thermostatOfflineAfterMs: 120_000,
    silentAfterMs: 180_000,
    maxOnMs: 7_200_000,
    minOnMs: 300_000,
    minOffMs: 360_000,
    staggerMs: 7000,
    crashGraceMs: 8000,
  });
  assertEquals(config.limits.commands[0], {
    name: "b",
    stopSignal: "SIGTERM",
    stopTimeoutMs: 20_000,
    quietHours: [{ days: [1], fromMinute: 420, toMinute: 1140 }],
    restartRestMs: 1000,
    restartRestMaxMs: 60_000,
    stableAfterMs: 120_000,
    lockoutFailures: 3,
    lockoutForMs: Infinity,
  });
  assertEquals(config.limits.commands.map(({ name }) => name), ["b", "a"]);
  assertEquals(config.commands, [{
    name: "b",
    exec: "./b",
    args: ["-o", "pool"],
    cwd: "/etc/kolikko/miner",
    env: { DISPLAY: ":0" },
  }, {
    name: "a",
    exec: "a",
    args: [],
    cwd: "/etc/kolikko",
    env: { A: "1" },
  }]);
  assertEquals(config.retainedCommands, "accept");
  assertEquals(config.allowShutdown, true);
  assertEquals(config.log, {
    level: "debug",
    dir: "/etc/kolikko/logs",
    maxSizeBytes: 1024 * 1024,
    keep: 2,
  });
});

Deno.test("parseConfig() takes a BOM and line ends of Windows", async () => {
  const text = "\ufeff" + LEAST.replaceAll("\n", "\r\n");
  assertEquals(await good(text), await good(LEAST));
  const { problems } = await bad(`${text}[heat]\r\n\r\nmin_on = 5\r\n`);
  assertEquals(problems.map(({ line }) => line), [8]);
});

Deno.test("parseConfig() prefers the password of the environment", async () => {
  const env = { KOLIKKO_MQTT_PASSWORD: "from-env" };
  const file = withLines("mqtt", `username = "me"\npassword = "from-file"`);
  assertEquals((await good(file)).broker.password, "from-file");
  assertEquals((await good(file, env)).broker.password, "from-env");
  const other = withLines("mqtt", `username = "me"\npassword_file = "pw"`);
  const { broker } = await good(other, env);
  assertEquals([broker.password, broker.passwordFile], ["from-env", undefined]);
  const unset = await good(file, { KOLIKKO_MQTT_PASSWORD: "" });
  assertEquals(unset.broker.password, "from-file");
});

Deno.test("parseConfig() expands no variables", async () => {
  const text = withLines("command", `args = ["\${HOME}", "$HOME", "%PATH%"]`);
  const config = await good(text, { HOME: "/root" });
  assertEquals(config.commands[0]?.args, ["${HOME}", "$HOME", "%PATH%"]);
});

Deno.test("ConfigError has one line of message for each problem", async () => {
  const error = await bad(`[mqtt]\nurl = "mqtt://h"\nmin = 1\n`);
  assertEquals(error.file, "/etc/kolikko/kolikko.toml");
  assertEquals(error.message.split("\n").length, error.problems.length);
  assertEquals(
    error.message.split("\n").map((line) => line.split(": ").slice(0, 2)),
    [["kolikko.toml:3", "mqtt.min"], ["kolikko.toml", "command"]],
  );
});

Deno.test("parseConfig() puts paths below the file's folder", async () => {
  const config = await parseConfig(LEAST, { file: "/a/b.toml", env: {} });
  assertEquals(config.commands[0]?.cwd, "/a");
  await assertRejects(
    () => parseConfig("x", { file: "/a/b.toml", env: {} }),
    ConfigError,
    "b.toml:1: column 1",
  );
});
