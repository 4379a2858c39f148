/** Is heat in force? Read anew from design.md, without a look at lib/core. */

import type { HeatLimits } from "../../lib/core/types.ts";

interface Stretch {
  readonly from: number;
  to: number | undefined;
}

/** Why there is no heat: an OFF that may wait for min_on, or one that may not. */
export type NoHeat = "ordinary" | "hard";

/** What the thermostat wants, as far as a controller can know, since when. */
export class Demand {
  readonly #limits: HeatLimits;
  #word: "on" | "off" | undefined;
  #saidAt = 0;
  #onSince = 0;
  /** In percent: what ON means. */
  #level = 100;
  #isLevelSaid = false;
  #fullSince = 0;
  #deaf: Stretch | undefined;
  #offline: Stretch | undefined;
  /** Since when the connection breaks again and again. */
  #contestedSince: number | undefined;
  #shutdown: "no" | "asked" | "begun" = "no";
  #begunAt = 0;
  #ending: "no" | "stop" | "force" = "no";
  /** Until then nothing heats, as controllers before this one kept dying. */
  #heldUntil = -Infinity;
  #noHeat: NoHeat | undefined = "hard";
  /** Since when heat is in force, or not. */
  #since: number;
  /** Since when there must be no heat, min_on or not. */
  #hardSince: number;
  /** The latest word is an ON that the broker had kept. */
  isKeptOn = false;
  /** A level 0 is kept, and nothing was said since it was found on this connection. */
  isKeptZero = false;
  /** The word was lost for want of one who says it: neither the connection nor a sleep is to blame. */
  isUnsaid = false;
  /** Since when a word may be lost. */
  #missedSince: number | undefined;
  /** So often a word was lost without another in its place. */
  #forgets = 0;
  #isForgotten = false;
  /** A message was refused, and nothing was said since. */
  #refused = false;
  /** When a word was slept over for too long. */
  #sleptOverAt = Infinity;

  constructor(limits: HeatLimits, now: number) {
    this.#limits = limits;
    this.#since = now;
    this.#hardSince = now;
  }

  get heat(): boolean {
    return this.#noHeat === undefined;
  }

  /** Since when heat is in force; Infinity if it is not. */
  get heatSince(): number {
    return this.heat ? this.#since : Infinity;
  }

  /** Since when it is not in force; Infinity if it is. */
  get noHeatSince(): number {
    return this.heat ? Infinity : this.#since;
  }

  /** Since when nothing may hold up a stop; Infinity if something may. */
  get hardSince(): number {
    return this.#noHeat === "hard" ? this.#hardSince : Infinity;
  }

  get ending(): "no" | "stop" | "force" {
    return this.#ending;
  }

  get shutdown(): "no" | "asked" | "begun" {
    return this.#shutdown;
  }

  get word(): "on" | "off" | undefined {
    return this.#word;
  }

  get refused(): boolean {
    return this.#refused;
  }

  /** Some commands may rest, some of the time. */
  get isPartial(): boolean {
    return this.#level < 100;
  }

  /** Since when ON means all commands. */
  get fullSince(): number {
    return this.#fullSince;
  }

  say(word: "on" | "off", now: number, level?: number): void {
    if (level !== undefined) {
      if (level === 100 && this.isPartial) this.#fullSince = now;
      this.#level = level;
      this.#isLevelSaid = true;
    }
    if (word === "on" && this.#word !== "on") this.#onSince = now;
    this.#sleptOverAt = Infinity;
    this.#word = word;
    this.#saidAt = now;
    this.#refused = false;
    this.isUnsaid = false;
    this.#missedSince = undefined;
    this.#isForgotten = false;
    if (this.#shutdown === "begun" && now - this.#begunAt >= 60_000) {
      this.#shutdown = "no";
    }
    this.pass(now);
  }

  /** The broker keeps what ON meant before this start. */
  recall(level: number): void {
    if (!this.#isLevelSaid) this.#level = level;
  }

  refuse(): void {
    this.#refused = true;
  }

  /** `since`: when anything was heard last. */
  hear(can: boolean, now: number, since = now): void {
    if (!can && (this.#unsteady()?.to ?? Infinity) <= now) {
      this.#contestedSince = undefined;
    }
    this.#deaf = turned(this.#deaf, !can, can ? now : since);
    this.pass(now);
  }

  /** Since when nothing is heard, or was not heard the last time. */
  get deafSince(): number | undefined {
    return this.#deaf?.from;
  }

  /** An OFF may be lost that was said since then. */
  miss(since: number, now: number): void {
    if (this.#word === "on") this.#missedSince ??= since;
    this.pass(now);
  }

  /** The word in force is the last that was said. */
  confirm(): void {
    this.#missedSince = undefined;
  }

  /** Which loss of a word it is that no other has followed; 0 if there is none. */
  get forgotten(): number {
    return this.#isForgotten ? this.#forgets : 0;
  }

  /** The connection breaks again and again, or that is over. */
  contest(isContested: boolean, now: number): void {
    this.#contestedSince = isContested
      ? this.#contestedSince ?? now
      : undefined;
    this.pass(now);
  }

  thermostat(state: "online" | "offline", now: number): void {
    this.#offline = turned(this.#offline, state === "offline", now);
    this.pass(now);
  }

  /** Until now the machine slept, or the controller stood still, for so long. */
  sleep(forMs: number, now: number): void {
    if (forMs > 300_000 && this.#word === "on") this.#sleptOverAt = now;
    this.pass(now);
  }

  askShutdown(now: number): void {
    this.#shutdown = "asked";
    this.#refused = false;
    this.pass(now);
  }

  beginShutdown(now: number): void {
    if (this.#shutdown !== "begun") this.#begunAt = now;
    this.#shutdown = "begun";
    this.pass(now);
  }

  failShutdown(now: number): void {
    this.#shutdown = "no";
    this.#forget();
    this.isUnsaid = true;
    this.pass(now);
  }

  /** Whatever is said, nothing heats before. */
  hold(until: number, now: number): void {
    this.#heldUntil = until;
    this.pass(now);
  }

  end(how: "stop" | "force", now: number): void {
    if (this.#ending !== "force") this.#ending = how;
    this.pass(now);
  }

  /** When something strikes by itself, if nothing is said before. */
  get strikes(): readonly number[] {
    if (this.#word !== "on") return [this.#heldUntil];
    const maxOnAt = this.#onSince + this.#limits.maxOnMs;
    // While nothing heats anyway, max_on changes nothing.
    const isHeld = this.#shutdown !== "no" || this.#heldUntil > maxOnAt;
    return [this.#failsafeAt(), isHeld ? Infinity : maxOnAt, this.#heldUntil];
  }

  /** Time has come to this moment. */
  pass(now: number): void {
    if (this.#word === "on" && this.#failsafeAt() <= now) {
      this.#turn("hard", this.#failsafeAt());
      // The first of these reasons counts that there is.
      this.isUnsaid = this.#unheardAt() > now &&
        (this.#offlineAt() <= now || this.#sleptOverAt > now);
      this.#forget();
    }
    if (this.#ending !== "no") return this.#turn("hard", now);
    if (this.#shutdown !== "no") return this.#turn("hard", now);
    if (this.#heldUntil > now) return this.#turn("hard", now);
    if (this.#word === undefined) return this.#turn("hard", now);
    if (this.#word === "off") return this.#turn("ordinary", now);
    const maxOnAt = this.#onSince + this.#limits.maxOnMs;
    if (maxOnAt <= now) return this.#turn("hard", maxOnAt);
    this.#turn(undefined, now);
  }

  #forget(): void {
    this.#word = undefined;
    this.#missedSince = undefined;
    this.#isForgotten = true;
    this.#forgets += 1;
  }

  #turn(noHeat: NoHeat | undefined, at: number): void {
    if (noHeat === this.#noHeat) return;
    const was = this.#noHeat;
    this.#noHeat = noHeat;
    if ((was === undefined) !== (noHeat === undefined)) this.#since = at;
    if (noHeat === "hard") this.#hardSince = at;
  }

  #failsafeAt(): number {
    return Math.min(
      this.#sleptOverAt,
      this.#unheardAt(),
      this.#saidAt + this.#limits.silentAfterMs,
      this.#offlineAt(),
    );
  }

  #offlineAt(): number {
    return this.#lastsTo(
      this.#offline,
      this.#limits.thermostatOfflineAfterMs,
    );
  }

  /** The same for want of a connection alone. */
  #unheardAt(): number {
    return Math.min(
      this.#lastsTo(this.#deaf, this.#limits.brokerLostAfterMs),
      this.#lastsTo(this.#unsteady(), this.#limits.brokerLostAfterMs),
      this.#lastsTo(
        this.#missedSince === undefined
          ? undefined
          : { from: this.#missedSince, to: undefined },
        this.#limits.brokerLostAfterMs,
      ),
    );
  }

  /** A connection that holds for five minutes ends it. */
  #unsteady(): Stretch | undefined {
    if (this.#contestedSince === undefined) return undefined;
    const heardSince = this.#deaf?.to ?? Infinity;
    return { from: this.#contestedSince, to: heardSince + 300_000 };
  }

  /** When a stretch has lasted so long since the last word; never if it ends before. */
  #lastsTo(stretch: Stretch | undefined, limitMs: number): number {
    if (stretch === undefined) return Infinity;
    const at = Math.max(stretch.from, this.#saidAt) + limitMs;
    return (stretch.to ?? Infinity) < at ? Infinity : at;
  }
}

function turned(
  stretch: Stretch | undefined,
  begins: boolean,
  now: number,
): Stretch | undefined {
  const open = stretch !== undefined && stretch.to === undefined;
  if (begins) return open ? stretch : { from: now, to: undefined };
  return open ? { from: stretch.from, to: now } : stretch;
}
