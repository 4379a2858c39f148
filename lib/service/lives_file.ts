/** LivesFile: how the controllers before this one ended, kept on disk. */

import {
  beginLife,
  endLife,
  type Lives,
  type Moment,
  NO_LIVES,
  type StartHold,
} from "../core/crash_loop.ts";
import { wordsOf } from "../core/words.ts";
import type { Contents } from "./atomic_file.ts";
import type { WarnLog } from "./run_record.ts";

export interface LivesFileOptions {
  readonly file: {
    read(): Promise<Contents>;
    write(text: string): Promise<void>;
  };
  readonly log: WarnLog;
}

const VERSION = 1;
const ENDS_MAX = 100;
const TEXT_MAX = 100;

/** Nothing here rejects: what the disk does not take is told. */
export class LivesFile {
  readonly #options: LivesFileOptions;
  #lives = NO_LIVES;

  constructor(options: LivesFileOptions) {
    this.#options = options;
  }

  /** This controller begins; returns for how long heat is held, if it is. */
  async begin(now: Moment): Promise<StartHold | undefined> {
    const { lives, hold } = beginLife(await this.#read(), now);
    this.#lives = lives;
    await this.#write();
    return hold;
  }

  /** This controller ends in order. */
  async end(): Promise<void> {
    this.#lives = endLife(this.#lives);
    await this.#write();
  }

  /** Undefined if the file is there and cannot be used. */
  async #read(): Promise<Lives | undefined> {
    const contents = await this.#options.file.read();
    if (contents.kind === "missing") return NO_LIVES;
    const lives = contents.kind === "text" ? parse(contents.text) : undefined;
    if (lives !== undefined) return lives;
    this.#options.log.warn("Cannot use the record of starts and ends", {
      reason: contents.kind === "damaged"
        ? contents.reason
        : "it is not of this version",
    });
    return undefined;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify({ v: VERSION, ...this.#lives });
    try {
      await this.#options.file.write(`${text}\n`);
    } catch (error) {
      this.#options.log.warn(
        "Cannot write the record of starts and ends, so that a controller that keeps crashing is not " +
          "noticed: see that the disk is not full and the folder can be written",
        { error: wordsOf(error) },
      );
    }
  }
}

function parse(text: string): Lives | undefined {
  const value = objectOf(jsonOf(text));
  if (value?.["v"] !== VERSION) return undefined;
  const { runs, ends, held } = value;
  if (typeof runs !== "boolean" || !Array.isArray(ends)) return undefined;
  const moments = ends.slice(-ENDS_MAX).map(momentOf);
  if (moments.includes(undefined)) return undefined;
  const known = moments.flatMap((one) => one ?? []);
  if (held === undefined) return { runs, ends: known, held };
  const from = momentOf(objectOf(held)?.["from"]);
  const count = objectOf(held)?.["ends"];
  if (from === undefined) return undefined;
  if (count !== undefined && !Number.isSafeInteger(count)) return undefined;
  return {
    runs,
    ends: known,
    held: { from, ends: count === undefined ? undefined : Number(count) },
  };
}

function momentOf(value: unknown): Moment | undefined {
  const { boot, upMs, wallMs } = objectOf(value) ?? {};
  if (typeof boot !== "string" || boot.length > TEXT_MAX) return undefined;
  if (!isNumber(wallMs)) return undefined;
  if (upMs !== undefined && !isNumber(upMs)) return undefined;
  return { boot, upMs, wallMs };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function objectOf(
  value: unknown,
): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null
    ? value as Readonly<Record<string, unknown>>
    : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
