/** Standard output that can never hold up the program: a stopped terminal, a full pipe, a gone reader. */

/** So many lines wait for a reader; what comes beyond is counted and left out. */
const LINES_MAX = 1_000;

/** Lines for whoever reads, as long as somebody does. */
export interface Stdout {
  /** Never blocks, never throws. */
  readonly write: (line: string) => void;
  /** Waits until all lines are out, at most `limitMs`. */
  readonly flush: (limitMs: number) => Promise<void>;
}

/** Writes lines to a stream, in order, in the background. */
export function openStdout(
  writer: { write(bytes: Uint8Array): Promise<number> } = Deno.stdout,
): Stdout {
  const encoder = new TextEncoder();
  let lines: string[] = [];
  let leftOut = 0;
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (lines.length > 0) {
      const text = lines.join("\n") + "\n" +
        (leftOut > 0
          ? `(${leftOut === 1 ? "1 line" : `${leftOut} lines`} left out)\n`
          : "");
      lines = [];
      leftOut = 0;
      let bytes = encoder.encode(text);
      while (bytes.length > 0) {
        bytes = bytes.subarray(await writer.write(bytes));
      }
    }
    writing = undefined;
  }

  // A reader that is gone is no reason to stop heating, or to stop logging to files.
  function giveUp(): void {
    lines = [];
    writing = undefined;
  }

  return {
    write(line) {
      if (lines.length >= LINES_MAX) {
        leftOut += 1;
        return;
      }
      lines.push(line);
      writing ??= writeAll().catch(giveUp);
    },
    async flush(limitMs) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([writing, limit]);
      clearTimeout(timer);
    },
  };
}
