/**
 * A pure model of Home Assistant's generic_thermostat with a heater behind a
 * switch: what it says, and when. All times are arguments.
 */

/** The switch as Home Assistant shows it. */
export type SwitchState = "on" | "off" | "unknown" | "unavailable";

/** One word on the command topic, and why it is said. */
export interface Utterance {
  readonly word: "ON" | "OFF";
  readonly why: "too_cold" | "too_hot" | "keep_alive" | "mode_off";
}

export interface ThermostatOptions {
  readonly targetC: number;
  readonly coldToleranceC?: number;
  readonly hotToleranceC?: number;
  /** `keep_alive`; without it only changes are said. */
  readonly keepAliveMs?: number;
  /** `min_cycle_duration`: the shortest run. */
  readonly minOnMs?: number;
  /** `cycle_cooldown`: the shortest rest. */
  readonly minOffMs?: number;
  readonly mode?: "heat" | "off";
  /** When the thermostat begins. */
  readonly now: number;
}

const TOLERANCE_C = 0.3;

/** A change of the switch within this time is taken for the effect of the last word. */
const ATTRIBUTED_MS = 5_000;

type Cause = "event" | "user" | "keep_alive";

/** Each method takes what happens at a moment and gives what is said then. */
export class Thermostat {
  readonly #options: Required<Omit<ThermostatOptions, "now" | "targetC">>;
  #mode: "heat" | "off";
  #targetC: number;
  #currentC: number | undefined;
  /** Undefined: Home Assistant has no such switch yet. */
  #switch: SwitchState | undefined;
  /** Nothing is said before the first temperature; after that its loss changes nothing. */
  #isActive = false;
  #toggledAt: number;
  #reachedAt = -Infinity;
  #keepAliveAt: number;
  #checkAt = Infinity;

  constructor({ now, targetC, ...options }: ThermostatOptions) {
    this.#options = {
      coldToleranceC: TOLERANCE_C,
      hotToleranceC: TOLERANCE_C,
      keepAliveMs: Infinity,
      minOnMs: 0,
      minOffMs: 0,
      mode: "heat",
      ...options,
    };
    const { keepAliveMs, minOffMs, mode } = this.#options;
    if (!(keepAliveMs > 0)) {
      throw new RangeError(
        `Cannot repeat a word every ${keepAliveMs} ms: keepAliveMs must be above 0`,
      );
    }
    this.#mode = mode;
    this.#targetC = targetC;
    this.#keepAliveAt = now + keepAliveMs;
    // The first start needs no rest before it.
    this.#toggledAt = now - minOffMs;
  }

  /** When `tick()` is due at the latest. */
  get dueAt(): number {
    return Math.min(this.#keepAliveAt, this.#checkAt);
  }

  /** What the sensor shows; undefined: nothing. Only a change counts. */
  sensed(readingC: number | undefined, now: number): Utterance | undefined {
    if (readingC === this.#currentC) return undefined;
    this.#currentC = readingC;
    return this.#control("event", now);
  }

  /** What the switch shows. A change is never a reason to decide anew. */
  switched(state: SwitchState, now: number): Utterance | undefined {
    if (state === this.#switch) return undefined;
    const isFirstSight = this.#switch === undefined;
    this.#switch = state;
    const said = isFirstSight && this.#mode === "off" && state === "on"
      ? this.#say("OFF", "mode_off", now)
      : undefined;
    this.#toggledAt = now;
    // Somebody else switched it: a decision that was put off is dropped.
    if (now - this.#reachedAt > ATTRIBUTED_MS) {
      this.#reachedAt = -Infinity;
      this.#checkAt = Infinity;
    }
    return said;
  }

  /** Somebody sets the temperature. */
  setTarget(targetC: number, now: number): Utterance | undefined {
    this.#targetC = targetC;
    return this.#control("user", now);
  }

  /** Somebody sets the mode. */
  setMode(mode: "heat" | "off", now: number): Utterance | undefined {
    this.#mode = mode;
    if (mode === "heat") return this.#control("user", now);
    if (this.#switch !== "on") return undefined;
    return this.#say("OFF", "mode_off", now);
  }

  /** Does what is due; what was missed while nobody called is not made up for. */
  tick(now: number): readonly Utterance[] {
    const said: Utterance[] = [];
    if (this.#checkAt <= now) {
      this.#checkAt = Infinity;
      said.push(...some(this.#control("event", now)));
    }
    if (this.#keepAliveAt <= now) {
      const { keepAliveMs } = this.#options;
      const missed = Math.floor((now - this.#keepAliveAt) / keepAliveMs);
      this.#keepAliveAt += (missed + 1) * keepAliveMs;
      said.push(...some(this.#control("keep_alive", now)));
    }
    return said;
  }

  #control(cause: Cause, now: number): Utterance | undefined {
    this.#isActive ||= this.#currentC !== undefined;
    if (!this.#isActive || this.#mode === "off") return undefined;
    const { minOnMs, minOffMs } = this.#options;
    // "unknown" and "unavailable" count as not on.
    if (this.#switch === "on") {
      if (!this.#isTooHot()) return this.#repeat("ON", cause, now);
      if (cause !== "user" && this.#holds(minOnMs, now)) return undefined;
      return this.#say("OFF", "too_hot", now);
    }
    if (!this.#isTooCold()) return this.#repeat("OFF", cause, now);
    if (cause !== "user" && this.#holds(minOffMs, now)) return undefined;
    return this.#say("ON", "too_cold", now);
  }

  #isTooCold(): boolean {
    return this.#currentC !== undefined &&
      this.#targetC > this.#currentC + this.#options.coldToleranceC;
  }

  #isTooHot(): boolean {
    return this.#currentC !== undefined &&
      this.#targetC < this.#currentC - this.#options.hotToleranceC;
  }

  /** Is it too early for a change? Then it is looked at again later. */
  #holds(shortestMs: number, now: number): boolean {
    if (this.#toggledAt + shortestMs <= now) return false;
    // Home Assistant adds the time that has passed instead of taking it off.
    const waitMs = now - this.#toggledAt + shortestMs;
    if (this.#checkAt === Infinity) this.#checkAt = now + waitMs;
    return true;
  }

  #repeat(
    word: "ON" | "OFF",
    cause: Cause,
    now: number,
  ): Utterance | undefined {
    return cause === "keep_alive"
      ? this.#say(word, "keep_alive", now)
      : undefined;
  }

  #say(
    word: Utterance["word"],
    why: Utterance["why"],
    now: number,
  ): Utterance | undefined {
    // What is unavailable is passed over in silence, yet it counts as said.
    const isReached = this.#switch !== undefined &&
      this.#switch !== "unavailable";
    this.#reachedAt = isReached ? now : -Infinity;
    if (why !== "keep_alive") {
      this.#toggledAt = now;
      this.#checkAt = Infinity;
    }
    return isReached ? { word, why } : undefined;
  }
}

function some<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
