/** What came in from outside: the thermostat's latest word in one slot, and the facts beside it. */

import type { Clock } from "./clock.ts";
import { unsteadyGap } from "./core/hearing.ts";
import type { Forgotten, Gap, Input, Rival, Word } from "./core/types.ts";
import type { Doorbell } from "./doorbell.ts";
import { SleepWatch } from "./sleep_watch.ts";

export interface InputBufferOptions {
  readonly clock: Clock;
  readonly doorbell: Doorbell;
}

/** A word within this time does not call off a machine that is powering off. */
const POWER_OFF_MS = 60_000;

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
  #shutdown: Input["shutdown"] = "no";
  #begunAt = 0;
  #ending: Input["ending"] = "no";
  #notice: string | undefined;
  #waiting: string | undefined;
  #denied: Input["denied"] = { read: [], write: [] };
  #restartAt: number | undefined;
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
      shutdown: this.#shutdown,
      ending: this.#ending,
      notice: this.#notice,
      waiting: this.#waiting,
      onLevel: this.#level,
      denied: this.#denied,
      restartAt: this.#restartAt,
    };
  }

  /** The thermostat's word; it overwrites the last one. A level of 0 is OFF, and any other is ON. */
  put(demand: "on" | "off", level?: number): void {
    // Through a suspended machine no word gets: this one came after it.
    this.#slept(this.#sleep.suspendedMs());
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

  /** All that the broker does not let us read, or write, now. */
  denied(right: "read" | "write", topics: readonly string[]): void {
    this.#denied = { ...this.#denied, [right]: topics };
    this.#doorbell.ring();
  }

  /** The word no longer counts, for this reason. */
  forget(why: Forgotten): void {
    this.#word = undefined;
    this.#forgotten = why;
    this.#doorbell.ring();
  }

  /** From now on no word can be heard; false if that was so before. */
  lost(): boolean {
    if (this.#deaf !== undefined && this.#deaf.to === undefined) return false;
    const now = this.#clock.now();
    // A fight that was over does not begin again with this loss.
    const fight = unsteadyGap(this.read(), now);
    if (fight?.to !== undefined) this.#rival = undefined;
    this.#deaf = { from: now, to: undefined };
    this.#doorbell.ring();
    return true;
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

  /** Awake again after a wait that was to be over at this moment: notices a sleep in it. */
  awake(wakeAt: number): void {
    this.#slept(this.#sleep.suspendedMs() + this.#sleep.lateMs(wakeAt));
  }

  /** The thermostat's host says whether it is online. */
  thermostat(state: "online" | "offline"): void {
    const now = this.#clock.now();
    const gap = this.#thermostatOffline;
    const open = gap !== undefined && gap.to === undefined;
    if (state === "offline" && !open) {
      this.#thermostatOffline = { from: now, to: undefined };
    }
    if (state === "online" && open) {
      this.#thermostatOffline = { from: gap.from, to: now };
    }
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

  #slept(forMs: number): void {
    if (forMs === 0) return;
    const now = this.#clock.now();
    this.#asleep = { from: now - forMs, to: now };
    this.#doorbell.ring();
  }
}
