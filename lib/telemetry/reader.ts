/** What all readers have in common. */

import type { Reading } from "../core/reading.ts";
import type { Family } from "./families.ts";
import { parseJson } from "./json.ts";

/** Where a miner's API listens. */
export interface Where {
  readonly host: string;
  readonly port: number;
  /** The API's password; never logged. */
  readonly token?: string;
}

/** Asks a miner, within one time limit for all questions of a reading. */
export interface Ask {
  /** The text at an HTTP path. */
  http(where: Where, path: string): Promise<string>;
  /** The JSON that is answered to these words; HTTP headers before it are taken off. */
  json(where: Where, words: string): Promise<string>;
  /** The records that are answered to these words. */
  records(where: Where, words: string, records: number): Promise<string>;
  /** Milliseconds since 1970: some miners tell when they started, not how long ago. */
  wall(): number;
}

/** Reads the miners of one family. */
export interface Reader {
  readonly family: Family;
  /** The family's name in messages. */
  readonly program: string;
  /** Where it listens if nobody says otherwise; `undefined` if it has to be told. */
  readonly defaultPort?: number;
  /** How the program's API is switched on; what to check if nothing else is known. */
  readonly advice: string;
  /** @throws {ReadError} */
  read(ask: Ask, where: Where): Promise<Reading>;
}

interface HttpSpec {
  readonly family: Family;
  readonly program: string;
  readonly defaultPort?: number;
  readonly advice: string;
  readonly path: string;
  readonly parse: (json: unknown, wallMs: number) => Reading;
}

/** A reader that asks for one page of JSON. */
export function httpReader(spec: HttpSpec): Reader {
  const { path, parse, ...rest } = spec;
  return {
    ...rest,
    async read(ask, where) {
      return parse(parseJson(await ask.http(where, path)), ask.wall());
    },
  };
}

/** How long ago a moment was that is told in seconds since 1970; 0 is no moment. */
export function secondsSince(
  startS: number | undefined,
  wallMs: number,
): number | undefined {
  return startS === undefined || startS === 0
    ? undefined
    : wallMs / 1000 - startS;
}
