/** Rigel: HTTP, H/s, all by the name of the algorithm. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/stat`. */
export const rigel = httpReader({
  family: "rigel",
  program: "Rigel",
  advice:
    "start it with --api-bind 127.0.0.1:PORT and set port of [command.telemetry] to the same",
  path: "/stat",
  parse: parseRigel,
});

/** What a stat says. */
export function parseRigel(json: unknown): Reading {
  const names = text(at(json, "algorithm"))?.split("+");
  if (names === undefined) throw lacking("algorithm", json);
  const [first = "", ...rest] = names;
  const devices = items(at(json, "devices"));
  const pool = at(json, "pools", first, 0, "connection_details");
  const host = text(at(pool, "hostname"));
  const port = number(at(pool, "port"));
  return readingOf({
    hashrateHs: number(at(json, "hashrate", first)),
    accepted: number(at(json, "solution_stat", first, "accepted")),
    rejected: number(at(json, "solution_stat", first, "rejected")),
    uptimeS: number(at(json, "uptime")),
    powerW: number(at(json, "power_usage")) ??
      sumOf(
        devices.map((device) =>
          number(at(device, "monitoring_info", "power_usage"))
        ),
      ),
    temperatures: devices.map((device, index) => ({
      device: `gpu${number(at(device, "id")) ?? index}`,
      celsius: number(at(device, "monitoring_info", "core_temperature")),
    })),
    algorithm: first,
    pool: host === undefined || port === undefined ? host : `${host}:${port}`,
    others: rest.map((algorithm) => ({
      algorithm,
      hashrateHs: number(at(json, "hashrate", algorithm)),
    })),
  });
}
