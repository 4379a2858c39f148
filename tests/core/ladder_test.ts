import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import type { CommandFacts, Observed } from "../../lib/core/types.ts";
import { desired, observed, running, told, verdicts } from "./make.ts";

Deno.test("decide() goes down the stop ladder at its moments", () => {
  const wish = desired({ word: "off" });
  const asked = (some: Partial<CommandFacts> = {}) =>
    observed([running(0, { signalledAt: 1_000, ...some })]);
  const termed = { terminatedAt: 6_000 };
  const killed = { ...termed, killedAt: 11_000, kills: 1 };
  const steps: [number, Observed, string[]][] = [
    [1_000, asked(), []],
    [5_999, asked(), []],
    [6_000, asked(), ["signal a terminate"]],
    [6_001, asked(termed), []],
    [10_999, asked(termed), []],
    [11_000, asked(termed), ["kill a", "look a"]],
    [11_001, asked({ ...killed, lookingSince: 11_000 }), []],
    // A look after the kill that found something is repeated, and so is the kill.
    [11_029, asked({ ...killed, lookedAt: 11_000, looks: 1 }), []],
    [11_030, asked({ ...killed, lookedAt: 11_000, looks: 1 }), ["look a"]],
    [12_499, asked({ ...killed, lookingSince: 11_900 }), []],
    [12_500, asked({ ...killed, lookingSince: 11_900 }), ["kill a"]],
    [12_500, asked({ ...killed, lookedAt: 12_400, looks: 3 }), [
      "kill a",
      "look a",
    ]],
  ];
  for (const [now, seen, expected] of steps) {
    assertEquals(told(decide(wish, seen, now).actions), expected, `at ${now}`);
  }
});

Deno.test("decide() wakes for each rung of the ladder", () => {
  const wish = desired({ word: "off" });
  const wakeAt = (some: Partial<CommandFacts>, now = 3_000) =>
    decide(wish, observed([running(0, { signalledAt: 1_000, ...some })]), now)
      .wakeAt;
  assertEquals(wakeAt({}), 6_000);
  assertEquals(wakeAt({ terminatedAt: 3_000 }), 11_000);
  // A stop is told of once it takes longer than usual.
  assertEquals(wakeAt({}, 1_001), 3_000);
});

Deno.test("decide() looks at once when the leader is gone, and does not signal again", () => {
  const wish = desired({ word: "off" });
  const seen = observed([running(0, { signalledAt: 1_000, exitedAt: 1_100 })]);
  assertEquals(told(decide(wish, seen, 1_100).actions), ["look a"]);
});

Deno.test("decide() only looks after a crash, and stops what was left behind", () => {
  const wish = desired({ word: "on" });
  const gone = { exitedAt: 500, endedByItself: true, failures: 1 };
  const unseen = observed([running(0, gone)]);
  assertEquals(told(decide(wish, unseen, 500).actions), ["look a"]);
  const left = observed([running(0, {
    ...gone,
    lookedAt: 510,
    looks: 1,
    remaining: [{ pid: 7, name: "worker" }],
  })]);
  assertEquals(told(decide(wish, left, 510).actions), ["signal a polite"]);
});

Deno.test("decide() finishes a stop before it starts again", () => {
  const wish = desired({ word: "on" });
  const stopping = observed([running(0, { signalledAt: 1_000 })]);
  assertEquals(told(decide(wish, stopping, 2_000).actions), []);
  assertEquals(verdicts(wish, stopping, 2_000), ["stopping"]);
});

Deno.test("decide() calls a tree stuck five seconds after the kill was due", () => {
  const wish = desired({ word: "off" });
  const seen = observed([running(0, {
    signalledAt: 0,
    terminatedAt: 5_000,
    killedAt: 14_999,
    kills: 2,
    lookingSince: 14_999,
  })]);
  assertEquals(verdicts(wish, seen, 14_999), ["stopping"]);
  assertEquals(verdicts(wish, seen, 15_000), ["stuck"]);
});

Deno.test("decide() kills at once where nothing polite can reach the tree", () => {
  const wish = desired({ word: "off" });
  const seen = observed([running(0, { killOnly: true })]);
  assertEquals(told(decide(wish, seen, 50).actions), [
    "signal a polite",
    "kill a",
    "look a",
  ]);
});

Deno.test("decide() kills at once by force, whatever rung it is on", () => {
  const wish = desired({ word: "on", ending: "force" });
  for (const some of [{}, { signalledAt: 40 }]) {
    const seen = observed([running(0, some)]);
    assertEquals(told(decide(wish, seen, 50).actions), ["kill a", "look a"]);
  }
});

Deno.test("decide() gives up a look that is not answered, and looks again", () => {
  const wish = desired({ word: "off" });
  const looking = observed([running(0, {
    signalledAt: 1_000,
    exitedAt: 2_000,
    lookingSince: 2_000,
  })]);
  assertEquals(told(decide(wish, looking, 10_999).actions), [
    "signal a terminate",
  ]);
  const killed = observed([running(0, {
    signalledAt: 1_000,
    terminatedAt: 6_000,
    exitedAt: 2_000,
    killedAt: 16_900,
    kills: 1,
    lookingSince: 2_000,
  })]);
  assertEquals(told(decide(wish, killed, 16_999).actions), []);
  assertEquals(decide(wish, killed, 16_950).wakeAt, 17_000);
  assertEquals(told(decide(wish, killed, 17_000).actions), ["look a"]);
});
