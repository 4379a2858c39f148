/** The watch over the one loop, on every platform: a thread of its own ends all where the loop hangs. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Overseer } from "../controller.ts";
import { wordsOf } from "../core/words.ts";
import { listChildren } from "../process/family.ts";
import type { ProcessId } from "../process/mark.ts";

const log = getLogger(["kolikko", "watch"]);

/** A loop that has not turned for so long hangs; all must be over ten seconds later. */
const LIMIT_MS = 20_000;
/** So often in that time the loop is asked to turn. */
const WAKES = 4;

/** What the thread has to know, as the loop that hangs can tell it nothing. */
export interface WatchOrder {
  /** One number, which differs after each turn of the loop. */
  readonly turns: SharedArrayBuffer;
  readonly limitMs: number;
  readonly rig: string;
  /** Ourselves, as the marks of what we start name us. */
  readonly controller: ProcessId;
  /** Children that we had before we started any. */
  readonly strangers: readonly number[];
  /** The journal reads what we print. */
  readonly journal: boolean;
}

export interface LoopWatchOptions {
  readonly rig: string;
  readonly controller: ProcessId;
  readonly journal: boolean;
  readonly limitMs?: number;
}

/** Counts the turns of the loop; the thread (`watcher.ts`) looks whether they go on. */
export class LoopWatch implements Overseer {
  readonly #order: WatchOrder;
  readonly #turns: Int32Array;

  /** Make it before anything is started. */
  constructor(options: LoopWatchOptions) {
    const turns = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#turns = new Int32Array(turns);
    const strangers = listChildren() ?? [];
    this.#order = { limitMs: LIMIT_MS, ...options, strangers, turns };
  }

  turned(): void {
    Atomics.add(this.#turns, 0, 1);
  }

  ending(): void {}

  async run(signal: AbortSignal, wake: () => void): Promise<void> {
    const worker = this.#start();
    try {
      while (!signal.aborted) {
        wake();
        await systemClock.sleep(this.#order.limitMs / WAKES, signal);
      }
    } finally {
      worker?.terminate();
    }
  }

  /** Heat does not depend on it: where it cannot be had, that is said. */
  #start(): Worker | undefined {
    try {
      // The main module is the one file that every way to ship the program has.
      const worker = new Worker(Deno.mainModule, { type: "module" });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        this.#missing(event.message);
      });
      worker.postMessage(this.#order);
      return worker;
    } catch (error) {
      this.#missing(wordsOf(error));
      return undefined;
    }
  }

  #missing(reason: string): void {
    log.warn("A protection is off: {off}", {
      off:
        `Nobody ends the programs if the controller itself hangs, as ${reason}`,
    });
  }
}
