/** GMiner: HTTP, H/s or Sol/s; it tells no total. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/stat`. */
export const gminer = httpReader({
  family: "gminer",
  program: "GMiner",
  advice:
    "start it with --api 127.0.0.1:PORT and set port of [command.telemetry] to the same",
  path: "/stat",
  parse: parseGminer,
});

/** What a stat says. */
export function parseGminer(json: unknown): Reading {
  if (!Array.isArray(at(json, "devices"))) throw lacking("devices", json);
  const devices = items(at(json, "devices"));
  const sum = (key: string) =>
    sumOf(devices.map((device) => number(at(device, key))));
  const second = sum("speed2");
  const [first = "", other] = second === undefined
    ? [text(at(json, "algorithm"))]
    : (text(at(json, "algorithm")) ?? "").split(" + ");
  return readingOf({
    hashrateHs: sum("speed"),
    accepted: number(at(json, "total_accepted_shares")),
    rejected: number(at(json, "total_rejected_shares")),
    stale: number(at(json, "total_stale_shares")),
    uptimeS: number(at(json, "uptime")),
    powerW: sum("power_usage"),
    temperatures: devices.map((device, index) => ({
      device: `gpu${number(at(device, "gpu_id")) ?? index}`,
      celsius: number(at(device, "temperature")),
    })),
    algorithm: first,
    pool: text(at(json, "server")),
    others: [{ algorithm: other, hashrateHs: second }],
  });
}
