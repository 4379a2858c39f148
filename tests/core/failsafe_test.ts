import { assertEquals } from "@std/assert";
import { heatVerdict } from "../../lib/core/failsafe.ts";
import { desired, MIN } from "./make.ts";

const AFTER = 10 * MIN;

Deno.test("heatVerdict() follows the word while nothing stands above it", () => {
  assertEquals(heatVerdict(desired({ word: "on" }), 1).heat, true);
  assertEquals(heatVerdict(desired({ word: "off" }), 1).heat, false);
  assertEquals(heatVerdict(desired(), 1).cause, "no_word");
});

Deno.test("heatVerdict() lets each failsafe strike at its millisecond", () => {
  const cases = [
    { gap: { deaf: { from: 100, to: undefined } }, kind: "broker_lost" },
    { gap: { missedSince: 100 }, kind: "missed" },
    {
      gap: { thermostatOffline: { from: 100, to: undefined } },
      kind: "thermostat_offline",
    },
    { gap: { deletedAt: 100 }, kind: "deleted" },
  ];
  for (const { gap, kind } of cases) {
    const wish = desired({ word: "on", ...gap });
    assertEquals(heatVerdict(wish, 100 + AFTER - 1).heat, true, kind);
    assertEquals(heatVerdict(wish, 100).wakeAt, 100 + AFTER, kind);
    const struck = heatVerdict(wish, 100 + AFTER);
    assertEquals([struck.heat, struck.forget?.kind], [false, kind]);
  }
  const silent = desired({ word: "on", heat: { silentAfterMs: MIN } });
  assertEquals(heatVerdict(silent, MIN - 1).heat, true);
  assertEquals(heatVerdict(silent, MIN).forget, { kind: "silent", forMs: MIN });
});

Deno.test("heatVerdict() sees a gap that was too long even after its end", () => {
  const gap = (to: number) => desired({ word: "on", deaf: { from: 100, to } });
  assertEquals(heatVerdict(gap(100 + AFTER - 1), 10 * AFTER).heat, true);
  assertEquals(heatVerdict(gap(100 + AFTER), 10 * AFTER).forget, {
    kind: "broker_lost",
    forMs: AFTER,
  });
});

Deno.test("heatVerdict() lets what may be missed count on although the broker is back", () => {
  const wish = desired({
    word: { demand: "on", at: 50, since: 0 },
    missedSince: 100,
    deaf: { from: 100, to: 2_000 },
  });
  assertEquals(heatVerdict(wish, 100 + AFTER - 1).heat, true);
  assertEquals(heatVerdict(wish, 100 + AFTER).forget, {
    kind: "missed",
    forMs: AFTER,
  });
  // In a fight over our place that is what is told.
  const rival = { reason: "another client", since: 500 };
  assertEquals(
    heatVerdict({ ...wish, rival }, 100 + AFTER).forget?.kind,
    "missed",
    "it was over",
  );
  const deaf = { from: 1_000, to: undefined };
  assertEquals(heatVerdict({ ...wish, rival, deaf }, 100 + AFTER).forget, {
    kind: "unsteady",
    forMs: AFTER,
  });
  const never = {
    ...wish,
    limits: desired({ heat: { brokerLostAfterMs: Infinity } }).limits,
  };
  assertEquals(heatVerdict(never, 100 * AFTER).heat, true);
});

Deno.test("heatVerdict() counts a gap anew from a word within it", () => {
  const wish = desired({
    word: { demand: "on", at: 5_000, since: 0 },
    thermostatOffline: { from: 100, to: undefined },
  });
  assertEquals(heatVerdict(wish, 5_000 + AFTER - 1).heat, true);
  assertEquals(heatVerdict(wish, 5_000 + AFTER).heat, false);
});

Deno.test("heatVerdict() counts each failsafe from the later of its gap and the word", () => {
  const gap = { from: 5_000, to: undefined };
  for (const kind of ["deaf", "thermostatOffline"] as const) {
    for (const at of [4_999, 5_001]) {
      const wish = desired({
        word: { demand: "on", at, since: 0 },
        [kind]: gap,
      });
      const strikesAt = Math.max(at, 5_000) + AFTER;
      assertEquals(heatVerdict(wish, strikesAt - 1).wakeAt, strikesAt);
      assertEquals(heatVerdict(wish, strikesAt - 1).heat, true);
      assertEquals(heatVerdict(wish, strikesAt).heat, false);
    }
  }
});

Deno.test("heatVerdict() tells for how long it was so", () => {
  const forMs = (parts: Parameters<typeof desired>[0]) => {
    const why = heatVerdict(desired({ word: "on", ...parts }), 2 * AFTER);
    return why.forget !== undefined && "forMs" in why.forget
      ? why.forget.forMs
      : undefined;
  };
  const lasts = { from: 100, to: undefined };
  assertEquals(forMs({ deaf: lasts }), 2 * AFTER - 100);
  assertEquals(forMs({ thermostatOffline: lasts }), 2 * AFTER - 100);
  assertEquals(forMs({ deletedAt: 100 }), 2 * AFTER - 100);
  const over = { from: 100, to: 100 + AFTER };
  assertEquals(forMs({ thermostatOffline: over }), AFTER);
  const word = { demand: "on", at: 300, since: 0 } as const;
  assertEquals(
    forMs({ word, heat: { silentAfterMs: MIN } }),
    2 * AFTER - 300,
  );
});

Deno.test("heatVerdict() is there when a failsafe strikes an ON that something above it holds", () => {
  const deaf = { from: 100, to: undefined };
  const strikesAt = 100 + AFTER;
  const held: Parameters<typeof desired>[0][] = [
    { ending: "stop" },
    { shutdown: "asked" },
    { heat: { maxOnMs: 1 } },
  ];
  for (const parts of held) {
    const wish = desired({ word: "on", deaf, ...parts });
    const wakeAt = (now: number) => heatVerdict(wish, now).wakeAt;
    assertEquals(wakeAt(strikesAt - 1), strikesAt);
  }
  const ending = desired({ word: "on", deaf, ending: "stop" });
  // What has struck strikes no more.
  assertEquals(heatVerdict(ending, strikesAt).wakeAt, Infinity);
  assertEquals(heatVerdict(ending, strikesAt + 1).wakeAt, Infinity);
});

Deno.test("heatVerdict() has nothing to forget while the word is OFF", () => {
  const wish = desired({ word: "off", deaf: { from: 0, to: undefined } });
  const verdict = heatVerdict(wish, 10 * AFTER);
  assertEquals([verdict.cause, verdict.forget], ["word", undefined]);
});

Deno.test("heatVerdict() ends a heat that was on for too long, repetitions or not", () => {
  const wish = desired({
    word: { demand: "on", at: 9 * MIN, since: 100 },
    heat: { maxOnMs: AFTER },
  });
  assertEquals(heatVerdict(wish, 100 + AFTER - 1).heat, true);
  assertEquals(heatVerdict(wish, 9 * MIN).wakeAt, 100 + AFTER);
  const over = heatVerdict(wish, 100 + AFTER);
  assertEquals([over.heat, over.cause], [false, "max_on"]);
});

Deno.test("heatVerdict() puts an end above all, a failsafe above SHUTDOWN", () => {
  const deaf = { from: 0, to: undefined };
  const cause = (parts: Parameters<typeof desired>[0]) =>
    heatVerdict(desired({ word: "on", ...parts }), AFTER).cause;
  assertEquals(cause({ ending: "stop", deaf, shutdown: "asked" }), "ending");
  assertEquals(cause({ deaf, shutdown: "asked" }), "forgotten");
  assertEquals(cause({ shutdown: "asked" }), "shutdown");
  assertEquals(cause({ shutdown: "begun" }), "shutdown");
});

Deno.test("heatVerdict() remembers why there is no word", () => {
  const wish = desired({ forgotten: { kind: "silent", forMs: 1 } });
  assertEquals(heatVerdict(wish, 1).cause, "forgotten");
});

Deno.test("heatVerdict() forgets a word that was slept over for more than five minutes", () => {
  const slept = (forMs: number, wordAt = 0) =>
    heatVerdict(
      desired({
        word: { demand: "on", at: wordAt, since: 0 },
        asleep: { from: 1_000, to: 1_000 + forMs },
      }),
      1_000 + forMs,
    );
  assertEquals(slept(5 * MIN).heat, true);
  assertEquals(slept(5 * MIN + 1).forget, {
    kind: "asleep",
    forMs: 5 * MIN + 1,
  });
  // A word after it counts, one in the very moment of waking too.
  assertEquals(slept(6 * MIN, 1_000 + 6 * MIN).heat, true);
  assertEquals(slept(6 * MIN, 1_000 + 6 * MIN - 1).heat, false);
});

Deno.test("heatVerdict() holds heat after a crash loop, whatever is said, to its millisecond", () => {
  const crashHold = { until: 5_000, ends: 5 };
  for (const word of ["on", "off", undefined] as const) {
    const wish = desired({ ...word === undefined ? {} : { word }, crashHold });
    const { heat, cause, wakeAt } = heatVerdict(wish, 4_999);
    assertEquals([heat, cause, wakeAt], [false, "crash_loop", 5_000], word);
  }
  const wish = desired({ word: "on", crashHold });
  assertEquals(heatVerdict(wish, 5_000).heat, true);
});

Deno.test("heatVerdict() keeps ending, a failsafe and SHUTDOWN above a crash loop, and wakes for its end", () => {
  const crashHold = { until: AFTER + 5_000, ends: 5 };
  const word = "on" as const;
  const cause = (some: Parameters<typeof desired>[0], now = 1) => {
    const verdict = heatVerdict(desired({ word, crashHold, ...some }), now);
    assertEquals(verdict.heat, false);
    return [verdict.cause, verdict.wakeAt];
  };
  assertEquals(cause({ ending: "stop" }), ["ending", AFTER + 5_000]);
  assertEquals(cause({ shutdown: "asked" }), ["shutdown", AFTER + 5_000]);
  const deaf = { from: 0, to: undefined };
  assertEquals(cause({ deaf }), ["crash_loop", AFTER]);
  assertEquals(cause({ deaf }, AFTER), ["forgotten", AFTER + 5_000]);
});
