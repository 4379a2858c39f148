/** What simulated miners and sensors tell while their programs run. */

import type { Found } from "../../lib/core/reading.ts";

/** How a miner is; what is left out is healthy. */
export interface Mood {
  readonly hashrateHs?: number;
  /** One accepted share in so long; `Infinity` for none. */
  readonly shareEveryMs?: number;
  /** It answers without a word of its shares. */
  readonly hidesShares?: boolean;
  /** Its API does not answer. */
  readonly isSilent?: boolean;
  /** Of its first card; a sensor that is lost tells nonsense. */
  readonly celsius?: number;
}

const HEALTHY: Required<Mood> = {
  hashrateHs: 2_000,
  shareEveryMs: 150_000,
  hidesShares: false,
  isSilent: false,
  celsius: 60,
};

/** The second card is always well, as long as anything is told of it. */
const SECOND_CELSIUS = 50;

/** The miners of all commands, and the machine they run in. */
export class SimMiners {
  readonly #moods = new Map<string, Mood>();
  readonly #shares = new Map<string, number>();
  #machineCelsius = 50;

  /** From now on a command's miner is so, whatever run it is. */
  feel(command: string, mood: Mood): void {
    this.#moods.set(command, mood);
  }

  /** From now on the machine's own sensor tells this. */
  warm(celsius: number): void {
    this.#machineCelsius = celsius;
  }

  get machineCelsius(): number {
    return this.#machineCelsius;
  }

  /** A run begins: a miner counts its shares from 0 on. */
  begin(command: string): void {
    this.#shares.set(command, 0);
  }

  /** What a miner answers that was asked last so long ago; undefined if it does not. */
  answer(command: string, sinceMs: number): Found | undefined {
    const mood = { ...HEALTHY, ...this.#moods.get(command) };
    const shares = (this.#shares.get(command) ?? 0) +
      sinceMs / mood.shareEveryMs;
    this.#shares.set(command, shares);
    if (mood.isSilent) return undefined;
    return {
      hashrateHs: mood.hashrateHs,
      accepted: mood.hidesShares ? undefined : Math.floor(shares),
      temperatures: [
        { device: "GPU0", celsius: mood.celsius },
        { device: "GPU1", celsius: SECOND_CELSIUS },
      ],
    };
  }
}
