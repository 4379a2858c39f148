/** Nanominer: HTTP, H/s as text; algorithms and devices are keys. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, members, number, text } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/stats`. */
export const nanominer = httpReader({
  family: "nanominer",
  program: "Nanominer",
  advice:
    "set webPort in its config.ini, or start it with -webPort PORT, and set port of [command.telemetry] to the same",
  path: "/stats",
  parse: parseNanominer,
});

/** What the stats say. */
export function parseNanominer(json: unknown): Reading {
  if (!Array.isArray(at(json, "Algorithms"))) throw lacking("Algorithms", json);
  const [first, ...rest] = items(at(json, "Algorithms")).flatMap(members);
  const devices = items(at(json, "Devices")).flatMap(members);
  const total = at(first, 1, "Total");
  return readingOf({
    hashrateHs: number(at(total, "Hashrate")),
    accepted: number(at(total, "Accepted")),
    rejected: number(at(total, "Denied")),
    uptimeS: number(at(json, "WorkTime")),
    powerW: sumOf(devices.map(([, device]) => number(at(device, "Power")))),
    temperatures: devices.map(([name, device]) => ({
      device: name,
      celsius: number(at(device, "Temperature")),
    })),
    algorithm: first?.[0],
    pool: text(at(first, 1, "CurrentPool")),
    others: rest.map(([algorithm, stats]) => ({
      algorithm,
      hashrateHs: number(at(stats, "Total", "Hashrate")),
    })),
  });
}
