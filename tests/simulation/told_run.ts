/** What a simulation knows of what was told: the rules for it, written anew. */

import type { Found } from "../../lib/core/reading.ts";
import type { SafetyLimits, WatchdogLimits } from "../../lib/core/limits.ts";
import { DUST_MS, type Telling } from "./script.ts";

const DAY_MS = 24 * 3_600_000;
const COOL_DOWN_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

/** One sensor: two hot readings in a row are too hot, until it is cool enough. */
export class ToldSensor {
  at: number;
  /** Since when it is too hot; Infinity if it is not. */
  hotAt = Infinity;
  #above = 0;
  readonly #safety: SafetyLimits;

  constructor(safety: SafetyLimits, at: number) {
    this.#safety = safety;
    this.at = at;
  }

  take(celsius: number, at: number): void {
    const { maxTemperatureC, resumeBelowC } = this.#safety;
    this.at = at;
    this.#above = celsius > maxTemperatureC ? this.#above + 1 : 0;
    if (this.#above === 2) this.hotAt = Math.min(this.hotAt, at);
    if (celsius < resumeBelowC) this.hotAt = Infinity;
  }
}

/** Does a sensor tell a temperature at all? */
export function isTemperature(celsius: number | undefined): celsius is number {
  return celsius !== undefined && celsius > 0 && celsius < 200;
}

/** Without a limit no silence counts either. */
function isGuarded({ safety }: Telling): boolean {
  return safety.maxTemperatureC < Infinity;
}

/** What one run of a command told, and what follows from it. */
export class ToldRun {
  readonly startedAt: number;
  toldAt: number | undefined;
  hashrateHs: number | undefined;
  /** The latest reading says nothing of shares. */
  hidesShares = false;
  readonly sensors = new Map<string, ToldSensor>();
  readonly #telling: Telling;
  #shares = 0;
  #shareAt: number | undefined;
  #lowSince: number | undefined;

  constructor(telling: Telling, startedAt: number) {
    this.#telling = telling;
    this.startedAt = startedAt;
  }

  /** A reading; returns how many shares were accepted since the one before. */
  take(found: Found, watchdog: WatchdogLimits, now: number): number {
    const { hashrateHs = 0, accepted } = found;
    if (hashrateHs >= watchdog.minHashrateHs) this.#lowSince = undefined;
    else if (this.#lowSince === undefined || this.isStale(now)) {
      this.#lowSince = now;
    }
    this.toldAt = now;
    this.hashrateHs = hashrateHs;
    this.hidesShares = accepted === undefined;
    const more = (accepted ?? this.#shares) - this.#shares;
    this.#shares = accepted ?? this.#shares;
    if (more > 0) this.#shareAt = now;
    for (const { device, celsius } of found.temperatures ?? []) {
      if (!isTemperature(celsius)) continue;
      const sensor = this.sensors.get(device) ??
        new ToldSensor(this.#telling.safety, now);
      sensor.take(celsius, now);
      this.sensors.set(device, sensor);
    }
    return more;
  }

  /** When what was told last is older than three intervals. */
  get staleAt(): number {
    return (this.toldAt ?? this.startedAt) + 3 * this.#telling.intervalMs;
  }

  isStale(now: number): boolean {
    return this.toldAt === undefined || this.staleAt <= now;
  }

  get hotAt(): number {
    return Math.min(
      Infinity,
      ...[...this.sensors.values()].map(({ hotAt }) => hotAt),
    );
  }

  /** When the first of its sensors is silent for too long. */
  get silentAt(): number {
    if (!isGuarded(this.#telling)) return Infinity;
    const ms = Math.max(MINUTE_MS, 3 * this.#telling.intervalMs);
    return Math.min(
      Infinity,
      ...[...this.sensors.values()].map(({ at }) => at + ms),
    );
  }

  /** What may be wrong: when it is so for too long, and since when it is. */
  concerns(
    watchdog: WatchdogLimits,
    now: number,
  ): { readonly at: number; readonly since: number }[] {
    const { startedAt } = this;
    const warmAt = startedAt + watchdog.warmUpMs;
    const concern = (since: number, ms: number) => {
      return { at: Math.max(since, warmAt) + ms, since };
    };
    const silent = concern(this.toldAt ?? startedAt, watchdog.silentForMs);
    // What is not known now is neither low nor without shares.
    if (this.isStale(now)) return [silent];
    return [
      silent,
      concern(this.#lowSince ?? Infinity, watchdog.lowForMs),
      ...this.hidesShares
        ? []
        : [concern(this.#shareAt ?? startedAt, watchdog.noShareForMs)],
    ];
  }
}

/** What is known of one command over all its runs in one life of a controller. */
export class ToldCommand {
  run: ToldRun | undefined;
  accepted = 0;
  /** What was told last of any run says nothing of shares. */
  hidesShares = false;
  readonly barks: number[] = [];
  readonly telling: Telling;
  readonly #watchdog: WatchdogLimits;

  constructor(telling: Telling, watchdog: WatchdogLimits) {
    this.telling = telling;
    this.#watchdog = watchdog;
  }

  begin(now: number): void {
    this.hidesShares = false;
    this.run = new ToldRun(this.telling, now);
  }

  /** What there is was not begun, or not by this controller. */
  forget(): void {
    this.run = undefined;
  }

  take(found: Found, now: number): void {
    this.hidesShares = found.accepted === undefined;
    this.accepted += this.run?.take(found, this.#watchdog, now) ?? 0;
  }

  /** When the watchdog ends the present run, if nothing changes. */
  barkAt(now: number): number {
    const concerns = this.run?.concerns(this.#watchdog, now) ?? [];
    const at = Math.min(Infinity, ...concerns.map(({ at }) => at));
    const { restartsADay } = this.#watchdog;
    const first = this.barks.at(-restartsADay);
    return first === undefined ? at : Math.max(at, first + DAY_MS);
  }

  /** Did the run that is ended now work for long enough to forgive? */
  workedFor(stableMs: number, now: number): boolean {
    const { run } = this;
    const due = run?.concerns(this.#watchdog, now)
      .find(({ at }) => at <= now + DUST_MS);
    if (run === undefined || due === undefined) return false;
    const warmMs = this.#watchdog.warmUpMs;
    return due.since - run.startedAt - warmMs >= stableMs;
  }

  /** Until when the latest run, which is gone, has to cool down; it was asked to end, or ended, at a moment. */
  coolsUntil(endAt: number, aliveUntil: number): number {
    const run = this.run;
    if (run === undefined) return -Infinity;
    const isHeld = run.hotAt < Infinity || run.silentAt <= endAt;
    return isHeld ? aliveUntil + COOL_DOWN_MS : -Infinity;
  }
}

/** The machine's own sensor. */
export class ToldMachine {
  readonly #telling: Telling;
  #sensor: ToldSensor | undefined;

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  take(celsius: number, now: number): void {
    if (!isTemperature(celsius)) return;
    const sensor = this.#sensor ??= new ToldSensor(this.#telling.safety, now);
    const hadTime = this.coolsUntil <= now;
    sensor.take(celsius, now);
    // What had time to cool down, and is still not cool, is too hot from now on.
    if (sensor.hotAt < Infinity && hadTime) sensor.hotAt = now;
  }

  /** Since when it is too hot; Infinity if it is not, or had time to cool down. */
  hotAt(now: number): number {
    return this.coolsUntil > now ? this.#sensor?.hotAt ?? Infinity : Infinity;
  }

  /** Until when a hot one that tells nothing more holds all. */
  get coolsUntil(): number {
    const { hotAt = Infinity, at = 0 } = this.#sensor ?? {};
    return hotAt === Infinity ? -Infinity : at + COOL_DOWN_MS;
  }

  /** When it is silent for too long in a run that began at a moment. */
  silentAt(startedAt: number): number {
    if (this.#sensor === undefined || !isGuarded(this.#telling)) {
      return Infinity;
    }
    return Math.max(this.#sensor.at, startedAt) + MINUTE_MS;
  }
}
