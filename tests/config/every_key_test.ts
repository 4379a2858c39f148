/** Every key of the file reaches its place. */

import { assertEquals } from "@std/assert";
import { topicsBelow } from "../fakes/topics.ts";
import { good, LEAST } from "./bad.ts";

Deno.test("parseConfig() fills in every default", async () => {
  assertEquals(await good(LEAST), {
    file: "/etc/kolikko/kolikko.toml",
    hasSecrets: false,
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
      sessionMs: 600_000,
      willTopic: "/kolikko1/heat/availability",
    },
    topics: topicsBelow("/kolikko1/heat"),
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
        modulationPeriodMs: 1_800_000,
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
        watchdog: {
          minHashrateHs: 0,
          lowForMs: 600_000,
          noShareForMs: Infinity,
          silentForMs: Infinity,
          warmUpMs: 180_000,
          restartsADay: 10,
        },
        watts: undefined,
      }],
      safety: { maxTemperatureC: 90, resumeBelowC: 80 },
    },
    commands: [{
      name: "xmrig",
      exec: "xmrig",
      args: [],
      cwd: "/etc/kolikko",
      env: {},
    }],
    telemetry: [{
      api: "auto",
      host: "127.0.0.1",
      port: undefined,
      token: undefined,
      intervalMs: 10_000,
      patterns: [],
    }],
    discovery: { mode: "device", prefix: "homeassistant" },
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
    hashrate = "rig2/speed"
    accepted = "rig2/shares"
    [heat]
    broker_lost_after = "1m"
    thermostat_offline_after = "2m"
    silent_after = "3m"
    max_on = "2h"
    min_on = "5m"
    min_off = "6m"
    stagger = "7s"
    crash_grace = "8s"
    modulation_period = "never"
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
    watts = 120
    [command.telemetry]
    api = "stdout"
    host = "192.0.2.9"
    port = 4067
    token = "s3cret"
    interval = "5s"
    patterns = ['speed (?<hashrate>[0-9.]+)', 'yes (?<accepted>[0-9]+)']
    [command.watchdog]
    min_hashrate_khs = 1.5
    low_for = "1m"
    no_share_for = "2m"
    silent_for = "3m"
    warm_up = "4s"
    restarts_a_day = 6
    [[command]]
    name = "a"
    exec = "a"
    [command.env]
    A = "1"
    [safety]
    max_temperature_c = 0
    resume_below_c = 70.5
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
    sessionMs: 60_000,
    willTopic: "rig2/availability",
  });
  assertEquals(config.topics, {
    command: "rig2/set",
    status: "rig2/is",
    statusmsg: "rig2/why",
    availability: "rig2/availability",
    problem: "rig2/problem",
    level: "rig2/level",
    levelSet: "rig2/level/set",
    event: "rig2/event",
    requestRestart: "rig2/request/restart",
    responseRestart: "rig2/response/restart",
    info: "rig2/info",
    hashrate: "rig2/speed",
    accepted: "rig2/shares",
    telemetry: "rig2/telemetry",
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
    modulationPeriodMs: Infinity,
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
    watchdog: {
      minHashrateHs: 1500,
      lowForMs: 60_000,
      noShareForMs: 120_000,
      silentForMs: 180_000,
      warmUpMs: 4000,
      restartsADay: 6,
    },
    watts: 120,
  });
  assertEquals(config.limits.safety, {
    maxTemperatureC: Infinity,
    resumeBelowC: 70.5,
  });
  assertEquals(config.telemetry[0], {
    api: "stdout",
    host: "192.0.2.9",
    port: 4067,
    token: "s3cret",
    intervalMs: 5000,
    patterns: ["speed (?<hashrate>[0-9.]+)", "yes (?<accepted>[0-9]+)"],
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

Deno.test("parseConfig() knows whether a password or token stands in the file", async () => {
  const telemetry = (token: string) =>
    `${LEAST}\n[command.telemetry]\ntoken = "${token}"\n`;
  assertEquals((await good(telemetry(""))).hasSecrets, false);
  assertEquals((await good(telemetry("s3cret"))).hasSecrets, true);
  const login = 'username = "rig"\npassword = "s3cret"\n';
  const mqtt = LEAST.replace("[mqtt]\n", `[mqtt]\n${login}`);
  assertEquals((await good(mqtt)).hasSecrets, true);
});
