/** Claymore, PhoenixMiner, ethminer and TT-Miner: JSON-RPC over TCP, kH/s in most. */

import { type Reading, readingOf } from "../core/reading.ts";
import {
  at,
  items,
  lacking,
  number,
  numberIn,
  parseJson,
  text,
  times,
} from "./json.ts";
import { ReadError } from "./read_error.ts";
import type { Reader } from "./reader.ts";

/** Asks with `miner_getstat1`. */
export const claymore: Reader = {
  family: "claymore",
  program: "Claymore's API",
  defaultPort: 3333,
  advice:
    "start the miner with -mport PORT (Claymore), -cdm 1 -cdmport PORT (PhoenixMiner) or " +
    "--api-bind 127.0.0.1:-PORT (ethminer, TT-Miner) and set port of [command.telemetry] to the same",
  async read(ask, where) {
    const words = JSON.stringify({
      id: 0,
      jsonrpc: "2.0",
      method: "miner_getstat1",
      ...(where.token === undefined ? {} : { psw: where.token }),
    });
    return parseClaymore(parseJson(await ask.json(where, `${words}\n`)));
  },
};

/** What the answer says; an array of texts. */
export function parseClaymore(json: unknown): Reading {
  const result = at(json, "result");
  if (!Array.isArray(result)) throw refusal(json) ?? lacking("result", json);
  const [name, minutes, first, , second, , sensors, pools] = items(result)
    .map((item) => text(item) ?? "");
  if (first === undefined) throw lacking("rate", json);
  const factor = rateFactor(name ?? "");
  const [rate, accepted, rejected] = numbersIn(first);
  const [otherRate] = numbersIn(second ?? "");
  return readingOf({
    hashrateHs: times(rate, factor),
    accepted,
    rejected,
    uptimeS: times(number(minutes), 60),
    temperatures: numbersIn(sensors ?? "")
      .filter((_, index) => index % 2 === 0)
      .map((celsius, index) => ({ device: `gpu${index}`, celsius })),
    pool: pools?.split(";")[0],
    // Without a second coin it is 0.
    others: otherRate === undefined || otherRate === 0 ? [] : [{
      algorithm: undefined,
      hashrateHs: times(otherRate, factor),
    }],
  });
}

/** The unit is nowhere told, but goes with the program and the coin. */
function rateFactor(name: string): number {
  return /^TT-Miner|- (?:XMR|ZEC)\b/i.test(name) ? 1 : 1e3;
}

function numbersIn(list: string): (number | undefined)[] {
  return list.split(";").map(numberIn);
}

function refusal(json: unknown): ReadError | undefined {
  const error = at(json, "error");
  const message = text(error) ?? text(at(error, "message"));
  if (message === undefined) return undefined;
  return new ReadError(`it refuses (${message.slice(0, 80)})`, {
    advice:
      "set token of [command.telemetry] to the API's password, or start ethminer without " +
      "--api-password",
  });
}
