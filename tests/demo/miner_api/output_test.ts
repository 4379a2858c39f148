// Blanks are of the essence here.
// deno-lint-ignore-file no-regex-spaces
import { assert, assertEquals, assertMatch } from "@std/assert";
import { STYLES } from "../../../lib/demo/miner_api/output.ts";
import type { PrintMoment } from "../../../lib/demo/miner_api/style.ts";
import { askable } from "./ask.ts";

// deno-lint-ignore no-control-regex
const CODES = /\x1B\[[0-?]*[ -/]*[@-~]/g;

function moment(but: Partial<PrintMoment> = {}): PrintMoment {
  const { miner, clock } = askable();
  return {
    claim: miner.claim(),
    wallMs: clock.wall(),
    colour: false,
    isGpu: false,
    ...but,
  };
}

/** What readers look for in each program's lines: the rate, an accepted share, a rejected one. */
const LINES: Readonly<Record<string, readonly [RegExp, RegExp, RegExp]>> = {
  xmrig: [
    /^\[[\d-]+ [\d:.]+\]  miner    speed 10s\/60s\/15m 46\.00 46\.00 46\.00 MH\/s max 46\.00 MH\/s\n$/,
    /^\[[\d-]+ [\d:.]+\]  cpu      accepted \(540\/60\) diff 50000 \(94 ms\)\n$/,
    /rejected \(540\/60\) diff 50000 "Low difficulty share" \(94 ms\)\n$/,
  ],
  cpuminer: [
    /^$/,
    /^\[[\d-]+ [\d:]+\] accepted: 540\/600 \(90\.00%\), 46000\.00 kH\/s \(yes!\)\n$/,
    /accepted: 540\/600 \(90\.00%\), 46000\.00 kH\/s \(booooo\)\n$/,
  ],
  "cpuminer-opt": [
    /Hash rate .*\(46000\.00kh\/s\)\n/,
    /\] 600 Accepted 540 S0 R60 B0, [\d.]+ sec \(23ms\)\n$/,
    /\] 600 A540 S0 Rejected 60 B0, .*\n +Reject reason: /,
  ],
  ccminer: [
    /GPU #0: [^,]+, 23\.00 MH\/s\n.*GPU #1: /,
    /accepted: 540\/600 \(diff 0\.123\), 46\.00 MH\/s \(yes!\)\n$/,
    /46\.00 MH\/s \(booooo\)\n.*reject reason: /,
  ],
  trex: [
    /^\d{8} [\d:]+ GPU #0: .* - 23\.00 MH\/s, \[T:60C, P:120W, /,
    /^\d{8} [\d:]+ \[ OK \] 540\/600 - 46\.00 MH\/s, 110ms \.\.\. GPU #1\n$/,
    /\[FAIL\] 540\/600 - Job not found, 110ms/,
  ],
  gminer: [
    /^[\d:]+ \|  46\.00 MH\/s  540\/60\/0  240 W  .* \|\n$/,
    /^[\d:]+ GPU0: Share #600 accepted 283 ms\n$/,
    /Share #600 rejected/,
  ],
  teamredminer: [
    /GPU 0 \[60C, fan 28%\] rx\/0: 46000\.0 kh\/s, avg .* a:540 r:60 hw:0\n$/,
    /share accepted\. \(GPU0\) \(a:540 r:60\) \(8 ms\)\n$/,
    /share rejected\. \(GPU0\) Error code: .* \(a:540 r:60u\)/,
  ],
  ethminer: [
    /^ m [\d:]+ ethminer 0:05 A540:R60 46\.00 Mh - cu0 46\.00\n$/,
    /^ i [\d:]+ stratum  \*\*Accepted  90 ms\. /,
    /^ X [\d:]+ stratum  \*\*Rejected /,
  ],
  cgminer: [
    /^ \(5s\):0\.05G .* \(avg\):0\.05Gh\/s +\r$/,
    /Accepted 0a1b2c3d Diff .* pool 0\n$/,
    /Rejected 0badcafe .* \(low difficulty share\)\n$/,
  ],
};

Deno.test("STYLES print as the programs do, with colours and without", () => {
  assertEquals(Object.keys(LINES), Object.keys(STYLES));
  let coloured = 0;
  for (const [name, style] of Object.entries(STYLES)) {
    const [rate, accepted, rejected] = LINES[name] ?? [];
    assert(rate && accepted && rejected);
    const lines = (colour: boolean) => [
      style.rate(moment({ colour })),
      style.share(moment({ colour }), true),
      style.share(moment({ colour }), false),
    ];
    const [plainRate = "", plainAccepted = "", plainRejected = ""] = lines(
      false,
    );
    assertMatch(plainRate, rate, name);
    assertMatch(plainAccepted, accepted, name);
    assertMatch(plainRejected, rejected, name);
    const stripped = lines(true).map((line) => line.replace(CODES, ""));
    const unflagged = lines(false).map((line) =>
      // With colours the flag has no parentheses.
      line.replace(/\((yes!|booooo)\)/, "$1")
    );
    if (name.startsWith("c")) assertEquals(stripped, unflagged, name);
    else assertEquals(stripped, lines(false), name);
    if (lines(true).join("") !== lines(false).join("")) coloured += 1;
  }
  assert(coloured >= 5, `${coloured}`);
});

Deno.test("xmrig prints n/a for windows that are not full, and no speed before it hashes", () => {
  const line = (ageMs: number, warmUpMs: number, hashrate: number) => {
    const { miner } = askable({ ageMs, warmUpMs, hashrate });
    return STYLES["xmrig"]?.rate(moment({ claim: miner.claim() })) ?? "";
  };
  assertMatch(
    line(12_000, 0, 2_750),
    / 2750\.0 n\/a n\/a H\/s max 2750\.0 H\/s/,
  );
  assertMatch(line(12_000, 0, 50), / 50\.00 n\/a n\/a H\/s max 50\.00 H\/s/);
  assertEquals(line(12_000, 60_000, 50), "");
});

Deno.test("xmrig names its card by another tag, and says at its end which signal came", () => {
  const gpu = STYLES["xmrig"]?.share(moment({ isGpu: true }), true) ?? "";
  assertMatch(gpu, /\]  nvidia   accepted/);
  const end = STYLES["xmrig"]?.end(moment(), "SIGTERM") ?? "";
  assertMatch(end, /  signal   SIGTERM received, exiting\n$/);
});
