/** The watchdog: what runs and does not work gets a fresh run. */

import { follow, followRead } from "./follow.ts";
import { MIN, S, WATCHFUL } from "./make.ts";
import type { WatchdogLimits } from "../../lib/core/limits.ts";
import type { Moment } from "./rehearsal.ts";

const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

const START = ["start a"];
const STOP = "signal a polite";
const LOW = ["bark a low_hashrate", STOP];
const NO_SHARE = ["bark a no_share", STOP];
const SILENT = ["bark a silent", STOP];

/** Miners that are asked every two minutes. */
const SELDOM = { staleAfterMs: 6 * MIN };

function parts(some: Partial<WatchdogLimits> = {}) {
  return { commands: [{ watchdog: { ...WATCHFUL, ...some } }] };
}

const reads = (
  hashrateHs?: number,
  accepted?: number,
): Pick<Moment, "reads"> => {
  return { reads: { a: { hashrateHs, accepted } } };
};

Deno.test("decide() restarts what hashes too little for low_for, with the usual rest", () => {
  followRead(parts({ silentForMs: Infinity }), [
    { at: 0, say: "on", does: START },
    { at: 4 * MIN, ...reads(1_000) },
    { at: 5 * MIN, ...reads(999) },
    { at: 10 * MIN - 1, ...reads(0), verdicts: ["running"] },
    {
      at: 10 * MIN,
      does: LOW,
      verdicts: ["stopping"],
      says: "a hashed less than 1 kH/s for 5 min: starts again in 5 s",
    },
    { at: 10 * MIN + 5 * S - 1, verdicts: ["backoff"] },
    { at: 10 * MIN + 5 * S, does: START },
    // The new run has its own time.
    { at: 12 * MIN, ...reads(1_000), verdicts: ["running"] },
  ], SELDOM);
});

Deno.test("decide() forgives a low hash rate that is enough in between, or of which nothing is known", () => {
  for (const between of [1_000, undefined]) {
    followRead(parts({ silentForMs: Infinity }), [
      { at: 0, say: "on", does: START },
      { at: 5 * MIN, ...reads(1) },
      { at: 9 * MIN, ...reads(1) },
      { at: 9 * MIN + 10 * S, ...reads(between) },
      { at: 9 * MIN + 20 * S, ...reads(1) },
      { at: 12 * MIN, ...reads(1) },
      { at: 14 * MIN + 19 * S, ...reads(1) },
      { at: 14 * MIN + 20 * S, does: LOW },
    ], SELDOM);
  }
});

Deno.test("decide() does not take two low readings with silence between them for a low hash rate", () => {
  followRead(parts({ silentForMs: Infinity }), [
    { at: 0, say: "on", does: START },
    { at: 5 * MIN, ...reads(1) },
    { at: 20 * MIN, ...reads(1), verdicts: ["running"] },
    { at: 20 * MIN + 29 * S, ...reads(1) },
    { at: 20 * MIN + 58 * S, ...reads(1) },
    { at: 25 * MIN - 2, verdicts: ["running"] },
    { at: 25 * MIN - 1, ...reads(1), verdicts: ["running"] },
  ]);
});

Deno.test("decide() restarts what got no accepted share for no_share_for", () => {
  followRead(parts({ noShareForMs: 10 * MIN }), [
    { at: 0, say: "on", does: START },
    { at: 3 * MIN, ...reads(2_000, 0) },
    { at: 5 * MIN, ...reads(2_000, 1) },
    { at: 8 * MIN, ...reads(2_000, 1) },
    // Shares that are not told in one reading are no new ones in the next.
    { at: 9 * MIN, ...reads(2_000) },
    { at: 11 * MIN, ...reads(2_000, 1) },
    { at: 15 * MIN - 1, ...reads(2_000, 1), verdicts: ["running"] },
    {
      at: 15 * MIN,
      does: NO_SHARE,
      says: "a had no accepted share for 10 min: starts again in 5 s",
    },
  ]);
});

Deno.test("decide() knows nothing of shares that are not told", () => {
  followRead(parts({ noShareForMs: 10 * MIN }), [
    { at: 0, say: "on", does: START },
    { at: 3 * MIN, ...reads(2_000) },
    { at: 6 * MIN, ...reads(2_000) },
    { at: 9 * MIN, ...reads(2_000) },
    { at: 12 * MIN, ...reads(2_000) },
    { at: 15 * MIN, ...reads(2_000), verdicts: ["running"] },
  ]);
});

Deno.test("decide() restarts what is silent for silent_for, from its last reading or its start on", () => {
  followRead(parts(), [
    { at: 0, say: "on", does: START },
    // Never a reading: four minutes from the end of warm_up on.
    { at: 7 * MIN - 1, verdicts: ["running"] },
    {
      at: 7 * MIN,
      does: SILENT,
      says: "a did not answer for 7 min: starts again in 5 s",
    },
    { at: 8 * MIN, does: START },
    { at: 12 * MIN, ...reads(2_000) },
    { at: 16 * MIN - 1, verdicts: ["running"] },
    {
      at: 16 * MIN,
      does: SILENT,
      says: "a did not answer for 4 min: starts again in 5 s",
    },
  ]);
});

Deno.test("decide() counts nothing in warm_up", () => {
  followRead(parts({ warmUpMs: 20 * MIN, noShareForMs: MIN }), [
    { at: 0, say: "on", does: START },
    { at: 10 * MIN, ...reads(0, 0) },
    { at: 20 * MIN, ...reads(0, 0) },
    { at: 21 * MIN - 1, ...reads(0, 0), verdicts: ["running"] },
    { at: 21 * MIN, does: NO_SHARE },
  ]);
});

Deno.test("decide() locks out what the watchdog ends too often in a row, and forgets after a run that worked", () => {
  const watchdog = { ...WATCHFUL, warmUpMs: 0 };
  const commands = [{ watchdog, lockoutFailures: 2, stableAfterMs: 10 * MIN }];
  followRead({ commands }, [
    { at: 0, say: "on", does: START },
    { at: 4 * MIN - 1, ...reads(2_000) },
    { at: 8 * MIN - 2, ...reads(2_000) },
    // It worked for ten minutes before it fell silent: that forgives.
    { at: 10 * MIN, ...reads(2_000) },
    { at: 14 * MIN, does: SILENT, verdicts: ["stopping"] },
    { at: 15 * MIN, does: START },
    { at: 19 * MIN, does: SILENT },
    {
      at: 19 * MIN + 1,
      verdicts: ["lockout"],
      says: "a failed 2 times in a row (did not answer for 4 min): " +
        "locked out until 12:30",
    },
    { at: 49 * MIN - 1, verdicts: ["lockout"] },
    { at: 49 * MIN, does: START },
    // A run that did not work for long enough does not forgive, however long it ran.
    { at: 52 * MIN, ...reads(2_000) },
    { at: 56 * MIN, ...reads(2_000) },
    { at: 59 * MIN - 1, ...reads(0) },
    { at: 63 * MIN, ...reads(0) },
    { at: 64 * MIN - 1, does: LOW, verdicts: ["stopping"] },
    { at: 64 * MIN, verdicts: ["lockout"] },
  ], SELDOM);
});

Deno.test("decide() stops restarting when the budget of a day is spent, and says so", () => {
  const watchdog = { ...WATCHFUL, warmUpMs: 0, restartsADay: 2 };
  const commands = [{ watchdog, lockoutFailures: 99 }];
  const spent = "a did not answer for 4 min, and its 2 restarts of a day " +
    "are spent: look after it";
  followRead({ commands }, [
    { at: 0, say: "on", does: START },
    { at: 4 * MIN, does: SILENT },
    { at: 5 * MIN, does: START },
    { at: 9 * MIN, does: SILENT },
    { at: 10 * MIN, does: START },
    { at: 14 * MIN, verdicts: ["running"], says: spent },
    // It may come to itself.
    { at: 30 * MIN, ...reads(2_000), says: "OK" },
    { at: 34 * MIN, verdicts: ["running"], says: spent },
    { at: 4 * MIN + DAY - 1, verdicts: ["running"] },
    // A day after the first of the two.
    { at: 4 * MIN + DAY, does: SILENT },
    { at: 6 * MIN + DAY, does: START },
    { at: 9 * MIN + DAY, verdicts: ["running"] },
    { at: 10 * MIN + DAY, does: SILENT },
    { at: 11 * MIN + DAY, does: START },
    { at: 15 * MIN + DAY, verdicts: ["running"], says: spent },
  ]);
});

Deno.test("decide() does not bark at what must stop anyway, or is not wanted", () => {
  const heat = { minOnMs: HOUR };
  followRead({ ...parts(), heat }, [
    { at: 0, say: "on", does: START },
    { at: 5 * MIN, say: "off", verdicts: ["min_on"] },
    {
      at: 30 * MIN,
      verdicts: ["min_on"],
      says: "a keeps its min_on until 12:30",
    },
    { at: 30 * MIN + 1, say: "on", does: SILENT },
  ]);
  followRead(parts(), [
    { at: 0, say: "on", does: START },
    { at: 7 * MIN, say: "off", does: [STOP], verdicts: ["stopping"] },
    { at: 7 * MIN + 1, say: "on", does: START },
  ]);
});

Deno.test("decide() barks at nothing that nothing reads", () => {
  follow(parts(), [
    { at: 0, say: "on", does: START },
    { at: HOUR, verdicts: ["running"], says: "OK" },
  ]);
});

Deno.test("decide() lets min_on hold no run that the watchdog ends", () => {
  followRead({ ...parts(), heat: { minOnMs: HOUR } }, [
    { at: 0, say: "on", does: START },
    { at: 7 * MIN, does: SILENT },
    { at: 7 * MIN + 5 * S, does: START },
  ]);
});
