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
    {
      gap: { thermostatOffline: { from: 100, to: undefined } },
      kind: "thermostat_offline",
    },
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

Deno.test("heatVerdict() counts a gap anew from a word within it", () => {
  const wish = desired({
    word: { demand: "on", at: 5_000, since: 0 },
    thermostatOffline: { from: 100, to: undefined },
  });
  assertEquals(heatVerdict(wish, 5_000 + AFTER - 1).heat, true);
  assertEquals(heatVerdict(wish, 5_000 + AFTER).heat, false);
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
