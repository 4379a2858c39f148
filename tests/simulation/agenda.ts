/** Virtual time without promises: what is due is called, one after the other. */

import type { Clock } from "../../lib/clock.ts";
import type { LocalMoment } from "../../lib/core/types.ts";
import type { Ticker } from "../fakes/fake_process.ts";
import { localOf } from "./local.ts";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly then: () => void;
}

/** A clock and what is to happen on it. */
export class Agenda implements Clock, Ticker {
  #now: number;
  #localOffset: number;
  #orders = 0;
  #sleptMs = 0;
  /** Sorted, the earliest last; there are never more than a few. */
  readonly #entries: Entry[] = [];

  constructor(options: { readonly now: number; readonly localMs: number }) {
    this.#now = options.now;
    this.#localOffset = options.localMs - options.now;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  uptime(): number {
    return this.#now + this.#sleptMs;
  }

  /** The machine is suspended for so long: nothing here moves meanwhile. */
  suspend(ms: number): void {
    this.#sleptMs += ms;
    this.#localOffset += ms;
  }

  local(): LocalMoment {
    return this.localAt(this.#now);
  }

  /** The local time of day at another moment, if nobody shifts it. */
  localAt(now: number): LocalMoment {
    return localOf(now + this.#localOffset);
  }

  /** As a change to or from summer time does. */
  shiftLocal(ms: number): void {
    this.#localOffset += ms;
  }

  sleep(): Promise<void> {
    throw new Error("Nobody sleeps in a world without promises");
  }

  later(ms: number, then: () => void): void {
    const entry = { at: this.#now + ms, order: this.#orders++, then };
    let index = this.#entries.length;
    while (index > 0) {
      const before = this.#entries[index - 1];
      if (before === undefined || before.at > entry.at) break;
      index -= 1;
    }
    this.#entries.splice(index, 0, entry);
  }

  nextDue(): number {
    return this.#entries.at(-1)?.at ?? Infinity;
  }

  /** Moves time to a moment, and calls what is due by then. */
  moveTo(now: number): void {
    for (;;) {
      const entry = this.#entries.at(-1);
      if (entry === undefined || entry.at > now) break;
      this.#entries.pop();
      this.#now = Math.max(this.#now, entry.at);
      entry.then();
    }
    this.#now = now;
  }
}

/** A promise that calls at once, in the very moment in which it is settled. */
export function deferAtOnce<T>(): PromiseWithResolvers<T> {
  let outcome:
    | { readonly value: T }
    | { readonly reason: unknown }
    | undefined;
  const waiting: (() => void)[] = [];
  const settle = (one: NonNullable<typeof outcome>) => {
    if (outcome !== undefined) return;
    outcome = one;
    for (const call of waiting) call();
  };
  const then = (
    onValue?: (value: T) => unknown,
    onReason?: (reason: unknown) => unknown,
  ) => {
    const call = () => {
      if (outcome === undefined) return;
      if ("value" in outcome) onValue?.(outcome.value);
      else onReason?.(outcome.reason);
    };
    if (outcome === undefined) waiting.push(call);
    else call();
  };
  return {
    // All that the code under test does with these promises is then().
    promise: { then } as unknown as Promise<T>,
    resolve: (value) => settle({ value: value as T }),
    reject: (reason) => settle({ reason }),
  };
}
