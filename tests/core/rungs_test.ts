/** ladder() by itself: each rung's moment, and when to look again. */

import { assertEquals } from "@std/assert";
import { ladder, lookTrouble, NO_ANSWER } from "../../lib/core/ladder.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import { commandLimits, running, told } from "./make.ts";

const LIMITS = commandLimits();

function rung(some: Partial<CommandFacts>, now: number, force = false) {
  const step = ladder(running(0, some), LIMITS, { now, force });
  return { ...step, actions: told(step.actions) };
}

Deno.test("ladder() gives each rung its moment when it begins", () => {
  const first = rung({}, 1_000);
  assertEquals(first.actions, ["signal a polite"]);
  assertEquals([first.killAt, first.wakeAt], [11_000, 3_000]);
  assertEquals(rung({ signalledAt: 1_000 }, 3_000).wakeAt, 6_000);
  const killOnly = rung({ killOnly: true }, 1_000);
  assertEquals(killOnly.killAt, 1_000);
  const forced = rung({ signalledAt: 900 }, 20_000, true);
  assertEquals(forced.actions, ["kill a", "look a"]);
  assertEquals([forced.killAt, forced.stuck], [20_000, false]);
});

Deno.test("ladder() kills at its moment without asking once more", () => {
  const late = (now: number) => rung({ signalledAt: 1_000 }, now);
  assertEquals(late(10_999).actions, ["signal a terminate"]);
  assertEquals(late(11_000).actions, ["kill a", "look a"]);
  assertEquals(late(11_001).actions, ["kill a", "look a"]);
  assertEquals(late(999_999).actions, ["kill a", "look a"]);
});

Deno.test("ladder() only looks after an end that left nothing behind, with a moment to look again", () => {
  const gone = { exitedAt: 500, endedByItself: true };
  const looked = { ...gone, lookedAt: 510, looks: 1 };
  const first = rung(gone, 505);
  assertEquals([first.actions, first.killAt], [["look a"], undefined]);
  const again = rung(looked, 520);
  assertEquals([again.actions, again.killAt], [[], undefined]);
  assertEquals(again.wakeAt, 510 + 30);
  assertEquals(rung(looked, 540).actions, ["look a"]);
});

Deno.test("ladder() looks at what ended at the first moment of all", () => {
  assertEquals(rung({ signalledAt: 0, exitedAt: 0 }, 0).actions, ["look a"]);
  assertEquals(rung({ signalledAt: 0 }, 0).actions, []);
});

Deno.test("ladder() takes no look for an answer that is older than the end", () => {
  const ended = { signalledAt: 0, exitedAt: 500 };
  const looked = (lookedAt: number, looks: number) =>
    rung({ ...ended, lookedAt, looks }, 501).actions;
  assertEquals(looked(499, 1), ["look a"]);
  assertEquals(looked(500, 1), []);
});

Deno.test("ladder() rests longer after each look, up to a second", () => {
  const ended = { signalledAt: 0, exitedAt: 500, lookedAt: 1_000 };
  const rests = [0, 1, 2, 3, 9, 10, 99, 1e9].map((looks) =>
    rung({ ...ended, looks }, 1_000).wakeAt - 1_000
  );
  assertEquals(rests, [20, 30, 45, 67.5, 768.8671875, 1_000, 1_000, 1_000]);
});

Deno.test("ladder() rests longer after each kill, up to half a minute", () => {
  const killed = { signalledAt: 0, terminatedAt: 1, killedAt: 50_000 };
  const table: [number, number][] = [
    [1, 1_500],
    [2, 2_250],
    [3, 3_375],
    [8, 25_628.90625],
    [9, 30_000],
    [99, 30_000],
    [1e9, 30_000],
  ];
  for (const [kills, restMs] of table) {
    const kill = (now: number) =>
      rung({ ...killed, kills }, now).actions.includes("kill a");
    assertEquals(kill(50_000 + restMs - 0.5), false, `${kills} kills`);
    assertEquals(kill(50_000 + restMs), true, `${kills} kills`);
  }
});

Deno.test("ladder() wakes when the tree is to be called stuck, and for the next kill", () => {
  const killed = { signalledAt: 0, terminatedAt: 1, lookingSince: 14_000 };
  const slow = { ...killed, killedAt: 14_000, kills: 9 };
  assertEquals(rung(slow, 14_999).wakeAt, 15_000);
  assertEquals(rung(slow, 15_000).stuck, true);
  assertEquals(rung(slow, 15_000).wakeAt > 15_000, true);
  const quick = { ...killed, killedAt: 15_000, kills: 1 };
  assertEquals(rung(quick, 15_000).wakeAt, 16_000);
  assertEquals(rung(quick, 16_000).wakeAt, 16_500);
});

Deno.test("ladder() takes a look that is silent for two seconds for something left", () => {
  const gone = { exitedAt: 500, endedByItself: true, lookingSince: 500 };
  const before = rung(gone, 2_499);
  assertEquals([before.actions, before.wakeAt], [[], 2_500]);
  const silent = rung(gone, 2_500);
  assertEquals(silent.actions, ["signal a polite"]);
  assertEquals([silent.killAt, silent.wakeAt], [12_500, 7_500]);
});

Deno.test("lookTrouble() says what is wrong while a look is silent, or since one failed", () => {
  const trouble = (some: Partial<CommandFacts>, now: number) =>
    lookTrouble(running(0, some), now);
  assertEquals(trouble({}, 9_000), undefined);
  assertEquals(trouble({ lookingSince: 1_000 }, 2_999), undefined);
  assertEquals(trouble({ lookingSince: 1_000 }, 3_000), NO_ANSWER);
  const failed = { lookError: "no /proc" };
  assertEquals(trouble(failed, 0), "no /proc");
  assertEquals(trouble({ ...failed, lookingSince: 1_000 }, 2_999), "no /proc");
  assertEquals(trouble({ ...failed, lookingSince: 1_000 }, 3_000), NO_ANSWER);
});
