/** SRBMiner-Multi: HTTP, H/s. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/`. */
export const srbminer = httpReader({
  family: "srbminer",
  program: "SRBMiner",
  defaultPort: 21550,
  advice:
    "start it with --api-enable --api-port PORT and set port of [command.telemetry] to the same",
  path: "/",
  parse: parseSrbminer,
});

/** What the page says. */
export function parseSrbminer(json: unknown): Reading {
  if (at(json, "hashrate_total_now") !== undefined) return parseOld(json);
  if (!Array.isArray(at(json, "algorithms"))) throw lacking("algorithms", json);
  const [first, ...rest] = items(at(json, "algorithms"));
  const gpus = items(at(json, "gpu_devices"));
  return readingOf({
    hashrateHs: rateOf(first),
    accepted: number(at(first, "shares", "accepted")),
    rejected: number(at(first, "shares", "rejected")),
    uptimeS: number(at(json, "mining_time")),
    powerW: sumOf(gpus.map((gpu) => number(at(gpu, "asic_power")))),
    temperatures: [
      ...heatOf("cpu", items(at(json, "cpu_devices"))),
      ...heatOf("gpu", gpus),
    ],
    algorithm: text(at(first, "name")),
    pool: text(at(first, "pool", "pool")),
    others: rest.map((other) => ({
      algorithm: text(at(other, "name")),
      hashrateHs: rateOf(other),
    })),
  });
}

/** Processor and cards together; old versions tell one number instead. */
function rateOf(algorithm: unknown): number | undefined {
  const rates = at(algorithm, "hashrate");
  const total = sumOf([
    number(at(rates, "cpu", "total")),
    number(at(rates, "gpu", "total")),
  ]);
  if (total !== undefined && total > 0) return total;
  return number(at(rates, "now")) ?? number(at(rates, "1min")) ?? total;
}

/** Versions up to 1.7, all in one object. */
function parseOld(json: unknown): Reading {
  return readingOf({
    hashrateHs: number(at(json, "hashrate_total_now")),
    accepted: number(at(json, "shares", "accepted")),
    rejected: number(at(json, "shares", "rejected")),
    uptimeS: number(at(json, "mining_time")),
    temperatures: heatOf("gpu", items(at(json, "devices"))),
    pool: text(at(json, "pool", "pool")),
  });
}

function heatOf(
  kind: string,
  devices: readonly unknown[],
): { readonly device: string; readonly celsius: number | undefined }[] {
  return devices.map((device, index) => ({
    device: text(at(device, "device")) ?? `${kind}${index}`,
    celsius: number(at(device, "temperature")),
  }));
}
