/** A log file that holds nothing up: written in the background, bounded, for its owner alone. */

export interface LogFileOptions {
  readonly path: string;
  /** A file that would grow beyond this is put aside, and a new one begun. */
  readonly maxBytes: number;
  /** How many files stay, the current one included. */
  readonly keep: number;
  /** Lines were lost; may come often. */
  readonly onFault: (error: unknown) => void;
}

/** So much is worth a write at once; less waits for `FLUSH_MS`. */
const BATCH_CHARS = 8 * 1024;
const FLUSH_MS = 1_000;
/** A disk that stands still makes no memory grow. */
const WAITING_CHARS_MAX = 1024 * 1024;
/** The last lines have so long to reach the disk. */
const CLOSE_MS = 1_000;

const OWNER_ALONE = 0o600;
const OTHERS = 0o007;

/** Lines to one file; a fault costs lines, and nothing else. */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #encoder = new TextEncoder();
  #waiting: string[] = [];
  #waitingChars = 0;
  #file: Deno.FsFile | undefined;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /**
   * Opens the file, so that its faults are known before anything is written.
   * @throws whatever keeps it from being one.
   */
  async open(): Promise<void> {
    const { path } = this.#options;
    const before = await statOf(path);
    // To open a FIFO would wait for its reader.
    if (before !== undefined && !before.isFile) {
      throw new Error(`"${path}" is not a file`);
    }
    this.#file = await Deno.open(path, {
      append: true,
      create: true,
      mode: OWNER_ALONE,
    });
    this.#bytes = before?.size ?? 0;
    const mode = before?.mode ?? 0;
    if (Deno.build.os === "windows" || (mode & OTHERS) === 0) return;
    // It may be another's, who lets us write to it: then its mode is his matter.
    await Deno.chmod(path, mode & 0o777 & ~OTHERS).catch(() => {});
  }

  /** Never waits, never throws. */
  write(line: string): void {
    if (this.#waitingChars + line.length > WAITING_CHARS_MAX) {
      return this.#options.onFault(new Error("the disk is too slow"));
    }
    this.#waiting.push(line);
    this.#waitingChars += line.length + 1;
    if (this.#waitingChars >= BATCH_CHARS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Writes what waits, as far as there is time, and closes the file. */
  async close(): Promise<void> {
    this.#flush();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#writing, limit]);
    clearTimeout(timer);
    this.#letGo();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      // What came in the moment between has no timer.
      if (this.#waitingChars >= BATCH_CHARS) this.#flush();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = `${this.#waiting.join("\n")}\n`;
      this.#waiting = [];
      this.#waitingChars = 0;
      try {
        await this.#append(this.#encoder.encode(text));
      } catch (error) {
        this.#letGo();
        this.#options.onFault(error);
      }
    }
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#file === undefined) await this.open();
    if (this.#bytes + bytes.length > this.#options.maxBytes) {
      await this.#turnOver();
    }
    let rest = bytes;
    while (rest.length > 0) {
      const count = await this.#file?.write(rest) ?? rest.length;
      this.#bytes += count;
      rest = rest.subarray(count);
    }
  }

  /** Where it fails, lines are lost until it can be done: a file stays bounded. */
  async #turnOver(): Promise<void> {
    const { path, keep } = this.#options;
    this.#letGo();
    for (let index = keep - 1; index > 0; index -= 1) {
      const from = index === 1 ? path : `${path}.${index - 1}`;
      await unlessMissing(Deno.rename(from, `${path}.${index}`));
    }
    if (keep === 1) await unlessMissing(Deno.remove(path));
    await this.open();
  }

  #letGo(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function unlessMissing(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
