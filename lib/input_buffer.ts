/** What came in from outside: the thermostat's latest word in one slot, and the facts beside it. */

import type { Clock } from "./clock.ts";
import type { Forgotten, Gap, Input, Word } from "./core/types.ts";
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
  #thermostatOffline: Gap | undefined;
  #asleep: Gap | undefined;
  #shutdown: Input["shutdown"] = "no";
  #begunAt = 0;
  #ending: Input["ending"] = "no";
  #notice: string | undefined;

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
      thermostatOffline: this.#thermostatOffline,
      asleep: this.#asleep,
      shutdown: this.#shutdown,
      ending: this.#ending,
      notice: this.#notice,
    };
  }

  /** The thermostat's word; it overwrites the last one. */
  put(demand: "on" | "off"): void {
    // Through a suspended machine no word gets: this one came after it.
    this.#slept(this.#sleep.suspendedMs());
    const at = this.#clock.now();
    const same = this.#word?.demand === demand;
    this.#word = { demand, at, since: same ? this.#word?.since ?? at : at };
    this.#forgotten = undefined;
    this.#notice = undefined;
    // A machine that is still there after so long did not power off.
    if (this.#shutdown === "begun" && at - this.#begunAt >= POWER_OFF_MS) {
      this.#shutdown = "no";
    }
    this.#doorbell.ring();
  }

  /** A remark on a message that changed nothing; the old word stays. */
  refuse(notice: string): void {
    this.#notice = notice;
    this.#doorbell.ring();
  }

  /** The word no longer counts, for this reason. */
  forget(why: Forgotten): void {
    this.#word = undefined;
    this.#forgotten = why;
    this.#doorbell.ring();
  }

  /** From now on no word can be heard. */
  lost(): void {
    if (this.#deaf !== undefined && this.#deaf.to === undefined) return;
    this.#deaf = { from: this.#clock.now(), to: undefined };
    this.#doorbell.ring();
  }

  /** Words can be heard again; returns for how long they could not, in milliseconds. */
  heard(): number {
    const now = this.#clock.now();
    if (this.#deaf === undefined || this.#deaf.to !== undefined) return 0;
    this.#deaf = { from: this.#deaf.from, to: now };
    this.#doorbell.ring();
    return now - this.#deaf.from;
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

  /** Stop all, then power the machine off. */
  shutdown(): void {
    this.#shutdown = "asked";
    this.#notice = undefined;
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
