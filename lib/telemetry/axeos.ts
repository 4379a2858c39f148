/** Bitaxe and other devices with AxeOS (ESP-Miner): HTTP, GH/s. */

import { type Reading, readingOf } from "../core/reading.ts";
import { at, lacking, number, text, times } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/api/system/info`. */
export const axeos = httpReader({
  family: "axeos",
  program: "AxeOS",
  defaultPort: 80,
  advice:
    "set host of [command.telemetry] to the device's address in the same network",
  path: "/api/system/info",
  parse: parseAxeos,
});

/** What the device says; its minute's mean, as the momentary rate jumps. */
export function parseAxeos(json: unknown): Reading {
  const momentary = number(at(json, "hashRate"));
  if (momentary === undefined) throw lacking("hashRate", json);
  const minute = number(at(json, "hashRate_1m"));
  const isSettled = minute !== undefined && minute > 0 &&
    at(json, "miningPaused") !== true;
  const host = text(at(json, "stratumURL"));
  const port = number(at(json, "stratumPort"));
  return readingOf({
    hashrateHs: times(isSettled ? minute : momentary, 1e9),
    accepted: number(at(json, "sharesAccepted")),
    rejected: number(at(json, "sharesRejected")),
    uptimeS: number(at(json, "uptimeSeconds")),
    powerW: number(at(json, "power")),
    temperatures: [
      { device: "chip", celsius: number(at(json, "temp")) },
      { device: "chip 2", celsius: number(at(json, "temp2")) },
      { device: "regulator", celsius: number(at(json, "vrTemp")) },
    ],
    pool: host === undefined || port === undefined ? host : `${host}:${port}`,
  });
}
