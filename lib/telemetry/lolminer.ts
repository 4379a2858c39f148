/** lolMiner: HTTP; each algorithm has a unit of its own. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, text, times, unitFactor } from "./json.ts";
import { httpReader } from "./reader.ts";

/** Reads `/summary`. */
export const lolminer = httpReader({
  family: "lolminer",
  program: "lolMiner",
  advice:
    "start it with --apiport PORT --apihost 127.0.0.1 and set port of [command.telemetry] to the same",
  path: "/summary",
  parse: parseLolminer,
});

/** What a summary says. */
export function parseLolminer(json: unknown): Reading {
  if (at(json, "Session", "Performance_Summary") !== undefined) {
    return parseOld(json);
  }
  const algorithms = items(at(json, "Algorithms"));
  // Just after the start there are no algorithms.
  if (algorithms.length === 0 && text(at(json, "Software")) === undefined) {
    throw lacking("Algorithms", json);
  }
  const workers = items(at(json, "Workers"));
  const [first, ...rest] = algorithms;
  return readingOf({
    hashrateHs: rateOf(first),
    accepted: number(at(first, "Total_Accepted")),
    rejected: number(at(first, "Total_Rejected")),
    stale: number(at(first, "Total_Stales")),
    uptimeS: number(at(json, "Session", "Uptime")),
    powerW: sumOf(workers.map((worker) => number(at(worker, "Power")))),
    temperatures: workers.map((worker, index) => ({
      device: `gpu${number(at(worker, "Index")) ?? index}`,
      celsius: heatOf(worker),
    })),
    algorithm: text(at(first, "Algorithm")),
    pool: text(at(first, "Pool")),
    others: rest.map((other) => ({
      algorithm: text(at(other, "Algorithm")),
      hashrateHs: rateOf(other),
    })),
  });
}

function rateOf(algorithm: unknown): number | undefined {
  const factor = number(at(algorithm, "Performance_Factor")) ??
    unitFactor(text(at(algorithm, "Performance_Unit")) ?? "");
  return times(number(at(algorithm, "Total_Performance")), factor);
}

/** Its name changed from version to version. */
function heatOf(card: unknown): number | undefined {
  return number(at(card, "Core_Temp")) ?? number(at(card, "Temp (deg C)")) ??
    number(at(card, "Temps (deg C)"));
}

/** Version 1.0. */
function parseOld(json: unknown): Reading {
  const session = at(json, "Session");
  const gpus = items(at(json, "GPUs"));
  const submitted = number(at(session, "Submitted"));
  const accepted = number(at(session, "Accepted"));
  return readingOf({
    hashrateHs: times(
      number(at(session, "Performance_Summary")),
      unitFactor(text(at(session, "Performance_Unit")) ?? ""),
    ),
    accepted,
    rejected: submitted === undefined || accepted === undefined
      ? undefined
      : submitted - accepted,
    uptimeS: number(at(session, "Uptime")),
    powerW: number(at(session, "TotalPower")) ??
      sumOf(gpus.map((gpu) => number(at(gpu, "Consumption (W)")))),
    temperatures: gpus.map((gpu, index) => ({
      device: `gpu${number(at(gpu, "Index")) ?? index}`,
      celsius: heatOf(gpu),
    })),
    pool: text(at(json, "Stratum", "Current_Pool")),
  });
}
