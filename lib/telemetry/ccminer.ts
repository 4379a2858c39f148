/** ccminer, cpuminer-opt, cpuminer-multi and relatives: text records over TCP. */

import { type Reading, readingOf, sumOf } from "../core/reading.ts";
import { numberIn, times } from "./json.ts";
import { excerpt, ReadError } from "./read_error.ts";
import type { Ask, Reader, Where } from "./reader.ts";

type Fields = ReadonlyMap<string, string>;

/** Asks with `summary`; ccminer tells of cards and pool in two more answers. */
export const ccminer: Reader = {
  family: "ccminer",
  program: "ccminer's API",
  defaultPort: 4068,
  advice:
    "start the miner with -b 127.0.0.1:PORT and set port of [command.telemetry] to the same",
  async read(ask, where) {
    // No line end: CryptoDredge takes none, and the others need none.
    const summary = await ask.records(where, "summary", 1);
    const cards = numberIn(recordsIn(summary)[0]?.get("GPUS") ?? "");
    if (cards === undefined || cards === 0) return parseCcminer(summary);
    const threads = await more(ask, where, {
      words: "threads",
      records: cards,
    });
    const pool = await more(ask, where, { words: "pool", records: 1 });
    return parseCcminer(summary, threads, pool);
  },
};

/** Nobody needs the cards so much that a reading should fail for them. */
async function more(
  ask: Ask,
  where: Where,
  { words, records }: { readonly words: string; readonly records: number },
): Promise<string> {
  try {
    return await ask.records(where, words, records);
  } catch (error) {
    if (error instanceof ReadError) return "";
    throw error;
  }
}

/** What a summary says, with ccminer's own `threads` and `pool`. */
export function parseCcminer(
  summary: string,
  threads = "",
  pool = "",
): Reading {
  const [told] = recordsIn(summary);
  if (told === undefined || !(told.has("KHS") || told.has("HS"))) {
    const what = summary.trim() === ""
      ? "an empty answer came"
      : `no record with HS or KHS came, but ${excerpt(summary)}`;
    throw new ReadError(what);
  }
  const cards = recordsIn(threads).filter((card) => card.has("GPU"));
  const [connection] = recordsIn(pool);
  return readingOf({
    hashrateHs: value(told, "HS") ?? times(value(told, "KHS"), 1e3),
    accepted: value(told, "ACC"),
    rejected: value(told, "REJ"),
    stale: value(connection, "STALE"),
    uptimeS: value(told, "UPTIME"),
    // In mW.
    powerW: sumOf(cards.map((card) => times(value(card, "POWER"), 1e-3))),
    temperatures: [
      { device: "cpu", celsius: value(told, "TEMP") },
      ...cards.map((card) => ({
        device: `gpu${card.get("GPU")}`,
        celsius: value(card, "TEMP"),
      })),
    ],
    algorithm: told.get("ALGO"),
    pool: told.get("URL") ?? connection?.get("URL"),
  });
}

const RECORDS_MAX = 64;

function recordsIn(answer: string): Fields[] {
  return answer.split("|").slice(0, RECORDS_MAX)
    .map((record) => record.trim())
    .filter((record) => record.includes("="))
    .map((record) =>
      new Map(
        record.split(";").map((pair) => {
          const at = pair.indexOf("=");
          return [pair.slice(0, Math.max(at, 0)), pair.slice(at + 1)];
        }),
      )
    );
}

function value(record: Fields | undefined, key: string): number | undefined {
  return numberIn(record?.get(key) ?? "");
}
