/** Miner: what a stand-in claims at a moment. It computes nothing; chance comes from a seed. */

import type { Clock } from "../../clock.ts";
import type { MinerSettings } from "./settings.ts";

/** What one card or thread claims. */
export interface DeviceClaim {
  readonly index: number;
  readonly hashrate: number;
  readonly powerW: number;
  readonly temperatureC: number;
  readonly accepted: number;
  readonly rejected: number;
}

/** What it claims at one moment. */
export interface Claim {
  readonly phase: "starting" | "preparing" | "mining" | "paused";
  readonly algo: string;
  readonly pool: string;
  readonly uptimeS: number;
  /** H/s at this moment; 0 unless it mines. */
  readonly hashrate: number;
  /** H/s over 10 s, 60 s, 15 min; undefined until such a window is full. */
  readonly windows: readonly [Rate, Rate, Rate];
  /** The best so far. */
  readonly highest: Rate;
  readonly accepted: number;
  readonly rejected: number;
  readonly powerW: number;
  readonly temperatureC: number;
  readonly devices: readonly DeviceClaim[];
}

type Rate = number | undefined;

/** What a paused or preparing rig still takes of its power. */
const IDLE_PART = 0.15;

/** One pretended miner. */
export class Miner {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #settings: MinerSettings;
  #seenAt: number;
  #minedMs = 0;
  #shares = 0;
  #accepted = 0;
  #rejected = 0;
  #pausedAt: number | undefined;
  #highest = 0;

  constructor(settings: MinerSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#startedAt = clock.now() - settings.ageMs;
    this.#seenAt = this.#startedAt;
  }

  /** Other figures from now on; what it counted so far stays. */
  change(settings: MinerSettings): void {
    this.#advance();
    this.#settings = settings;
    this.pause(settings.paused);
  }

  /** Stops or resumes hashing; it stays alive and logged in. */
  pause(isPaused: boolean): void {
    this.#advance();
    this.#pausedAt = isPaused ? this.#pausedAt ?? this.#clock.now() : undefined;
  }

  claim(): Claim {
    this.#advance();
    const { algo, pool, hashrate, powerW, temperatureC } = this.#settings;
    const phase = this.#phase();
    const isMining = phase === "mining";
    const rate = isMining ? hashrate * this.#stray(1) : 0;
    this.#highest = Math.max(this.#highest, rate);
    const part = isMining ? this.#stray(2) : IDLE_PART;
    return {
      phase,
      algo,
      pool,
      uptimeS: Math.floor(this.#ageMs() / 1_000),
      hashrate: rate,
      windows: [
        this.#window(10_000),
        this.#window(60_000),
        this.#window(900_000),
      ],
      highest: this.#highest > 0 ? this.#highest : undefined,
      accepted: this.#accepted,
      rejected: this.#rejected,
      powerW: powerW * part,
      temperatureC: temperatureC * this.#stray(3),
      devices: this.#devices(rate, powerW * part),
    };
  }

  #ageMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  #phase(): Claim["phase"] {
    const { warmUpMs } = this.#settings;
    if (this.#ageMs() < warmUpMs / 2) return "starting";
    if (this.#ageMs() < warmUpMs) return "preparing";
    return this.#pausedAt === undefined ? "mining" : "paused";
  }

  #advance(): void {
    const now = this.#clock.now();
    const from = Math.max(
      this.#seenAt,
      this.#startedAt + this.#settings.warmUpMs,
    );
    this.#seenAt = now;
    if (this.#pausedAt !== undefined || now <= from) return;
    this.#minedMs += now - from;
    this.#shares += (now - from) / this.#settings.shareEveryMs;
    const { rejectEvery } = this.#settings;
    // A whole number of intervals must not fall short by a rounding error.
    const whole = Math.floor(this.#shares + 1e-9);
    while (this.#accepted + this.#rejected < whole) {
      const count = this.#accepted + this.#rejected + 1;
      if (rejectEvery > 0 && count % rejectEvery === 0) this.#rejected += 1;
      else this.#accepted += 1;
    }
  }

  /** Once it is full, it holds idle time only after a pause. */
  #window(ms: number): Rate {
    const phase = this.#phase();
    if (phase === "starting" || phase === "preparing") return 0;
    if (this.#minedMs < ms && phase === "mining") return undefined;
    const { hashrate } = this.#settings;
    const idleMs = this.#pausedAt === undefined
      ? 0
      : this.#clock.now() - this.#pausedAt;
    return hashrate * this.#stray(ms) * Math.max(0, 1 - idleMs / ms);
  }

  #devices(rate: number, powerW: number): DeviceClaim[] {
    const { devices, temperatureC } = this.#settings;
    const part = (total: number, index: number) =>
      Math.floor((total + devices - 1 - index) / devices);
    return Array.from({ length: devices }, (_, index) => ({
      index,
      hashrate: rate / devices,
      powerW: powerW / devices,
      temperatureC: temperatureC * this.#stray(3 + index),
      accepted: part(this.#accepted, index),
      rejected: part(this.#rejected, index),
    }));
  }

  /** A factor around 1: another each second and for each `salt`, the same for the same seed. */
  #stray(salt: number): number {
    const { seed, wobble } = this.#settings;
    const second = Math.floor(this.#ageMs() / 1_000);
    let mixed = (seed * 0x9e3779b1 + second * 0x85ebca6b + salt * 0xc2b2ae35) |
      0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
    return 1 + wobble * (((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 31 - 1);
  }
}
