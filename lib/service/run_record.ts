/** RunRecord: which programs we have started, kept on disk for the next start to look for. */

import type { Clock } from "../clock.ts";
import type { RunEntry } from "../core/run_entry.ts";
import type { Contents } from "./atomic_file.ts";

/** Where warnings go. */
export interface WarnLog {
  warn(text: string, properties?: Record<string, unknown>): void;
}

export interface RunRecordOptions {
  readonly file: {
    read(): Promise<Contents>;
    write(text: string): Promise<void>;
  };
  readonly clock: Clock;
  readonly log: WarnLog;
}

const VERSION = 1;
const ENTRIES_MAX = 500;
const TEXT_MAX = 1_000;
/** A write that failed is tried again after so long, or at the next change. */
const RETRY_MS = 60_000;
/** Failures are told once in so long. */
const REMIND_MS = 600_000;

/** Memory first: nothing here waits for the disk, and a disk that fails is told, not suffered. */
export class RunRecord {
  readonly #options: RunRecordOptions;
  readonly #entries = new Map<string, RunEntry>();
  readonly #closed = new AbortController();
  #isChanged = false;
  #writing: Promise<void> | undefined;
  /** Aborted to end the rest after a failure. */
  #rest = new AbortController();
  #toldAt = -Infinity;

  constructor(options: RunRecordOptions) {
    this.#options = options;
  }

  /** Takes over what an earlier controller left on disk; a missing or damaged record is empty. Never rejects. */
  async load(): Promise<void> {
    const contents = await this.#options.file.read();
    if (contents.kind === "missing") return;
    if (contents.kind === "damaged") {
      const { reason } = contents;
      return this.#options.log.warn("Cannot use the record of runs", {
        reason,
      });
    }
    for (const value of parseList(contents.text)) {
      const entry = parseEntry(value);
      if (entry === undefined) {
        this.#options.log.warn("Cannot use an entry of the record of runs", {
          entry: (JSON.stringify(value) ?? "").slice(0, 200),
        });
      } else if (!this.#entries.has(entry.mark)) {
        this.#entries.set(entry.mark, entry);
      }
    }
  }

  /** Remembers a run; one with the same mark is replaced. */
  put(entry: RunEntry): void {
    this.#entries.delete(entry.mark);
    this.#entries.set(entry.mark, entry);
    for (const mark of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) break;
      this.#entries.delete(mark);
    }
    this.#change();
  }

  /** Forgets a run that is proven gone. */
  remove(mark: string): void {
    if (this.#entries.delete(mark)) this.#change();
  }

  /** The runs that are not proven gone, the oldest first. */
  entries(): readonly RunEntry[] {
    return [...this.#entries.values()];
  }

  /** Waits until the disk has all of it, at most `limitMs`; later changes stay in memory. */
  async close(limitMs: number): Promise<void> {
    const over = new AbortController();
    void Promise.resolve(this.#writing).then(() => over.abort());
    await this.#options.clock.sleep(limitMs, over.signal);
    this.#closed.abort();
  }

  #change(): void {
    this.#isChanged = true;
    this.#rest.abort();
    if (!this.#closed.signal.aborted) this.#writing ??= this.#writeAll();
  }

  /** Never rejects. What changes while one text is written goes into the next one, all at once. */
  async #writeAll(): Promise<void> {
    const { file, clock } = this.#options;
    // Changes of the same moment are one write.
    await Promise.resolve();
    while (this.#isChanged && !this.#closed.signal.aborted) {
      this.#isChanged = false;
      try {
        await file.write(this.#text());
      } catch (error) {
        this.#isChanged = true;
        this.#tell(error);
        this.#rest = new AbortController();
        const either = [this.#rest.signal, this.#closed.signal];
        await clock.sleep(RETRY_MS, AbortSignal.any(either));
      }
    }
    this.#writing = undefined;
  }

  #text(): string {
    const lines = this.entries().map((entry) =>
      JSON.stringify({ v: VERSION, ...entry })
    );
    return `[\n${lines.join(",\n")}\n]\n`;
  }

  #tell(error: unknown): void {
    const now = this.#options.clock.now();
    if (now - this.#toldAt < REMIND_MS) return;
    this.#toldAt = now;
    this.#options.log.warn(
      "Cannot write the record of runs; after a crash, what still runs may not be found by it: " +
        "see that the disk is not full and the folder can be written",
      { error },
    );
  }
}

/** The entries, as far as this is a list. */
function parseList(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.slice(0, ENTRIES_MAX) : [list];
  } catch (error) {
    if (error instanceof SyntaxError) return [text];
    throw error;
  }
}

/** One entry, if it is one of this version with all that it needs. */
function parseEntry(value: unknown): RunEntry | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { v, command, mark, pid, startTicks, boot, at } = value as Readonly<
    Record<string, unknown>
  >;
  if (v !== VERSION) return undefined;
  if (!isText(command) || command === "") return undefined;
  if (!isText(mark) || mark === "") return undefined;
  if (!isCount(pid)) return undefined;
  if (!isText(startTicks) && !isCount(startTicks)) return undefined;
  if (!isText(boot)) return undefined;
  if (typeof at !== "number" || !Number.isFinite(at)) return undefined;
  return { command, mark, pid, startTicks, boot, at };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= TEXT_MAX;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
