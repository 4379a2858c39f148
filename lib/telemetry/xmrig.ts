/** XMRig, XmrigCC, XLArig and xmrig-proxy: HTTP, H/s (the proxy: kH/s). */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import {
  at,
  items,
  lacking,
  members,
  number,
  parseJson,
  text,
  times,
} from "./json.ts";
import { ReadError } from "./read_error.ts";
import type { Ask, Reader, Where } from "./reader.ts";

/** Reads `/2/summary`, and what graphics cards tell in `/2/backends`. */
export const xmrig: Reader = {
  family: "xmrig",
  program: "XMRig",
  advice: "start it with --http-port=PORT and set port of " +
    "[command.telemetry] to the same",
  async read(ask, where) {
    const reading = parseXmrig(parseJson(await summary(ask, where)));
    return withCards(reading, await backends(ask, where));
  },
};

async function summary(ask: Ask, where: Where): Promise<string> {
  try {
    return await ask.http(where, "/2/summary");
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    // The proxy and old versions have the older page alone.
    if (error.status === 404) return await ask.http(where, "/1/summary");
    throw denied(error, where) ?? error;
  }
}

function denied(error: ReadError, where: Where): ReadError | undefined {
  const { status, message } = error;
  if (status !== 401 && status !== 403) return undefined;
  const advice = where.token === undefined
    ? "set token of [command.telemetry] to its --http-access-token"
    : status === 401
    ? "leave token of [command.telemetry] out, or start it with --http-access-token"
    : "token of [command.telemetry] is not its --http-access-token: correct it";
  return new ReadError(message, { advice, status });
}

/** Nobody needs the cards so much that a reading should fail for them. */
async function backends(ask: Ask, where: Where): Promise<unknown> {
  try {
    return parseJson(await ask.http(where, "/2/backends"));
  } catch (error) {
    if (error instanceof ReadError) return undefined;
    throw error;
  }
}

/** What a summary says; the 10 s rate, else the shortest that is known. */
export function parseXmrig(json: unknown): Reading {
  const rates = at(json, "hashrate", "total");
  if (!Array.isArray(rates)) throw lacking("hashrate.total", json);
  const isProxy = at(json, "kind") === "proxy";
  const rate = items(rates).map(number).find((value) => value !== undefined);
  const total = number(at(json, "results", "shares_total"));
  const good = number(at(json, "results", "shares_good")) ??
    number(at(json, "results", "accepted"));
  return readingOf({
    hashrateHs: times(rate, isProxy ? 1e3 : 1),
    accepted: good,
    rejected: number(at(json, "connection", "rejected")) ??
      number(at(json, "results", "rejected")) ??
      (total === undefined || good === undefined ? undefined : total - good),
    uptimeS: number(at(json, "uptime")),
    algorithm: text(at(json, "algo")),
    pool: text(at(json, "connection", "pool")),
    ...hardware(json),
  });
}

/** WildRig tells of the cards in the summary itself. */
function hardware(json: unknown) {
  const buses = items(at(json, "hwmon", "busID"));
  return {
    powerW: sumOf(items(at(json, "hwmon", "power")).map(number)),
    temperatures: items(at(json, "hwmon", "temp")).map((celsius, index) => ({
      device: `gpu${buses[index] ?? index}`,
      celsius: number(celsius),
    })),
  };
}

/** Adds what `/2/backends` tells; a card with several threads is there several times. */
export function withCards(reading: Reading, json: unknown): Reading {
  const cards = new Map<string, unknown>();
  for (const backend of items(json)) {
    for (const thread of items(at(backend, "threads"))) {
      const health = at(thread, "health");
      if (members(health).length === 0) continue;
      const bus = text(at(thread, "bus_id")) ?? `${at(thread, "index")}`;
      cards.set(`${text(at(backend, "type")) ?? "gpu"} ${bus}`, health);
    }
  }
  if (cards.size === 0) return reading;
  return readingOf({
    ...reading,
    powerW: sumOf([...cards.values()].map((card) => number(at(card, "power")))),
    temperatures: [...cards].map(([device, card]) => ({
      device,
      celsius: number(at(card, "temperature")),
    })),
  });
}
