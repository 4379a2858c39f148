/**
 * generic_thermostat as it was before it had `cycle_cooldown`: one shortest cycle
 * for both directions, measured from the last change of the switch's state, and
 * for changes of the sensor alone; `keep_alive` and people go past it.
 */

import type { SwitchState, Utterance } from "../../lib/demo/thermostat.ts";

/** What both generations can do. */
export interface Heats {
  sensed(readingC: number | undefined, now: number): Utterance | undefined;
  switched(state: SwitchState, now: number): Utterance | undefined;
  setMode(mode: "heat" | "off", now: number): Utterance | undefined;
  tick(now: number): readonly Utterance[];
}

export interface OldThermostatOptions {
  readonly targetC: number;
  readonly toleranceC: number;
  readonly minCycleMs: number;
  readonly keepAliveMs: number;
  readonly now: number;
}

export class OldThermostat implements Heats {
  readonly #options: OldThermostatOptions;
  #mode: "heat" | "off" = "heat";
  #currentC: number | undefined;
  #switch: SwitchState | undefined;
  #changedAt = -Infinity;
  #keepAliveAt: number;

  constructor(options: OldThermostatOptions) {
    this.#options = options;
    this.#keepAliveAt = options.now + options.keepAliveMs;
  }

  sensed(readingC: number | undefined, now: number): Utterance | undefined {
    if (readingC === this.#currentC) return undefined;
    this.#currentC = readingC;
    return this.#control("event", now);
  }

  switched(state: SwitchState, now: number): Utterance | undefined {
    if (state === this.#switch) return undefined;
    const isFirst = this.#switch === undefined;
    this.#switch = state;
    this.#changedAt = now;
    return isFirst && this.#mode === "off" && state === "on"
      ? this.#say("OFF", "mode_off")
      : undefined;
  }

  setMode(mode: "heat" | "off", now: number): Utterance | undefined {
    this.#mode = mode;
    if (mode === "heat") return this.#control("user", now);
    return this.#switch === "on" ? this.#say("OFF", "mode_off") : undefined;
  }

  tick(now: number): readonly Utterance[] {
    if (this.#keepAliveAt > now) return [];
    this.#keepAliveAt = now + this.#options.keepAliveMs;
    const said = this.#control("keep_alive", now);
    return said === undefined ? [] : [said];
  }

  #control(
    cause: "event" | "user" | "keep_alive",
    now: number,
  ): Utterance | undefined {
    const { targetC, toleranceC, minCycleMs } = this.#options;
    const current = this.#currentC;
    if (current === undefined || this.#mode === "off") return undefined;
    if (cause === "event" && now - this.#changedAt < minCycleMs) {
      return undefined;
    }
    const isOn = this.#switch === "on";
    if (isOn && current - toleranceC >= targetC) {
      return this.#say("OFF", "too_hot");
    }
    if (!isOn && targetC >= current + toleranceC) {
      return this.#say("ON", "too_cold");
    }
    if (cause !== "keep_alive") return undefined;
    return this.#say(isOn ? "ON" : "OFF", "keep_alive");
  }

  /** A call for what is unavailable is dropped in silence. */
  #say(word: "ON" | "OFF", why: Utterance["why"]): Utterance | undefined {
    const isReached = this.#switch !== undefined &&
      this.#switch !== "unavailable";
    return isReached ? { word, why } : undefined;
  }
}
