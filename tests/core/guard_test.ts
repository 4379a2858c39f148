import { assertEquals } from "@std/assert";
import {
  failuresAfter,
  holdBack,
  ranForMs,
  restMs,
} from "../../lib/core/guard.ts";
import {
  commandLimits,
  crashed,
  facts,
  heatLimits,
  MIN,
  running,
  S,
} from "./make.ts";

Deno.test("restMs() doubles from the first rest to the longest", () => {
  const rests = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) =>
    restMs(facts({ failures }), commandLimits()) / S
  );
  assertEquals(rests, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
});

Deno.test("restMs() spreads by at most a fifth, and never above the longest", () => {
  const rest = (failures: number, jitter: number) =>
    restMs(facts({ failures, jitter }), commandLimits());
  assertEquals(rest(1, 0.5), 5.5 * S);
  assertEquals(rest(2, 0.999999) < 12 * S, true);
  assertEquals(rest(9, 0.9), 300 * S);
});

Deno.test("failuresAfter() counts short runs, and a healthy one forgets, to the millisecond", () => {
  const limits = commandLimits();
  const ended = (ranMs: number, endedByItself: boolean) =>
    failuresAfter(
      running(0, { exitedAt: ranMs, endedByItself, failures: 3 }),
      limits,
    );
  assertEquals(ended(MIN - 1, true), 4);
  assertEquals(ended(MIN, true), 1);
  assertEquals(ended(MIN - 1, false), 3);
  assertEquals(ended(MIN, false), 0);
});

Deno.test("failuresAfter() counts a start that failed, however late it is seen", () => {
  const late = facts({
    startedAt: 0,
    exitedAt: 2 * MIN,
    endedByItself: true,
    failures: 3,
  });
  assertEquals(failuresAfter(late, commandLimits()), 4);
});

Deno.test("holdBack() names the longest hold that is still open", () => {
  const limits = commandLimits();
  const hold = (minOffMs: number, now: number) =>
    holdBack(crashed(1_000), limits, { heat: heatLimits({ minOffMs }), now });
  assertEquals(hold(MIN, 1_001), { kind: "min_off", until: 1_000 + MIN });
  assertEquals(hold(S, 1_001), { kind: "backoff", until: 6_000 });
  assertEquals(hold(S, 6_000), undefined);
});

Deno.test("holdBack() holds nothing after a stop that was asked for", () => {
  const stopped = crashed(1_000, { endedByItself: false, failures: 9 });
  const heat = heatLimits();
  assertEquals(
    holdBack(stopped, commandLimits(), { heat, now: 1_000 }),
    undefined,
  );
});

Deno.test("holdBack() counts no min off after a start that failed", () => {
  const never = facts({
    startedAt: 0,
    exitedAt: 0,
    emptyAt: 0,
    endedByItself: true,
    failures: 1,
  });
  const heat = heatLimits({ minOffMs: MIN });
  assertEquals(holdBack(never, commandLimits(), { heat, now: 1 }), {
    kind: "backoff",
    until: 5 * S,
  });
});

Deno.test("holdBack() keeps a lockout in sight while min off lasts longer", () => {
  const limits = commandLimits({ lockoutForMs: S });
  const heat = heatLimits({ minOffMs: MIN });
  const locked = crashed(1_000, { failures: 5 });
  const hold = (now: number) => holdBack(locked, limits, { heat, now });
  assertEquals(hold(1_999), { kind: "lockout", until: 1_000 + MIN });
  assertEquals(hold(2_000), { kind: "min_off", until: 1_000 + MIN });
});

Deno.test("ranForMs() is nothing before a start or an end is known", () => {
  assertEquals(ranForMs(facts()), 0);
  assertEquals(ranForMs(facts({ exitedAt: 7 })), 0);
  assertEquals(ranForMs(running(7)), 0);
  assertEquals(ranForMs(running(7, { exitedAt: 10 })), 3);
});

Deno.test("restMs() is the first rest before any failure, and never beyond all numbers", () => {
  const limits = commandLimits({
    restartRestMs: 1,
    restartRestMaxMs: Infinity,
  });
  const rest = (failures: number) => restMs(facts({ failures }), limits);
  assertEquals([rest(0), rest(1), rest(2)], [1, 1, 2]);
  assertEquals([rest(41), rest(1e9)], [2 ** 40, 2 ** 40]);
});

Deno.test("holdBack() tells two holds apart that end within a millisecond", () => {
  const limits = commandLimits();
  const hold = (minOffMs: number) =>
    holdBack(crashed(0), limits, { heat: heatLimits({ minOffMs }), now: 1 });
  assertEquals(hold(5 * S - 1), { kind: "backoff", until: 5 * S });
  assertEquals(hold(5 * S), { kind: "min_off", until: 5 * S });
  assertEquals(hold(5 * S + 1), { kind: "min_off", until: 5 * S + 1 });
});
