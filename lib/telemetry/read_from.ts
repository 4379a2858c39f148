/** One reading, with faults that say all an owner needs. */

import type { Reading } from "../core/reading.ts";
import { type AskOptions, TcpAsk } from "./ask.ts";
import { ReadError } from "./read_error.ts";
import type { Reader, Where } from "./reader.ts";

/**
 * Reads a miner once.
 * @throws {ReadError} that names program, host and port, what came and what to do.
 */
export async function readFrom(
  reader: Reader,
  where: Where,
  options: AskOptions,
): Promise<Reading> {
  try {
    return await reader.read(new TcpAsk(options), where);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw told(error, reader, where);
  }
}

function told(error: ReadError, reader: Reader, where: Where): ReadError {
  const { host, port, token } = where;
  const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const advice = error.advice || reader.advice;
  let message =
    `Cannot read ${reader.program} at ${place} as ${error.message}: ${advice}`;
  // A server that repeats what it was asked would give the password away.
  if (token !== undefined && token !== "") {
    message = message.replaceAll(token, "***");
  }
  return new ReadError(message, { advice, ...statusOf(error) });
}

function statusOf({ status }: ReadError): { status?: number } {
  return status === undefined ? {} : { status };
}
