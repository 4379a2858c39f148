/** miniZ and EWBF: JSON over TCP, Sol/s or H/s. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { at, items, lacking, number, parseJson, text } from "./json.ts";
import { type Reader, secondsSince } from "./reader.ts";

/** Asks with `getstat`; some versions answer with HTTP headers. */
export const miniz: Reader = {
  family: "miniz",
  program: "miniZ",
  defaultPort: 20000,
  advice:
    "start it with --telemetry=127.0.0.1:PORT and set port of [command.telemetry] to the same",
  async read(ask, where) {
    const answer = await ask.json(where, '{"id":"0", "method":"getstat"}\n');
    return parseMiniz(parseJson(answer), ask.wall());
  },
};

/** What a stat says; `wallMs` is now: it tells when it started. */
export function parseMiniz(json: unknown, wallMs: number): Reading {
  if (!Array.isArray(at(json, "result"))) throw lacking("result", json);
  const gpus = items(at(json, "result"));
  const sum = (key: string) => sumOf(gpus.map((gpu) => number(at(gpu, key))));
  const speed = sum("speed_sps");
  return readingOf({
    hashrateHs: speed === undefined || speed === 0
      ? sum("sol_ps") ?? speed
      : speed,
    accepted: sum("accepted_shares"),
    rejected: sum("rejected_shares"),
    uptimeS: secondsSince(number(at(json, "start_time")), wallMs),
    powerW: sum("gpu_power_usage"),
    temperatures: gpus.map((gpu, index) => ({
      device: `gpu${number(at(gpu, "gpuid")) ?? index}`,
      celsius: number(at(gpu, "temperature")),
    })),
    pool: text(at(json, "current_server")),
  });
}
