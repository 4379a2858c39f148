/** NBMiner: HTTP, H/s in the keys that end with `_raw`. */

import { type Reading, readingOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { httpReader, secondsSince } from "./reader.ts";

/** Reads `/api/v1/status`. */
export const nbminer = httpReader({
  family: "nbminer",
  program: "NBMiner",
  advice:
    "start it with --api 127.0.0.1:PORT and set port of [command.telemetry] to the same",
  path: "/api/v1/status",
  parse: parseNbminer,
});

/** What a status says; `wallMs` is now: it tells when it started. */
export function parseNbminer(json: unknown, wallMs: number): Reading {
  const miner = at(json, "miner");
  const stratum = at(json, "stratum");
  const rate = number(at(miner, "total_hashrate_raw"));
  if (rate === undefined) throw lacking("miner.total_hashrate_raw", json);
  const devices = items(at(miner, "devices"));
  return readingOf({
    hashrateHs: rate,
    accepted: number(at(stratum, "accepted_shares")),
    rejected: number(at(stratum, "rejected_shares")),
    uptimeS: secondsSince(number(at(json, "start_time")), wallMs),
    powerW: number(at(miner, "total_power_consume")),
    temperatures: devices.map((device, index) => ({
      device: `gpu${number(at(device, "id")) ?? index}`,
      celsius: number(at(device, "temperature")),
    })),
    algorithm: text(at(stratum, "algorithm")),
    pool: text(at(stratum, "url")),
    others: at(stratum, "dual_mine") === true
      ? [{
        algorithm: undefined,
        hashrateHs: number(at(miner, "total_hashrate2_raw")),
      }]
      : [],
  });
}
