import { assert } from "@std/assert";
import { cleanLine, LINE_CHARS_MAX } from "../../lib/process/line_splitter.ts";
import { parseLine } from "../../lib/telemetry/line_patterns.ts";

/** What the rules look for. */
const WHOLE = [
  ...["speed 1s/60s/15m ", "hashrate: 10s: ", "accepted (", "accepted: 1/1 "],
  ...["[ OK ] 1/1 - ", "Hash rate ", "A1 S1 R1 B", "| 1 H/s ", "| "],
  ...[
    "(5s):1 ",
    "A1:R1",
    "Speed 1 h/s ",
    "Accepted shares 1 ",
    "Total: 1 H/s ",
  ],
  ...["Total: ", "Average speed (", "Share #1 ", "GPUs power: ", "GPU #1"],
];
/** The same, and what each begins with. */
const BEGINNINGS = [
  ...new Set(
    WHOLE.flatMap((text) =>
      [...text.matchAll(/[^ ]+ ?/g)].map(({ index, 0: word }) =>
        text.slice(0, index + word.length)
      )
    ),
  ),
];
/** What a rule may go over again and again. */
const PARTS = [
  ...[
    "1",
    "1.",
    "s1",
    ",",
    " ",
    "1 ",
    "a",
    "a ",
    "/",
    "1/",
    "(",
    ")",
    "|",
    "| ",
  ],
  ...["+1", ", 1", ",1.", " | ", ": ", "[A1", "(avg):1", "GPU 1 ", "GPU1:1"],
  ...["\x1b[", "\x9b0", "\x1b]a", "\x1b ", "\x90"],
];

/** The shortest of some tries: what else the machine does takes no part in it. */
function tookMs(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

Deno.test("parseLine() and cleanLine() take no time for any line, however it leads them astray", () => {
  let worst = { ms: 0, text: "" };
  for (const beginning of BEGINNINGS) {
    for (const part of [...PARTS, ...BEGINNINGS]) {
      const text = `${beginning}${part.repeat(LINE_CHARS_MAX)}`
        .slice(0, LINE_CHARS_MAX);
      const ms = tookMs(() => void parseLine(cleanLine(text)));
      if (ms > worst.ms) worst = { ms, text: beginning + part };
    }
  }
  assert(worst.ms < 20, `${worst.text} took ${worst.ms} ms`);
});
