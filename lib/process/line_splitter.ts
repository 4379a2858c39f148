/** Cuts a program's output into lines that are safe to keep, log and publish. */

import type { Allowance } from "./allowance.ts";

/** Longer lines are cut: the rest is dropped up to the next line end. */
export const LINE_CHARS_MAX = 4096;

/** So many of the newest lines of a chunk pass in any case: they may be the last ones. */
const NEWEST_LINES = 5;

const LINE_FEED = 10;
const RETURN = 13;

export interface LineSplitterOptions {
  /** Gets each line, and how many were left out right before it. */
  readonly onLine: (line: string, leftOut: number) => void;
  /** How many lines may pass. */
  readonly allowance: Allowance;
}

/**
 * Splits at `\n`, `\r\n` and lone `\r` (progress bars), over the borders of
 * chunks too. Holds one unfinished line at most, so that a program which never
 * ends its line costs neither memory nor time. Of more lines than are allowed
 * it passes the newest; the others are counted in bytes, never made text.
 */
export class LineSplitter {
  readonly #options: LineSplitterOptions;
  readonly #decoder = new TextDecoder();
  /** The unfinished line, at most `LINE_CHARS_MAX` long. */
  #rest = "";
  #skipping = false;
  /** A `\r` ended the last line: a `\n` right after it belongs to it. */
  #afterReturn = false;
  #dropped = 0;
  /** Lines since the last one that passed. */
  #leftOut = 0;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  /** How many bytes of too long lines were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes the next piece of output. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const isSecondHalf = this.#afterReturn && chunk[0] === LINE_FEED;
    this.#afterReturn = false;
    const newest = this.#newest(isSecondHalf ? chunk.subarray(1) : chunk);
    const bytes = this.#skipping ? this.#skip(newest) : newest;
    if (bytes.length > 0) {
      this.#split(this.#decoder.decode(bytes, { stream: true }));
    }
  }

  /** The output is over: what is left of a line is a line. */
  flush(): void {
    this.#split(this.#decoder.decode());
    if (this.#rest !== "" || this.#skipping) this.#endLine("");
  }

  /** The chunk without the lines that are too many. */
  #newest(chunk: Uint8Array): Uint8Array {
    const left = Math.floor(this.#options.allowance.left());
    const room = Math.max(left, NEWEST_LINES);
    if (chunk.length <= room) return chunk;
    const { ends } = walk(chunk, Infinity);
    if (ends <= room) return chunk;
    this.#leftOut += ends - room;
    this.#rest = "";
    this.#skipping = false;
    this.#decoder.decode();
    return chunk.subarray(walk(chunk, ends - room).at);
  }

  /** What follows the next line end; it is looked for in bytes, ten times faster than in text. */
  #skip(chunk: Uint8Array): Uint8Array {
    const end = lineEnd(chunk);
    this.#dropped += end;
    return chunk.subarray(end);
  }

  #split(text: string): void {
    let from = 0;
    let feed = text.indexOf("\n");
    let back = text.indexOf("\r");
    while (feed >= 0 || back >= 0) {
      const byReturn = back >= 0 && (feed < 0 || back < feed);
      const end = byReturn ? back : feed;
      this.#endLine(text.slice(from, end));
      from = end + 1;
      if (byReturn && from === text.length) this.#afterReturn = true;
      if (byReturn && feed === from) from += 1;
      if (feed >= 0 && feed < from) feed = text.indexOf("\n", from);
      if (back >= 0 && back < from) back = text.indexOf("\r", from);
    }
    this.#hold(text.slice(from));
  }

  #hold(part: string): void {
    if (part === "") return;
    const room = LINE_CHARS_MAX - this.#rest.length;
    this.#rest += part.slice(0, room);
    if (part.length <= room) return;
    this.#drop(part.slice(room));
    this.#drop(this.#decoder.decode());
    this.#skipping = true;
  }

  #endLine(part: string): void {
    const line = this.#rest === "" ? part : this.#rest + part;
    this.#rest = "";
    this.#skipping = false;
    if (line.length > LINE_CHARS_MAX) this.#drop(line.slice(LINE_CHARS_MAX));
    const { onLine, allowance } = this.#options;
    allowance.take(1);
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    onLine(cleanLine(line.slice(0, LINE_CHARS_MAX)), leftOut);
  }

  #drop(text: string): void {
    if (text !== "") this.#dropped += new TextEncoder().encode(text).length;
  }
}

/** Goes over so many line ends at most: how many there were, and where the last one ends. */
function walk(
  chunk: Uint8Array,
  endsMax: number,
): { readonly ends: number; readonly at: number } {
  let ends = 0;
  let at = 0;
  for (let index = 0; index < chunk.length && ends < endsMax; index += 1) {
    const byte = chunk[index];
    if (byte !== LINE_FEED && byte !== RETURN) continue;
    if (byte === RETURN && chunk[index + 1] === LINE_FEED) index += 1;
    ends += 1;
    at = index + 1;
  }
  return { ends, at };
}

function lineEnd(chunk: Uint8Array): number {
  const feed = chunk.indexOf(LINE_FEED);
  const back = (feed < 0 ? chunk : chunk.subarray(0, feed)).indexOf(RETURN);
  if (back >= 0) return back;
  return feed >= 0 ? feed : chunk.length;
}

// Colours, cursor moves, window titles and the rest of what terminals obey: CSI, OSC and other
// strings up to their end, two-character escapes, and a sequence that the cut left unfinished.
const ESCAPES =
  // deno-lint-ignore no-control-regex
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*(?:[@-~]|$)|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)?|\x1b[ -/]*(?:[0-~]|$)/g;
// Bidirectional overrides and line separators could make a log line read as another one.
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const ALL_CONTROLS = new RegExp(CONTROLS, "g");

/** Takes out colours and control characters; a tab becomes a space. */
export function cleanLine(line: string): string {
  // A pair of code units that the cut parted would be no text.
  if (!line.isWellFormed()) line = line.replace(/[\ud800-\udbff]$/, "");
  if (!CONTROLS.test(line)) return line;
  return line.replaceAll(ESCAPES, "").replaceAll("\t", " ")
    .replaceAll(ALL_CONTROLS, "");
}
