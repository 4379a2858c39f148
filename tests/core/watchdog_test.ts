/** What the watchdog says of a run, and when it has to be asked again. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import type { WatchdogLimits } from "../../lib/core/limits.ts";
import { readingOf } from "../../lib/core/reading.ts";
import { absorb, beginRun } from "../../lib/core/telemetry.ts";
import type { TelemetryFacts } from "../../lib/core/telemetry_types.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import { recentBarks, watch, workedForMs } from "../../lib/core/watchdog.ts";
import {
  desired,
  MIN,
  observed,
  READ,
  running,
  S,
  SAFETY,
  WATCHFUL as LIMITS,
} from "./make.ts";

const DAY = 24 * 60 * MIN;

Deno.test("decide() bites once: a second look asks to stop, a third has nothing to do", () => {
  const wish = desired({ word: "on", commands: [{ watchdog: LIMITS }] });
  const now = 7 * MIN;
  const look = (some: Partial<CommandFacts>) => {
    const seen = observed([running(0, some)], undefined, {
      telemetry: [beginRun(READ, 0)],
    });
    return decide(wish, seen, now).actions;
  };
  const [first] = look({});
  const bark = first?.kind === "bark" ? first.bark : undefined;
  assertEquals(bark, { kind: "silent", since: 0, forMs: now });
  const bitten = { bark, barks: [now] };
  assertEquals(look(bitten), [
    { kind: "signal", command: "a", rung: "polite" },
  ]);
  assertEquals(look({ ...bitten, signalledAt: now }), []);
});

function read(
  at: number,
  hashrateHs: number,
  accepted: number,
): TelemetryFacts {
  const reading = readingOf({ hashrateHs, accepted });
  const limits = { minHashrateHs: LIMITS.minHashrateHs, safety: SAFETY };
  return absorb(beginRun(READ, 0), { reading, at }, limits);
}

Deno.test("watch() wakes at the next moment at which something is wrong for too long", () => {
  const wakeAt = (some: Partial<WatchdogLimits>, now = 5 * MIN) =>
    watch(running(0), read(5 * MIN, 1, 0), {
      limits: { ...LIMITS, ...some },
      now,
    }).wakeAt;
  assertEquals(wakeAt({}), 9 * MIN);
  assertEquals(wakeAt({ silentForMs: Infinity }), 10 * MIN);
  assertEquals(wakeAt({ silentForMs: Infinity, lowForMs: Infinity }), 33 * MIN);
  const nothing = { silentForMs: Infinity, lowForMs: Infinity };
  assertEquals(wakeAt({ ...nothing, noShareForMs: Infinity }), Infinity);
  // Warm up comes first.
  assertEquals(wakeAt({ warmUpMs: 20 * MIN }), 24 * MIN);
  // What is due already is no reason to wake.
  assertEquals(wakeAt({ lowForMs: 5 * S - 1 }, 5 * MIN + 5 * S), 9 * MIN);
  assertEquals(wakeAt({ lowForMs: 5 * S }, 5 * MIN + 5 * S), 9 * MIN);
  const soon = 5 * MIN + 5 * S + 1;
  assertEquals(wakeAt({ lowForMs: 5 * S + 1 }, 5 * MIN + 5 * S), soon);
  // Without a share the start counts.
  const started = { ...nothing, warmUpMs: 0 };
  assertEquals(wakeAt(started), 30 * MIN);
});

Deno.test("watch() calls nothing low and without shares that is not known now", () => {
  const limits = { ...LIMITS, silentForMs: Infinity, lowForMs: 1, warmUpMs: 0 };
  const kind = (now: number, some: Partial<WatchdogLimits> = {}) =>
    watch(running(0), read(5 * MIN, 1, 0), {
      limits: { ...limits, ...some },
      now,
    }).bark?.kind;
  assertEquals(kind(5 * MIN + 30 * S - 1), "low_hashrate");
  assertEquals(kind(5 * MIN + 30 * S), undefined);
  const shares = { lowForMs: Infinity, noShareForMs: 5 * MIN };
  assertEquals(kind(5 * MIN + 30 * S - 1, shares), "no_share");
  assertEquals(kind(5 * MIN + 30 * S, shares), undefined);
  const told = read(5 * MIN, 1, 0);
  const now = 5 * MIN + 9;
  const { bark } = watch(running(0), told, {
    limits: { ...limits, ...shares },
    now,
  });
  assertEquals(bark, { kind: "no_share", since: 0, forMs: now });
});

Deno.test("watch() wakes when the budget is renewed", () => {
  const now = 10 * MIN;
  const watched = (barks: readonly number[]) =>
    watch(running(0, { barks }), beginRun(READ, 0), {
      limits: { ...LIMITS, restartsADay: 2 },
      now,
    });
  const spent = watched([now - DAY, now - DAY + 1, now - 5]);
  const bark = { kind: "silent", since: 0, forMs: now } as const;
  assertEquals(spent, { bark: undefined, spent: bark, wakeAt: now + 1 });
  const renewed = watched([now - DAY, now - 5]);
  assertEquals(renewed, { bark, spent: undefined, wakeAt: Infinity });
  // Something else may be wrong before that.
  const low = { ...read(5 * MIN, 1, 0), staleAfterMs: 10 * MIN };
  const sooner = watch(running(0, { barks: [5] }), low, {
    limits: { ...LIMITS, restartsADay: 1, lowForMs: 7 * MIN },
    now: 9 * MIN,
  });
  assertEquals(sooner.spent?.kind, "silent");
  assertEquals(sooner.wakeAt, 12 * MIN);
  // What is well has spent nothing.
  const well = watch(running(now, { barks: [1, 2] }), READ, {
    limits: { ...LIMITS, restartsADay: 2 },
    now,
  });
  assertEquals(well, {
    bark: undefined,
    spent: undefined,
    wakeAt: now + 7 * MIN,
  });
});

Deno.test("recentBarks() keeps those of the last 24 hours", () => {
  assertEquals(recentBarks([0, 1, DAY], DAY), [1, DAY]);
});

Deno.test("workedForMs() counts from the start to what was wrong", () => {
  const bark = { kind: "silent", since: 5 * MIN, forMs: 0 } as const;
  assertEquals(workedForMs(running(MIN, { bark })), 4 * MIN);
  assertEquals(workedForMs(running(6 * MIN, { bark })), 0);
  assertEquals(workedForMs(running(0)), 0);
});
