import { assertEquals } from "@std/assert";
import {
  failuresAfter,
  holdBack,
  ranForMs,
  restMs,
} from "../../lib/core/guard.ts";
import type { CommandFacts, HeatLimits } from "../../lib/core/types.ts";
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

/** What holds a command back, if none was started but `lastStartAt`. */
function held(
  one: CommandFacts,
  heat: Partial<HeatLimits>,
  options: {
    readonly now: number;
    readonly lastStartAt?: number;
    readonly limits?: Parameters<typeof commandLimits>[0];
  },
) {
  const { now, lastStartAt = -Infinity, limits } = options;
  return holdBack(one, commandLimits(limits), {
    heat: heatLimits(heat),
    now,
    lastStartAt,
  });
}

Deno.test("holdBack() lasts as long as the longest hold, and tells of the crash all the while", () => {
  const hold = (minOffMs: number, now: number) =>
    held(crashed(1_000), { minOffMs }, { now });
  assertEquals(hold(MIN, 1_001), { kind: "backoff", until: 1_000 + MIN });
  assertEquals(hold(MIN, MIN), { kind: "backoff", until: 1_000 + MIN });
  assertEquals(hold(MIN, 1_000 + MIN), undefined);
  assertEquals(hold(S, 1_001), { kind: "backoff", until: 6_000 });
  assertEquals(hold(S, 6_000), undefined);
});

Deno.test("holdBack() counts the turn that a crashed command already waits for", () => {
  const hold = (lastStartAt: number, now: number) =>
    held(crashed(1_000), { staggerMs: 30 * S }, { now, lastStartAt });
  assertEquals(hold(0, 1_001), { kind: "backoff", until: 30 * S });
  assertEquals(hold(0, 30 * S - 1), { kind: "backoff", until: 30 * S });
  assertEquals(hold(0, 30 * S), undefined);
  assertEquals(hold(5_999, 6_000), { kind: "backoff", until: 35_999 });
  // Who is started once its rest is over has nothing to do with the crash.
  assertEquals(hold(6_000, 6_000), { kind: "stagger", until: 36_000 });
  assertEquals(hold(1_000 * S, 1_000 * S)?.kind, "stagger");
});

Deno.test("holdBack() counts no turn into a lockout", () => {
  const hold = (now: number) =>
    held(crashed(1_000, { failures: 5 }), { staggerMs: MIN }, {
      now,
      lastStartAt: 0,
      limits: { lockoutForMs: S },
    });
  assertEquals(hold(1_999), { kind: "lockout", until: 2_000 });
  assertEquals(hold(2_000), { kind: "stagger", until: MIN });
});

Deno.test("holdBack() knows min off and turns without a failure, one after the other", () => {
  const stopped = crashed(1_000, { endedByItself: false, failures: 9 });
  const heat = { minOffMs: S, staggerMs: MIN };
  const hold = (now: number) => held(stopped, heat, { now, lastStartAt: 0 });
  assertEquals(hold(1_999), { kind: "min_off", until: 2_000 });
  assertEquals(hold(2_000), { kind: "stagger", until: MIN });
  assertEquals(hold(MIN), undefined);
  assertEquals(held(stopped, {}, { now: 1_000 }), undefined);
});

Deno.test("holdBack() counts no min off after a start that failed", () => {
  const never = facts({
    startedAt: 0,
    exitedAt: 0,
    emptyAt: 0,
    endedByItself: true,
    failures: 1,
  });
  assertEquals(held(never, { minOffMs: MIN }, { now: 1 }), {
    kind: "backoff",
    until: 5 * S,
  });
});

Deno.test("holdBack() keeps a lockout in sight while min off lasts longer", () => {
  const hold = (now: number) =>
    held(crashed(1_000, { failures: 5 }), { minOffMs: MIN }, {
      now,
      limits: { lockoutForMs: S },
    });
  for (const now of [1_999, 2_000, 999 + MIN]) {
    assertEquals(hold(now), { kind: "lockout", until: 1_000 + MIN });
  }
  assertEquals(hold(1_000 + MIN), undefined);
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

Deno.test("holdBack() takes the longer of two holds that end within a millisecond", () => {
  const until = (minOffMs: number) =>
    held(crashed(0), { minOffMs }, { now: 1 })?.until;
  assertEquals(until(5 * S - 1), 5 * S);
  assertEquals(until(5 * S), 5 * S);
  assertEquals(until(5 * S + 1), 5 * S + 1);
});

Deno.test("holdBack() forgets what failed before it was forgiven", () => {
  const kind = (forgivenAt: number) =>
    held(crashed(1_000, { forgivenAt }), {}, { now: 1_001 })?.kind;
  assertEquals([kind(999), kind(1_000), kind(1_001)], [
    "backoff",
    undefined,
    undefined,
  ]);
});
