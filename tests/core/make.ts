/** Facts, limits and wishes for tests of the core: plain defaults, overridden where it matters. */

import { decide } from "../../lib/core/decide.ts";
import { NO_ENERGY } from "../../lib/core/energy.ts";
import { factsBefore } from "../../lib/core/facts.ts";
import type { SafetyLimits, WatchdogLimits } from "../../lib/core/limits.ts";
import type { TelemetryFacts } from "../../lib/core/telemetry_types.ts";
import { type Found, readingOf } from "../../lib/core/reading.ts";
import { absorb, beginRun, telemetryBefore } from "../../lib/core/telemetry.ts";
import { topicsBelow } from "../fakes/topics.ts";
import type {
  Action,
  CommandFacts,
  CommandLimits,
  Desired,
  HeatLimits,
  Input,
  LocalMoment,
  Observed,
  VerdictKind,
} from "../../lib/core/types.ts";

/** All topics of a rig whose base is `h`. */
export const TOPICS = topicsBelow("h");

export const S = 1_000;
export const MIN = 60 * S;

export function heatLimits(some: Partial<HeatLimits> = {}): HeatLimits {
  return {
    brokerLostAfterMs: 10 * MIN,
    thermostatOfflineAfterMs: 10 * MIN,
    silentAfterMs: Infinity,
    maxOnMs: Infinity,
    minOnMs: 0,
    minOffMs: 0,
    staggerMs: 0,
    crashGraceMs: MIN,
    modulationPeriodMs: 30 * MIN,
    ...some,
  };
}

/** The watchdog as it is by default. */
export const WATCHDOG: WatchdogLimits = {
  minHashrateHs: 0,
  lowForMs: 10 * MIN,
  noShareForMs: Infinity,
  silentForMs: Infinity,
  warmUpMs: 3 * MIN,
  restartsADay: 10,
};

/** The watchdog of an owner who wants it. */
export const WATCHFUL: WatchdogLimits = {
  ...WATCHDOG,
  minHashrateHs: 1_000,
  lowForMs: 5 * MIN,
  noShareForMs: 30 * MIN,
  silentForMs: 4 * MIN,
};

export const SAFETY: SafetyLimits = { maxTemperatureC: 90, resumeBelowC: 80 };

export function commandLimits(
  some: Partial<CommandLimits> = {},
): CommandLimits {
  return {
    name: "a",
    stopSignal: "SIGINT",
    stopTimeoutMs: 10 * S,
    quietHours: [],
    restartRestMs: 5 * S,
    restartRestMaxMs: 5 * MIN,
    stableAfterMs: MIN,
    lockoutFailures: 5,
    lockoutForMs: 30 * MIN,
    watchdog: WATCHDOG,
    watts: undefined,
    ...some,
  };
}

export function facts(some: Partial<CommandFacts> = {}): CommandFacts {
  return { ...factsBefore(some.name ?? "a"), ...some };
}

/** A command whose leader runs since `at`. */
export function running(
  at: number,
  some: Partial<CommandFacts> = {},
): CommandFacts {
  return facts({ startedAt: at, pid: 100, ...some });
}

/** A command that crashed at `at` after a short run, and left nothing behind. */
export function crashed(
  at: number,
  some: Partial<CommandFacts> = {},
): CommandFacts {
  return running(at - S, {
    exitedAt: at,
    exit: { kind: "code", code: 1 },
    endedByItself: true,
    lookedAt: at,
    looks: 1,
    emptyAt: at,
    aliveUntil: at,
    failures: 1,
    ...some,
  });
}

interface DesiredParts extends Partial<Omit<Input, "word">> {
  /** `on` or `off`, said at 0, or a whole word, or none. */
  readonly word?: "on" | "off" | Input["word"];
  readonly heat?: Partial<HeatLimits>;
  readonly safety?: Partial<SafetyLimits>;
  readonly commands?: readonly Partial<CommandLimits>[];
}

/** Input and limits; told nothing, the thermostat never spoke. */
export function desired(parts: DesiredParts = {}): Desired {
  const { word, heat, safety, commands = [{}], ...input } = parts;
  return {
    word: typeof word === "string" ? { demand: word, at: 0, since: 0 } : word,
    forgotten: undefined,
    deaf: undefined,
    rival: undefined,
    thermostatOffline: undefined,
    deletedAt: undefined,
    asleep: undefined,
    missedSince: undefined,
    shutdown: "no",
    ending: "no",
    denied: { read: [], write: [] },
    restartAt: undefined,
    notice: undefined,
    waiting: undefined,
    onLevel: 100,
    ...input,
    limits: {
      heat: heatLimits(heat),
      safety: { ...SAFETY, ...safety },
      commands: commands.map((one) => commandLimits(one)),
    },
  };
}

/** A Wednesday, noon. */
export const NOON: LocalMoment = {
  weekday: 3,
  minuteOfDay: 12 * 60,
  msOfMinute: 0,
};

/** A command that is read every ten seconds, of which nothing was told yet. */
export const READ: TelemetryFacts = telemetryBefore({
  isRead: true,
  staleAfterMs: 30 * S,
});

/** A command that nothing reads. */
export const UNREAD: TelemetryFacts = telemetryBefore({
  isRead: false,
  staleAfterMs: 30 * S,
});

export function observed(
  commands: readonly CommandFacts[] = [facts()],
  local: LocalMoment = NOON,
  some: Partial<Observed> = {},
): Observed {
  return {
    commands,
    local,
    telemetry: commands.map(() => UNREAD),
    machine: { sensors: [], power: undefined },
    energy: NO_ENERGY,
    ...some,
  };
}

/** "Wed 19:00" or "Wed 19:00:30.500" as a moment of the local day. */
export function local(text: string): LocalMoment {
  const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const match = text.match(/^(\w{3}) (\d\d):(\d\d)(?::([\d.]+))?$/);
  if (match === null) throw new Error(`Cannot read "${text}"`);
  return {
    weekday: days.indexOf(match[1] ?? ""),
    minuteOfDay: Number(match[2]) * 60 + Number(match[3]),
    msOfMinute: Number(match[4] ?? 0) * 1_000,
  };
}

/** "start a", "signal a polite", "bark a silent", ... */
export function told(actions: readonly Action[]): string[] {
  return actions.map((action) =>
    action.kind === "bark"
      ? `bark ${action.command} ${action.bark.kind}`
      : Object.values(action).join(" ")
  );
}

/** Where each command stands, in order. */
export function verdicts(
  wish: Desired,
  seen: Observed,
  now: number,
): VerdictKind[] {
  return decide(wish, seen, now).verdicts.map(({ kind }) => kind);
}

/** What is known of a run from 0 on, of what was read at these moments. */
export function toldOf(
  ...readings: [at: number, found: Found][]
): TelemetryFacts {
  return readings.reduce<TelemetryFacts>(
    (before, [at, found]) =>
      absorb(before, { reading: readingOf(found), at }, {
        minHashrateHs: 0,
        safety: SAFETY,
      }),
    beginRun(READ, 0),
  );
}
