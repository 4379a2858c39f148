/** When decide() looks again, and until when it says that something is so. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import type { CommandFacts, Decision } from "../../lib/core/types.ts";
import {
  crashed,
  desired,
  facts,
  local,
  MIN,
  observed,
  running,
  S,
  told,
} from "./make.ts";

type Parts = Parameters<typeof desired>[0];

function decided(
  parts: Parts,
  one: CommandFacts,
  now: number,
  at = "Wed 12:00",
): Decision {
  return decide(desired(parts), observed([one], local(at)), now);
}

const until = (decision: Decision) => decision.verdicts[0]?.until;

Deno.test("decide() says until when a hold lasts, and wakes then", () => {
  const rested = facts({ startedAt: 0, emptyAt: 0 });
  const table: [string, Parts, CommandFacts, number][] = [
    ["min_on", { word: "off", heat: { minOnMs: S } }, running(7), 7 + S],
    [
      "min_off",
      { word: "on", heat: { minOffMs: MIN } },
      facts({ startedAt: 0, emptyAt: 5, aliveUntil: 5 }),
      5 + MIN,
    ],
    ["backoff", { word: "on" }, crashed(5), 5 + 5 * S],
    [
      "lockout",
      { word: "off", commands: [{ lockoutForMs: 9 * S }] },
      crashed(5, { failures: 5 }),
      5 + 9 * S,
    ],
    ["stagger", { word: "on", heat: { staggerMs: MIN } }, rested, MIN],
    ["stopping", { word: "off" }, running(0), 10 + 10 * S],
  ];
  for (const [kind, parts, one, expected] of table) {
    const decision = decided(parts, one, 10);
    assertEquals(decision.verdicts[0]?.kind, kind);
    assertEquals(until(decision), expected, kind);
    if (kind !== "stopping") assertEquals(decision.wakeAt, expected, kind);
  }
});

Deno.test("decide() holds the second start by a stagger of one millisecond", () => {
  const wish = desired({
    word: "on",
    heat: { staggerMs: 1 },
    commands: [{ name: "a" }, { name: "b" }],
  });
  const seen = observed([facts({ name: "a" }), facts({ name: "b" })]);
  const decision = decide(wish, seen, 5);
  assertEquals(told(decision.actions), ["start a"]);
  assertEquals(decision.verdicts[1]?.until, 6);
});

Deno.test("decide() wakes at the full minute for quiet hours alone", () => {
  const quietHours = [{ days: [0], fromMinute: 0, toMinute: 60 }];
  const commands = [{ quietHours }];
  const wakeAt = (parts: Parts, one: CommandFacts, at: string) =>
    decided(parts, one, 1_000, at).wakeAt;
  const off = { word: "off" } as const;
  assertEquals(wakeAt(off, facts(), "Wed 12:00:30"), 61_000);
  assertEquals(wakeAt({ ...off, commands }, facts(), "Wed 12:00:30"), 31_000);
  // What is due before that is not put off.
  const heat = { minOnMs: 3 * S };
  const held = { ...off, commands, heat };
  assertEquals(wakeAt(held, running(0), "Wed 12:00:55"), 3 * S);
  assertEquals(wakeAt(held, running(0), "Wed 12:00:59"), 2 * S);
});

Deno.test("decide() powers off only when none of several commands lives", () => {
  const wish = desired({
    word: "on",
    shutdown: "asked",
    commands: [{ name: "a" }, { name: "b" }],
  });
  const off = (name: string) => facts({ name });
  const on = (name: string) => running(0, { name, signalledAt: 1 });
  const acts = (commands: CommandFacts[]) =>
    told(decide(wish, observed(commands), 2).actions);
  assertEquals(acts([on("a"), off("b")]), []);
  assertEquals(acts([off("a"), on("b")]), []);
  assertEquals(acts([off("a"), off("b")]), ["power_off"]);
});
