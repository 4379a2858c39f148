/**
 * The words of the core: what is wanted, what was observed, what to do. All times
 * are monotonic milliseconds from `Clock.now()`; `Infinity` stands for "never".
 */

import type { EnergyCounts } from "./energy.ts";
import type { SafetyLimits, WatchdogLimits } from "./limits.ts";
import type { LevelFacts } from "./staging.ts";
import type { MachineFacts, TelemetryFacts } from "./telemetry_types.ts";

/** The thermostat's latest word; `unknown` until there is one. */
export type Demand = "unknown" | "off" | "on";

/** Signals a stop may begin with; SIGTERM and the kill follow by themselves. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT";

/** A window of the week, in minutes of the local day; over midnight if `to <= from`. */
export interface QuietWindow {
  /** Days on which the window begins: 0 is Sunday, 6 is Saturday. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** What limits one command; see `kolikko.toml`, `[[command]]`. */
export interface CommandLimits {
  readonly name: string;
  readonly stopSignal: StopSignal;
  readonly stopTimeoutMs: number;
  readonly quietHours: readonly QuietWindow[];
  /** First and longest rest after a crash; it doubles in between. */
  readonly restartRestMs: number;
  readonly restartRestMaxMs: number;
  /** A run of at least this length forgets earlier failures. */
  readonly stableAfterMs: number;
  readonly lockoutFailures: number;
  readonly lockoutForMs: number;
  readonly watchdog: WatchdogLimits;
  /** Heat at full load, as the owner says; undefined if he does not. */
  readonly watts: number | undefined;
}

/** What limits the heater as a whole; see `kolikko.toml`, `[heat]`. */
export interface HeatLimits {
  readonly brokerLostAfterMs: number;
  readonly thermostatOfflineAfterMs: number;
  readonly silentAfterMs: number;
  readonly maxOnMs: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
  readonly staggerMs: number;
  readonly crashGraceMs: number;
  /** The last stage is switched in this time; `Infinity`: the nearest stage instead. */
  readonly modulationPeriodMs: number;
}

/** All that is configured and limits. */
export interface Limits {
  readonly heat: HeatLimits;
  readonly safety: SafetyLimits;
  /** In the order of the stages. */
  readonly commands: readonly CommandLimits[];
}

/** The thermostat's latest accepted word. */
export interface Word {
  readonly demand: "off" | "on";
  /** Of ON: percent of full heat, above 0; all of it if absent. */
  readonly level?: number;
  /** When it was said last; a repetition counts. */
  readonly at: number;
  /** Since when it has been the same without a break. */
  readonly since: number;
}

/** A stretch of time without the broker, or without the thermostat's host. */
export interface Gap {
  readonly from: number;
  /** Undefined while it lasts. */
  readonly to: number | undefined;
}

/** Another client, or something unknown, throws us out of the broker again and again. */
export interface Rival {
  readonly reason: string;
  readonly since: number;
}

/** Why a word of the thermostat no longer counts. */
export type Forgotten =
  | { readonly kind: "broker_lost"; readonly forMs: number }
  | { readonly kind: "unsteady"; readonly forMs: number }
  | { readonly kind: "missed"; readonly forMs: number }
  | { readonly kind: "thermostat_offline"; readonly forMs: number }
  | { readonly kind: "deleted"; readonly forMs: number }
  | { readonly kind: "withdrawn" }
  | { readonly kind: "silent"; readonly forMs: number }
  | { readonly kind: "asleep"; readonly forMs: number }
  | { readonly kind: "shutdown_failed"; readonly reason: string };

/** Heat is held, as controllers before this one kept dying: so many times, if that could be read. */
export interface CrashHold {
  readonly until: number;
  readonly ends: number | undefined;
}

/** What came in from outside. */
export interface Input {
  /** Undefined: no word yet, or it was forgotten. */
  readonly word: Word | undefined;
  readonly forgotten: Forgotten | undefined;
  /** The latest stretch without the broker; the one before the first connection is dropped at its end. */
  readonly deaf: Gap | undefined;
  /** It lasts until a connection has stood for a while; see `unsteadyGap()`. */
  readonly rival: Rival | undefined;
  /** The latest stretch in which the thermostat's host said that it is offline. */
  readonly thermostatOffline: Gap | undefined;
  /** When somebody removed the rig's switch from Home Assistant; undefined once there is a word. */
  readonly deletedAt: number | undefined;
  /** The latest stretch in which the machine slept, or this program stood still. */
  readonly asleep: Gap | undefined;
  /** Since when a word may be lost, as nobody kept it for us; undefined again with the next word. */
  readonly missedSince: number | undefined;
  /** `SHUTDOWN` was accepted: stop all, then power the machine off, once. */
  readonly shutdown: "no" | "asked" | "begun";
  /** The controller itself is asked to end. */
  readonly ending: "no" | "stop" | "force";
  /** A remark for the owner on the latest message that changed nothing. */
  readonly notice: string | undefined;
  /** So many messages were remarked on so far: the same one again is news, too. */
  readonly notices?: number;
  /** A remark on what the broker kept, and what waits for a fresh message. */
  readonly waiting: string | undefined;
  /** What ON means, in percent: the last level above 0. */
  readonly onLevel: number;
  /** Topics that the broker does not let this rig read or write, as far as known. */
  readonly denied: Readonly<Record<"read" | "write", readonly string[]>>;
  /** When a fresh start of all commands was asked for last. */
  readonly restartAt: number | undefined;
  /** Whatever the thermostat says. */
  readonly crashHold?: CrashHold | undefined;
}

/** What should hold: what came in, and the configured limits. */
export interface Desired extends Input {
  readonly limits: Limits;
}

/** How a process ended. */
export type Exit =
  | { readonly kind: "code"; readonly code: number }
  | {
    readonly kind: "signal";
    readonly signal: string;
    /** Nobody of ours sent it, and since its start the kernel has killed for lack of memory. */
    readonly memoryWasShort?: boolean;
  }
  | { readonly kind: "not_started"; readonly reason: string };

/** Why the watchdog ended a run: what was wrong, since when, and for how long by then. */
export interface Bark {
  readonly kind: "low_hashrate" | "no_share" | "silent";
  readonly since: number;
  readonly forMs: number;
}

/** A process of a tree that the operating system still shows. */
export interface Remaining {
  readonly pid: number;
  readonly name: string;
}

/** What is known of a command's latest run. Facts only; states are derived. */
export interface CommandFacts {
  readonly name: string;
  /**
   * So many processes of it were found that an earlier run of the controller
   * left behind: this run is theirs, and is only there to be stopped. 0 of a run
   * of our own.
   */
  readonly leftover: number;
  /** So many were stopped at the start, and proven gone at that moment; kept over later runs. */
  readonly cleared: { readonly count: number; readonly at: number } | undefined;
  /** When the latest run began, or its start was tried; when leftovers were found. */
  readonly startedAt: number | undefined;
  /** The same moment for people: ISO 8601, in UTC. */
  readonly startedOn: string | undefined;
  /** The leader's pid; undefined if the start failed. */
  readonly pid: number | undefined;
  /** When the stop signal was sent. */
  readonly signalledAt: number | undefined;
  /** Nothing polite can reach the tree on this platform: only the kill does. */
  readonly killOnly: boolean;
  /** When SIGTERM followed. */
  readonly terminatedAt: number | undefined;
  /** When the tree was killed the last time, and how often. */
  readonly killedAt: number | undefined;
  readonly kills: number;
  /** When the leader's end was seen. */
  readonly exitedAt: number | undefined;
  readonly exit: Exit | undefined;
  /** The leader ended, or never started, without having been asked to stop. */
  readonly endedByItself: boolean;
  /** Why the watchdog ended this run, if it did: that is a failure too. */
  readonly bark: Bark | undefined;
  /** When the watchdog ended runs of this command, within a day. */
  readonly barks: readonly number[];
  /** So many processes the leader left behind when it ended by itself. */
  readonly leftBehind: number;
  /** What to change in its `exec` or `args` so that it leaves nothing behind, if that is known. */
  readonly advice: string | undefined;
  /** When the look for left processes that is under way began. */
  readonly lookingSince: number | undefined;
  /** When the last look ended, what it found, and how many there were in this run. */
  readonly lookedAt: number | undefined;
  readonly looks: number;
  readonly remaining: readonly Remaining[];
  /** Why the last look could not tell, if so. */
  readonly lookError: string | undefined;
  /** Proof of OFF: when the operating system showed that nothing of the tree is left. */
  readonly emptyAt: number | undefined;
  /** When a process of this command was last known to live, over all runs. */
  readonly aliveUntil: number | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** What failed before then is forgotten; kept over later runs. */
  readonly forgivenAt: number | undefined;
  /** Starts after a failure, over the controller's life. */
  readonly restarts: number;
  /** A fresh number in [0, 1) for each run; spreads the rest after a crash. */
  readonly jitter: number;
  /** The last lines of the latest run's output. */
  readonly lastLines: readonly string[];
}

/** A moment of the local day, for quiet hours and for what an owner reads. */
export interface LocalMoment {
  /** 0 is Sunday, 6 is Saturday. */
  readonly weekday: number;
  readonly minuteOfDay: number;
  readonly msOfMinute: number;
  /** When the clock on the wall jumps next, as for daylight saving; absent if it does not within a week. */
  readonly shift?: ClockShift;
}

/** A jump of the clock on the wall. */
export interface ClockShift {
  readonly inMs: number;
  /** Negative: an hour comes twice. */
  readonly byMs: number;
}

/** All facts at one moment. */
export interface Observed {
  /** One for each of `Limits.commands`, in the same order. */
  readonly commands: readonly CommandFacts[];
  /** What each of them tells of itself, in the same order. */
  readonly telemetry: readonly TelemetryFacts[];
  readonly machine: MachineFacts;
  readonly energy: EnergyCounts;
  /** Undefined while no heat is wanted. */
  readonly level?: LevelFacts | undefined;
  readonly local: LocalMoment;
}

/** What is to be done; one place carries it out. */
export type Action =
  | { readonly kind: "start"; readonly command: string }
  | {
    readonly kind: "signal";
    readonly command: string;
    readonly rung: "polite" | "terminate";
  }
  | { readonly kind: "kill"; readonly command: string }
  | { readonly kind: "bark"; readonly command: string; readonly bark: Bark }
  | { readonly kind: "forgive"; readonly command: string }
  | { readonly kind: "look"; readonly command: string }
  | { readonly kind: "forget"; readonly why: Forgotten }
  | { readonly kind: "power_off" };

/** Why a command stands where it stands. */
export type VerdictKind =
  | "idle"
  | "running"
  | "stagger"
  | "min_on"
  | "min_off"
  | "quiet_hours"
  | "backoff"
  | "lockout"
  | "too_hot"
  | "stage"
  | "stopping"
  | "stuck";

/** Where one command stands, and why. */
export interface Verdict {
  readonly command: string;
  readonly kind: VerdictKind;
  /** The demand, without what holds this command back. */
  readonly wanted: boolean;
  /** When what holds it is over, if that is known. */
  readonly until: number | undefined;
}

/** Is heat wanted at all, and who says so. */
export type HeatCause =
  | "ending"
  | "forgotten"
  | "shutdown"
  | "crash_loop"
  | "max_on"
  | "no_word"
  | "word";

/** What decide() returns. */
export interface Decision {
  readonly heat: boolean;
  readonly cause: HeatCause;
  readonly actions: readonly Action[];
  /** One for each command, in order. */
  readonly verdicts: readonly Verdict[];
  /** To be observed at the next look; undefined while no heat is wanted. */
  readonly level?: LevelFacts | undefined;
  /** Look again at this moment at the latest. */
  readonly wakeAt: number;
}
