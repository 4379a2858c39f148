/** The tables that tell how a miner is read, and when it is wrong. */

import { FAMILIES } from "../telemetry/families.ts";
import * as v from "valibot";
import { key, list } from "./entries.ts";
import {
  choice,
  duration,
  pattern,
  quantity,
  secret,
  text,
  whole,
} from "./values.ts";

/** What `api` may say: a family of APIs, the miner's own output, or a way out. */
export const APIS = ["auto", "none", "stdout", ...FAMILIES] as const;

const limit = { positive: true, never: true };

/** The tables of each command, and `[safety]`. */
export const MINER_TABLES = {
  /** How the program is read. */
  telemetry: {
    api: key(choice(APIS), "auto"),
    host: key(
      text({ wanted: "a host name or address", filled: true }),
      "127.0.0.1",
    ),
    port: key(whole(0, 65_535), 0),
    token: key(secret, ""),
    interval: key(duration({ atLeast: "2s", atMost: "5m" }), "10s"),
    patterns: v.optional(
      list(
        pattern,
        `an array of texts, as in ['(?<hashrate>[\\d.]+) (?<unit>[kM]?H/s)']`,
      ),
      () => [],
    ),
  },
  /** When a program that runs does not work. */
  watchdog: {
    min_hashrate_khs: key(quantity(0, 1e12), 0),
    low_for: key(duration(limit), "10m"),
    no_share_for: key(duration(limit), "never"),
    silent_for: key(duration(limit), "never"),
    warm_up: key(duration({}), "3m"),
    restarts_a_day: key(whole(1, 1000), 10),
  },
  /** When something is too hot. */
  safety: {
    max_temperature_c: key(quantity(0, 150), 90),
    resume_below_c: key(quantity(0, 150), 80),
  },
};
