/** Facts that miners and sensors told. All times are monotonic milliseconds. */

import type { Reading } from "./reading.ts";

/** What is known of one temperature sensor. */
export interface SensorFacts {
  readonly device: string;
  readonly celsius: number;
  readonly at: number;
  /** So many readings in a row were above the limit. */
  readonly hotReadings: number;
  /** It was too hot, and has not cooled down since. */
  readonly isHot: boolean;
}

/** The counters of a miner, as it told each of them last. */
export interface Counters {
  readonly accepted: number | undefined;
  readonly rejected: number | undefined;
  readonly stale: number | undefined;
}

/** Facts only; all of them but the counts and `ratedW` are of the present run. */
export interface TelemetryFacts {
  /** Does anything read this program at all? */
  readonly isRead: boolean;
  /** A reading that is older than this is unknown, in milliseconds. */
  readonly staleAfterMs: number;
  /** When the run began that the facts belong to; undefined before the first. */
  readonly runAt: number | undefined;
  readonly reading: Reading | undefined;
  readonly readAt: number | undefined;
  /** Why the latest try to read failed, if it did. */
  readonly fault: string | undefined;
  /** Since when each reading has told less than the wanted hashrate. */
  readonly lowSince: number | undefined;
  /** When the count of accepted shares grew last. */
  readonly shareAt: number | undefined;
  /** When hashes or watts were told last: the proof of heat. */
  readonly heatAt: number | undefined;
  /** Shares over the controller's life, whatever runs they came from. */
  readonly accepted: number;
  readonly rejected: number;
  readonly stale: number;
  /** What the counters of the present run showed last. */
  readonly counters: Counters;
  readonly sensors: readonly SensorFacts[];
  /** What it takes at work, in watts, averaged over this run and those before. */
  readonly ratedW: number | undefined;
  /** Hashes that are told while nothing of ours runs, since when, and when last. */
  readonly busy:
    | {
      readonly hashrateHs: number;
      readonly since: number;
      readonly at: number;
    }
    | undefined;
}

/** What all parts that are measured take together. */
export interface MachinePower {
  readonly watts: number;
  readonly at: number;
  /** Since when it is as if something heated, although nothing of ours runs. */
  readonly busySince?: number | undefined;
}

/** What the machine's own sensors tell. */
export interface MachineFacts {
  readonly sensors: readonly SensorFacts[];
  /** Undefined if nothing is measured. */
  readonly power: MachinePower | undefined;
}
