/** What came in from outside: the thermostat's latest word in one slot, and the facts beside it. */

import type { Clock } from "./clock.ts";
import type { StartHold } from "./core/crash_loop.ts";
import { unsteadyGap } from "./core/hearing.ts";
import type {
  CrashHold,
  Forgotten,
  Gap,
  Input,
  Rival,
  Word,
} from "./core/types.ts";
import type { Doorbell } from "./doorbell.ts";
import { SleepWatch } from "./sleep_watch.ts";

export interface InputBufferOptions {
  readonly clock: Clock;
  readonly doorbell: Doorbell;
}

/** A word within this time does not call off a machine that is powering off. */
const POWER_OFF_MS = 60_000;

/** What comes within this time after a stop may have waited through it. */
const BACKLOG_MS = 5_000;
/** More sleeps than that in one outage need not be known apart. */
const SLEEPS_MAX = 20;

/** Every put stamps the time and rings; nobody acts here. */
export class InputBuffer {
  readonly #clock: Clock;
  readonly #doorbell: Doorbell;
  readonly #sleep: SleepWatch;
  #word: Word | undefined;
  #forgotten: Forgotten | undefined;
  #deaf: Gap | undefined;
  #hasHeard = false;
  #rival: Rival | undefined;
  #thermostatOffline: Gap | undefined;
  #deletedAt: number | undefined;
  #asleep: Gap | undefined;
  #missedSince: number | undefined;
  /** When each suspension was noticed, and how long it was: the monotonic clock knows nothing of it. */
  #suspensions: { readonly at: number; readonly forMs: number }[] = [];
  /** The stop that was noticed last, with all that may have been a part of it. */
  #stood: { readonly from: number; readonly to: number } | undefined;
  /** Since when nobody looks, and until when nobody wants to. */
  #rest = { from: 0, to: Infinity };
  #shutdown: Input["shutdown"] = "no";
  #begunAt = 0;
  #ending: Input["ending"] = "no";
  #notice: string | undefined;
  #notices = 0;
  #waiting: string | undefined;
  #denied: Input["denied"] = { read: [], write: [] };
  #restartAt: number | undefined;
  #crashHold: CrashHold | undefined;
  /** What ON means: the last level above 0. */
  #level = 100;
  #isLevelSaid = false;

  constructor(options: InputBufferOptions) {
    this.#clock = options.clock;
    this.#doorbell = options.doorbell;
    this.#sleep = new SleepWatch(options.clock);
  }

  /** All of it, as it is now. */
  read(): Input {
    return {
      word: this.#word,
      forgotten: this.#forgotten,
      deaf: this.#deaf,
      rival: this.#rival,
      thermostatOffline: this.#thermostatOffline,
      deletedAt: this.#deletedAt,
      asleep: this.#asleep,
      missedSince: this.#missedSince,
      shutdown: this.#shutdown,
      ending: this.#ending,
      notice: this.#notice,
      notices: this.#notices,
      waiting: this.#waiting,
      onLevel: this.#level,
      denied: this.#denied,
      restartAt: this.#restartAt,
      crashHold: this.#crashHold,
    };
  }

  /** The thermostat's word; it overwrites the last one. A level of 0 is OFF, and any other is ON. */
  put(demand: "on" | "off", level?: number): void {
    // This word came after it, or waited through it.
    this.#noticeSleep();
    const at = this.#clock.now();
    const same = this.#word?.demand === demand;
    if (demand === "on") this.#level = level ?? this.#level;
    if (level !== undefined) this.#isLevelSaid = true;
    this.#word = {
      demand,
      ...(demand === "on" && this.#level < 100 ? { level: this.#level } : {}),
      at,
      since: same ? this.#word?.since ?? at : at,
    };
    this.#forgotten = undefined;
    this.#missedSince = undefined;
    this.#notice = undefined;
    this.#waiting = undefined;
    this.#deletedAt = undefined;
    // A machine that is still there after so long did not power off.
    if (this.#shutdown === "begun" && at - this.#begunAt >= POWER_OFF_MS) {
      this.#shutdown = "no";
    }
    this.#doorbell.ring();
  }

  /** What ON meant before this start; a level that was said since is newer. */
  recall(level: number): void {
    if (this.#isLevelSaid) return;
    this.#level = level;
    if (this.#word?.demand === "on") this.#word = { ...this.#word, level };
    this.#doorbell.ring();
  }

  /** A remark on a message that changed nothing; the old word stays. */
  refuse(notice: string): void {
    this.#notice = notice;
    this.#notices += 1;
    this.#doorbell.ring();
  }

  /** A remark on what the broker kept: no news, and no word until there is a fresh one. */
  letWait(remark: string): void {
    this.#waiting = remark;
    this.#doorbell.ring();
  }

  /** A fresh start of all commands is asked for. */
  restart(): void {
    this.#restartAt = this.#clock.now();
    this.#doorbell.ring();
  }

  /** Heat is held for so long from now on, as controllers before this one kept dying. */
  hold({ forMs, ends }: StartHold): void {
    this.#crashHold = { until: this.#clock.now() + forMs, ends };
    this.#doorbell.ring();
  }

  /** All that the broker does not let us read, or write, now. */
  denied(right: "read" | "write", topics: readonly string[]): void {
    this.#denied = { ...this.#denied, [right]: topics };
    this.#doorbell.ring();
  }

  /** The word no longer counts, for this reason. */
  forget(why: Forgotten): void {
    this.#word = undefined;
    this.#missedSince = undefined;
    this.#forgotten = why;
    this.#doorbell.ring();
  }

  /** No word can be heard any more, since a moment; false if that was known before. */
  lost(since = this.#clock.now()): boolean {
    if (this.#deaf !== undefined && this.#deaf.to === undefined) return false;
    const now = this.#clock.now();
    // A fight that was over does not begin again with this loss.
    const fight = unsteadyGap(this.read(), now);
    if (fight?.to !== undefined) this.#rival = undefined;
    this.#deaf = { from: Math.min(since, now), to: undefined };
    this.#doorbell.ring();
    return true;
  }

  /** An OFF may have been said since then that will never come. */
  missed(since: number): void {
    if (this.#word?.demand !== "on") return;
    this.#missedSince ??= since;
    this.#doorbell.ring();
  }

  /** The word is the last that was said, although nobody said it again. */
  confirm(): void {
    this.#missedSince = undefined;
    this.#doorbell.ring();
  }

  /** Words can be heard again; returns for how long they could not, in milliseconds. */
  heard(): number {
    const now = this.#clock.now();
    if (this.#deaf === undefined || this.#deaf.to !== undefined) return 0;
    const { from } = this.#deaf;
    // Before the first connection there was nothing to be missed.
    this.#deaf = this.#hasHeard ? { from, to: now } : undefined;
    this.#hasHeard = true;
    this.#doorbell.ring();
    return now - from;
  }

  /** What throws us out of the broker again and again, if anything does. */
  contested(reason: string | undefined): void {
    if (reason === this.#rival?.reason) return;
    const since = this.#rival?.since ?? this.#clock.now();
    this.#rival = reason === undefined ? undefined : { reason, since };
    this.#doorbell.ring();
  }

  /** Nobody looks before this moment, unless something comes in. */
  rest(until: number): void {
    this.#rest = { from: this.#clock.now(), to: until };
  }

  /** Somebody looks again: notices a sleep meanwhile. */
  awake(): void {
    this.#noticeSleep();
    this.#rest = { from: this.#clock.now(), to: Infinity };
  }

  /** How long ago a moment was, suspensions included. */
  sinceMs(at: number): number {
    this.#noticeSleep();
    return this.#suspensions.filter((one) => one.at >= at).reduce(
      (ms, { forMs }) => ms + forMs,
      this.#clock.now() - at,
    );
  }

  /** How old what comes in now can be, as nobody took it in before; 0 if nobody stood still. */
  stoodMs(): number {
    this.#noticeSleep();
    const now = this.#clock.now();
    if (this.#stood === undefined) return 0;
    const { from, to } = this.#stood;
    return now - to < BACKLOG_MS ? this.sinceMs(from) : 0;
  }

  /** Until when all had come that was said, if something was heard at a moment: that may have waited through a stop. */
  soundUntil(heardAt: number): number {
    this.#noticeSleep();
    if (this.#stood === undefined) return heardAt;
    const { from, to } = this.#stood;
    return heardAt - to < BACKLOG_MS ? Math.min(heardAt, from) : heardAt;
  }

  /** The thermostat's host says whether it is online. */
  thermostat(state: "online" | "offline"): void {
    const now = this.#clock.now();
    const gap = this.#thermostatOffline;
    const open = gap !== undefined && gap.to === undefined;
    if (open === (state === "offline")) return;
    this.#thermostatOffline = open
      ? { from: gap.from, to: now }
      : { from: now, to: undefined };
    this.#doorbell.ring();
  }

  /** Somebody removed the rig's switch from Home Assistant: its thermostat is as far away as if it were offline. */
  deleted(): void {
    this.#deletedAt ??= this.#clock.now();
    this.#doorbell.ring();
  }

  /** The rig itself took its switch out of Home Assistant: an ON of before has nobody who ends it. */
  withdrawn(): void {
    if (this.#word?.demand === "on") this.forget({ kind: "withdrawn" });
  }

  /** Stop all, then power the machine off. */
  shutdown(): void {
    this.#shutdown = "asked";
    this.#notice = undefined;
    this.#waiting = undefined;
    this.#doorbell.ring();
  }

  /** The machine was told to power off. */
  shutdownBegun(): void {
    this.#shutdown = "begun";
    this.#begunAt = this.#clock.now();
    this.#doorbell.ring();
  }

  /** The machine did not power off: heat stays off until there is a fresh word. */
  shutdownFailed(reason: string): void {
    this.#shutdown = "no";
    this.forget({ kind: "shutdown_failed", reason });
  }

  /** The controller is to end; asked twice, by force. */
  end(how: "stop" | "force"): void {
    if (this.#ending === "force") return;
    this.#ending = how;
    this.#doorbell.ring();
  }

  #noticeSleep(): void {
    const now = this.#clock.now();
    const suspendedMs = this.#sleep.suspendedMs();
    const lateMs = this.#sleep.lateMs(this.#rest.to);
    const forMs = suspendedMs + lateMs;
    if (forMs === 0) return;
    if (suspendedMs > 0) {
      this.#suspensions = [
        ...this.#suspensions.slice(1 - SLEEPS_MAX),
        { at: now, forMs: suspendedMs },
      ];
    }
    // A stopped process may have stood still since it looked last.
    const from = lateMs > 0 ? Math.min(this.#rest.from, now - lateMs) : now;
    this.#stood = { from, to: now };
    this.#rest = { from: now, to: Infinity };
    this.#asleep = { from: now - forMs, to: now };
    this.#doorbell.ring();
  }
}
