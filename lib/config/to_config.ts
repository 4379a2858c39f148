/** From what the file says to what the program uses. */

import { dirname, resolve } from "node:path";
import type { SafetyLimits } from "../core/limits.ts";
import type { CommandLimits, HeatLimits } from "../core/types.ts";
import type { BrokerSettings } from "../mqtt/link.ts";
import type { CommandSpec } from "../process/command_spec.ts";
import type { Settings } from "./schema.ts";
import { toTopics } from "./topic_plan.ts";
import type { TelemetrySettings } from "../telemetry/settings.ts";
import type { Config } from "./types.ts";

const MEGABYTE = 1024 * 1024;
/** The broker keeps our session for so long, where no failsafe strikes. */
const SESSION_MS = 3_600_000;

/** The Config of faultless settings; `password` is the one of the environment. */
export function toConfig(
  settings: Settings,
  { file, password }: { file: string; password: string | undefined },
): Config {
  const dir = dirname(file);
  const topics = toTopics(settings.topics, settings.homeassistant.prefix);
  return {
    file,
    hasSecrets: settings.mqtt.password !== "" ||
      settings.command.some(({ telemetry }) => telemetry.token !== ""),
    rig: { id: settings.rig.id, name: settings.rig.name },
    broker: toBroker(settings, { dir, password, will: topics.availability }),
    topics,
    limits: {
      heat: toHeat(settings.heat),
      safety: toSafety(settings.safety),
      commands: settings.command.map(toLimits),
    },
    commands: settings.command.map((each) => toSpec(each, dir)),
    telemetry: settings.command.map(toTelemetry),
    discovery: {
      mode: settings.homeassistant.discovery,
      prefix: settings.homeassistant.prefix,
    },
    retainedCommands: settings.heat.retained_commands,
    allowShutdown: settings.heat.allow_shutdown,
    log: {
      level: settings.log.level,
      dir: pathIn(dir, settings.log.dir),
      maxSizeBytes: settings.log.max_size_mb * MEGABYTE,
      keep: settings.log.keep,
    },
  };
}

/** An absolute path; undefined if it is not set. */
function pathIn(dir: string, path: string): string | undefined {
  return path === "" ? undefined : resolve(dir, path);
}

function toBroker(
  { mqtt, rig, heat }: Settings,
  { dir, password, will }: {
    dir: string;
    password: string | undefined;
    will: string;
  },
): BrokerSettings {
  return {
    url: mqtt.url,
    clientId: rig.id,
    username: mqtt.username || undefined,
    password: password ?? (mqtt.password || undefined),
    passwordFile: password === undefined
      ? pathIn(dir, mqtt.password_file)
      : undefined,
    protocol: mqtt.protocol,
    caFile: pathIn(dir, mqtt.ca_file),
    certFile: pathIn(dir, mqtt.cert_file),
    keyFile: pathIn(dir, mqtt.key_file),
    keepaliveS: mqtt.keepalive / 1000,
    sessionMs: Number.isFinite(heat.broker_lost_after)
      ? heat.broker_lost_after
      : SESSION_MS,
    willTopic: will,
  };
}

function toHeat(heat: Settings["heat"]): HeatLimits {
  return {
    brokerLostAfterMs: heat.broker_lost_after,
    thermostatOfflineAfterMs: heat.thermostat_offline_after,
    silentAfterMs: heat.silent_after,
    maxOnMs: heat.max_on,
    minOnMs: heat.min_on,
    minOffMs: heat.min_off,
    staggerMs: heat.stagger,
    crashGraceMs: heat.crash_grace,
    modulationPeriodMs: heat.modulation_period,
  };
}

function toLimits(command: Settings["command"][number]): CommandLimits {
  const [restartRestMs, restartRestMaxMs] = command.restart_backoff;
  return {
    name: command.name,
    stopSignal: command.stop_signal,
    stopTimeoutMs: command.stop_timeout,
    quietHours: command.quiet_hours,
    restartRestMs,
    restartRestMaxMs,
    stableAfterMs: command.stable_after,
    lockoutFailures: command.lockout_failures,
    lockoutForMs: command.lockout_for,
    watchdog: {
      minHashrateHs: command.watchdog.min_hashrate_khs * 1000,
      lowForMs: command.watchdog.low_for,
      noShareForMs: command.watchdog.no_share_for,
      silentForMs: command.watchdog.silent_for,
      warmUpMs: command.watchdog.warm_up,
      restartsADay: command.watchdog.restarts_a_day,
    },
    watts: command.watts || undefined,
  };
}

/** A limit of 0 is none. */
function toSafety(safety: Settings["safety"]): SafetyLimits {
  return {
    maxTemperatureC: safety.max_temperature_c || Infinity,
    resumeBelowC: safety.resume_below_c,
  };
}

function toTelemetry(
  { telemetry }: Settings["command"][number],
): TelemetrySettings {
  return {
    api: telemetry.api,
    host: telemetry.host,
    port: telemetry.port || undefined,
    token: telemetry.token || undefined,
    intervalMs: telemetry.interval,
    patterns: telemetry.patterns,
  };
}

function toSpec(
  { name, exec, args, cwd, env }: Settings["command"][number],
  dir: string,
): CommandSpec {
  return { name, exec, args, cwd: resolve(dir, cwd), env };
}
