/** OneZeroMiner: HTTP, H/s. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/`. */
export const onezerominer = httpReader({
  family: "onezerominer",
  program: "OneZeroMiner",
  defaultPort: 3001,
  advice:
    "start it without --api-disable, and set port of [command.telemetry] to its --api-port",
  path: "/",
  parse: parseOnezerominer,
});

/** What the page says. */
export function parseOnezerominer(json: unknown): Reading {
  if (!Array.isArray(at(json, "algos"))) throw lacking("algos", json);
  const [first, ...rest] = items(at(json, "algos"));
  const devices = items(at(json, "devices"));
  return readingOf({
    hashrateHs: number(at(first, "total_hashrate")),
    accepted: number(at(first, "total_accepted_shares")),
    rejected: number(at(first, "total_rejected_shares")),
    uptimeS: number(at(json, "uptime_seconds")),
    powerW: sumOf(devices.map((device) => number(at(device, "power")))),
    temperatures: devices.map((device, index) => ({
      device: `gpu${number(at(device, "id")) ?? index}`,
      celsius: number(at(device, "temp")),
    })),
    algorithm: text(at(first, "name")),
    pool: text(at(first, "pool")),
    others: rest.map((other) => ({
      algorithm: text(at(other, "name")),
      hashrateHs: number(at(other, "total_hashrate")),
    })),
  });
}
