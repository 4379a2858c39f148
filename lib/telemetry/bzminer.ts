/** BzMiner: HTTP, H/s, one number a device and algorithm. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/status`. */
export const bzminer = httpReader({
  family: "bzminer",
  program: "BzMiner",
  defaultPort: 4014,
  advice:
    "start it with --http_enabled 1 --http_address 127.0.0.1 --http_port PORT and set port of [command.telemetry] to the same",
  path: "/status",
  parse: parseBzminer,
});

/** What a status says. */
export function parseBzminer(json: unknown): Reading {
  if (!Array.isArray(at(json, "devices"))) throw lacking("devices", json);
  const devices = items(at(json, "devices"));
  const [pool, ...rest] = items(at(json, "pools"));
  const sum = (key: string, index: number) =>
    sumOf(devices.map((device) => number(at(device, key, index))));
  return readingOf({
    hashrateHs: sum("hashrate", 0),
    accepted: sum("valid_solutions", 0),
    rejected: sum("rejected_solutions", 0),
    stale: sum("stale_solutions", 0),
    uptimeS: number(at(json, "uptime_s")),
    powerW: sumOf(devices.map((device) => number(at(device, "power")))),
    temperatures: devices.map((device, index) => ({
      device: `gpu${number(at(device, "pci_bus_id")) ?? index}`,
      celsius: number(at(device, "core_temp")),
    })),
    algorithm: text(at(pool, "algorithm")),
    pool: text(at(pool, "current_url")),
    others: rest.map((other, index) => ({
      algorithm: text(at(other, "algorithm")),
      hashrateHs: sum("hashrate", index + 1),
    })),
  });
}
