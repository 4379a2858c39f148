/** T-Rex: HTTP, H/s. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { ReadError } from "./read_error.ts";
import { httpReader } from "./reader.ts";

/** Reads `/summary`. */
export const trex = httpReader({
  family: "trex",
  program: "T-Rex",
  defaultPort: 4067,
  advice:
    "start it with --api-bind-http 127.0.0.1:PORT and set port of [command.telemetry] to the same",
  path: "/summary",
  parse: parseTrex,
});

/** What a summary says. */
export function parseTrex(json: unknown): Reading {
  if (at(json, "success") === 0) {
    throw new ReadError(
      `it refuses (${text(at(json, "error")) ?? "no reason"})`,
      {
        advice: "start it without --api-key",
      },
    );
  }
  const gpus = items(at(json, "gpus"));
  const total = number(at(json, "hashrate"));
  if (total === undefined && !Array.isArray(at(json, "gpus"))) {
    throw lacking("hashrate", json);
  }
  const dual = at(json, "dual_stat");
  return readingOf({
    hashrateHs: total ?? sumOf(gpus.map((gpu) => number(at(gpu, "hashrate")))),
    accepted: number(at(json, "accepted_count")),
    rejected: number(at(json, "rejected_count")),
    uptimeS: number(at(json, "uptime")),
    powerW: sumOf(gpus.map((gpu) => number(at(gpu, "power")))),
    temperatures: gpus.map((gpu, index) => ({
      device: `gpu${number(at(gpu, "gpu_id")) ?? index}`,
      celsius: number(at(gpu, "temperature")),
    })),
    algorithm: text(at(json, "algorithm")),
    pool: text(at(json, "active_pool", "url")),
    others: [{
      algorithm: text(at(dual, "algorithm")),
      hashrateHs: number(at(dual, "hashrate")),
    }],
  });
}
