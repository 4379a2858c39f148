import { assert, assertEquals } from "@std/assert";
import { Allowance } from "../../lib/process/allowance.ts";
import {
  cleanLine,
  LINE_CHARS_MAX,
  LineSplitter,
} from "../../lib/process/line_splitter.ts";
import { FakeClock } from "../fakes/fake_clock.ts";

/** So many lines, and no more: its clock stands still. */
function allowed(burst: number): Allowance {
  return new Allowance({ clock: new FakeClock(), perS: 1, burst });
}

function split(
  ...chunks: readonly (string | Uint8Array)[]
): { lines: string[]; dropped: number } {
  const lines: string[] = [];
  const splitter = new LineSplitter({
    onLine: (line) => lines.push(line),
    allowance: allowed(1_000),
  });
  for (const chunk of chunks) {
    splitter.push(
      typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk,
    );
  }
  splitter.flush();
  return { lines, dropped: splitter.dropped };
}

Deno.test("LineSplitter ends a line at each kind of line end", () => {
  const cases: [string[], string[]][] = [
    [["a\nb\n"], ["a", "b"]],
    [["a\r\nb\r\n"], ["a", "b"]],
    [["10 %\r20 %\r30 %"], ["10 %", "20 %", "30 %"]],
    [["a\n\nb"], ["a", "", "b"]],
    [["a\r", "\nb"], ["a", "b"]],
    [["a\r", "b"], ["a", "b"]],
    [["a\r\n", "\nb"], ["a", "", "b"]],
    [["a", "b", "c\nd"], ["abc", "d"]],
    [["\r\n"], [""]],
    [["", ""], []],
  ];
  for (const [chunks, expected] of cases) {
    assertEquals(split(...chunks).lines, expected, JSON.stringify(chunks));
  }
});

Deno.test("LineSplitter gives the same lines however the bytes are cut", () => {
  const bytes = new TextEncoder().encode("1\r\nä€😀\r2\n\n\r\r\nend");
  const whole = split(bytes).lines;
  for (let size = 1; size < bytes.length; size += 1) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      chunks.push(bytes.subarray(at, at + size));
    }
    assertEquals(split(...chunks).lines, whole, `${size} bytes at a time`);
  }
  assertEquals(whole, ["1", "ä€😀", "2", "", "", "", "end"]);
});

Deno.test("LineSplitter shows bytes that are no text as U+FFFD", () => {
  const { lines } = split(Uint8Array.of(0x61, 0xff, 0x62, 0x0a, 0xc3));
  assertEquals(lines, ["a\ufffdb", "\ufffd"]);
});

Deno.test("LineSplitter cuts a long line and counts what it drops until the next one", () => {
  const long = "x".repeat(LINE_CHARS_MAX);
  for (
    const chunks of [
      [`${long}yyy\nshort\n`],
      [long, "yyy\nshort"],
      [`${long}y`, "y", "y", "\r", "\nshort\n"],
    ]
  ) {
    const { lines, dropped } = split(...chunks);
    assertEquals(lines, [long, "short"]);
    assertEquals(dropped, 3);
  }
});

Deno.test("LineSplitter keeps a long line that never ended when it is flushed", () => {
  const { lines, dropped } = split("x".repeat(LINE_CHARS_MAX + 5), "z");
  assertEquals(lines, ["x".repeat(LINE_CHARS_MAX)]);
  assertEquals(dropped, 6);
});

Deno.test("LineSplitter never parts a character when it cuts", () => {
  const { lines } = split("x".repeat(LINE_CHARS_MAX - 1) + "😀😀\nnext");
  assertEquals(lines, ["x".repeat(LINE_CHARS_MAX - 1), "next"]);
});

Deno.test("LineSplitter drops half a character at the cut and reads on rightly", () => {
  const euro = new TextEncoder().encode("€");
  const { lines } = split(
    "x".repeat(LINE_CHARS_MAX + 1),
    euro.subarray(0, 1),
    euro.subarray(1),
    "\nä",
  );
  assertEquals(lines.at(-1), "ä");
});

Deno.test("LineSplitter takes 200 MB without a line end in no time and no memory", () => {
  const chunk = new Uint8Array(65_536).fill(0x61);
  let lines = 0;
  const splitter = new LineSplitter({
    onLine: () => lines += 1,
    allowance: allowed(1),
  });
  const before = performance.now();
  for (let count = 0; count < 3200; count += 1) splitter.push(chunk);
  splitter.flush();
  const tookMs = performance.now() - before;
  assertEquals(lines, 1);
  assertEquals(splitter.dropped, 3200 * 65_536 - LINE_CHARS_MAX);
  assert(tookMs < 5000, `took ${tookMs} ms`);
});

Deno.test("LineSplitter passes what is allowed, then the newest five of each chunk, and counts the others", () => {
  const cases: [string, string[], (string | number)[]][] = [
    ["all are allowed", ["a\nb\nc\n", "d"], ["a", "b", "c", "d"]],
    ["the newest of one chunk", ["1\n2\n3\n4\n5\n6\n7\n8\n"], [
      2,
      ..."345678",
    ]],
    ["five even of a flood", ["1\n2\n3\n4\n5\n6\n", "7\n8\n9\na\nb\nc\nd\n"], [
      ..."123456",
      2,
      ..."9abcd",
    ]],
    ["a line end of two is one", [
      "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n",
      "8\r\n",
    ], [1, ..."2345678"]],
    ["a line end over the border", [
      "1\r2\r3\r4\r5\r6\r",
      "\n7\r8\r9\ra\rb\r",
    ], [..."123456789ab"]],
    ["an unfinished line that is left out goes as a whole", [
      "1\n2\n3\n4\n5\n6\nun",
      "finished\n7\n8\n9\na\nb\n",
    ], [..."123456", 1, ..."789ab"]],
    ["an unfinished line that is not", [
      "1\n2\n3\n4\n5\n6\nun",
      "finished\n7\n8\n9\na",
    ], [..."123456", "unfinished", ..."789a"]],
    ["a too long line that is left out", [
      `1\n2\n3\n4\n5\n${"x".repeat(LINE_CHARS_MAX + 1)}`,
      "x\n7\n8\n9\na\nb\n",
    ], [..."12345", 1, ..."789ab"]],
  ];
  for (const [what, chunks, expected] of cases) {
    const seen: (string | number)[] = [];
    const splitter = new LineSplitter({
      onLine: (line, leftOut) =>
        void seen.push(...leftOut > 0 ? [leftOut] : [], line),
      allowance: allowed(6),
    });
    for (const chunk of chunks) splitter.push(new TextEncoder().encode(chunk));
    splitter.flush();
    assertEquals(seen, expected, what);
  }
});

Deno.test("LineSplitter tells of a flood the last lines before its end", () => {
  const seen: string[] = [];
  const splitter = new LineSplitter({
    onLine: (line) => void seen.push(line),
    allowance: allowed(1),
  });
  const chunk = new TextEncoder().encode("rate 1\n".repeat(9_000));
  for (let count = 0; count < 100; count += 1) splitter.push(chunk);
  const last = ["panic: no wallet", "at main", "core dumped"];
  splitter.push(new TextEncoder().encode(`rate\n${last.join("\n")}`));
  splitter.flush();
  assertEquals(seen.slice(-3), last);
  assertEquals(seen.length <= 505, true, `${seen.length} lines became text`);
});

Deno.test("cleanLine() takes out what a terminal obeys", () => {
  const cases: [string, string][] = [
    ["plain", "plain"],
    [
      "\x1b[46;1m\x1b[1;37m cpu \x1b[0m \x1b[1;32maccepted\x1b[0m",
      " cpu  accepted",
    ],
    ["\x1b[2K\x1b[1Gprogress", "progress"],
    ["\x1b]0;title\x07text", "text"],
    ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["\x1b(Bshift\x1b=", "shift"],
    ["cut off \x1b[1;3", "cut off "],
    ["lone \x1b", "lone "],
    ["a\tb\x00\x07\x08c\x7f", "a bc"],
    ["\x9b31mred\x85", "red"],
    ["evil\u202egnp.exe\u2028x", "evilgnp.exex"],
  ];
  for (const [line, expected] of cases) {
    assertEquals(cleanLine(line), expected, JSON.stringify(line));
  }
});
