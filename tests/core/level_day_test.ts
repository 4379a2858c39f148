/** Days of heat by level: is it right in the end? */

import { assert, assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import type { LevelFacts } from "../../lib/core/staging.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import { Random } from "../simulation/random.ts";
import { desired, facts, MIN, observed, running, S } from "./make.ts";

const DAY = 24 * 60 * MIN;

interface House {
  readonly watts: readonly number[];
  readonly level: (now: number) => number;
  readonly minOnMs: number;
  readonly minOffMs: number;
  readonly periodMs: number;
}

/** A day of decide() with commands that do as told at once; delivered and asked heat, and starts. */
function dayOf(house: House): {
  readonly delivered: number;
  readonly asked: number;
  readonly starts: number;
} {
  const { watts, level, minOnMs, minOffMs, periodMs } = house;
  const names = watts.map((_, index) => `c${index}`);
  const commands: CommandFacts[] = names.map((name) => facts({ name }));
  let before: LevelFacts | undefined;
  let [delivered, asked, starts, now] = [0, 0, 0, 0];
  const total = watts.reduce((sum, one) => sum + one, 0);
  while (now < DAY) {
    const wish = desired({
      word: { demand: "on", level: level(now), at: now, since: 0 },
      heat: { minOnMs, minOffMs, modulationPeriodMs: periodMs },
      commands: names.map((name, index) => ({ name, watts: watts[index] })),
    });
    const seen = observed(commands, undefined, { level: before });
    const decision = decide(wish, seen, now);
    before = decision.level;
    for (const action of decision.actions) {
      if (!("command" in action)) continue;
      const { command: name } = action;
      const index = names.indexOf(name);
      if (action.kind === "start") {
        starts += 1;
        commands[index] = running(now, {
          name,
          aliveUntil: commands[index]?.aliveUntil,
        });
      } else if (action.kind === "signal") {
        commands[index] = facts({
          ...commands[index],
          signalledAt: now,
          exitedAt: now,
          emptyAt: now,
          aliveUntil: now,
        });
      }
    }
    if (decision.actions.length > 0) continue;
    // The level may change each minute, whether anybody looks or not.
    const next = Math.min(decision.wakeAt, (Math.floor(now / MIN) + 1) * MIN);
    const ms = Math.min(next, DAY) - now;
    const heats = commands.reduce(
      (sum, one, index) =>
        one.startedAt !== undefined && one.emptyAt === undefined
          ? sum + (watts[index] ?? 0)
          : sum,
      0,
    );
    delivered += heats * ms;
    asked += (level(now) / 100) * total * ms;
    now += ms;
  }
  return { delivered, asked, starts };
}

Deno.test("decide() delivers the heat of a level within 2 percent over a day, for any mix of stages", () => {
  const random = new Random(20_261_125);
  for (let round = 0; round < 60; round += 1) {
    const watts = Array.from(
      { length: random.int(1, 6) },
      () => random.int(20, 1_500),
    );
    const level = random.int(5, 100);
    const minOnMs = random.pick([0, MIN, 5 * MIN]);
    const house: House = {
      watts,
      level: () => level,
      minOnMs,
      minOffMs: random.pick([0, 2 * MIN, 5 * MIN]),
      periodMs: random.pick([10 * MIN, 30 * MIN, 60 * MIN]),
    };
    const { delivered, asked, starts } = dayOf(house);
    const off = Math.abs(delivered - asked) / asked;
    assert(off <= 0.02, JSON.stringify({ ...house, level, off }));
    const cycles = DAY / house.periodMs + 2 * watts.length;
    assert(starts <= cycles, JSON.stringify({ ...house, level, starts }));
  }
});

Deno.test("decide() follows a level that changes each minute, without more starts than cycles", () => {
  const random = new Random(4_711);
  const levels = Array.from({ length: 1_441 }, () => random.int(30, 70));
  const house: House = {
    watts: [200, 800, 400],
    level: (now) => levels[Math.floor(now / MIN)] ?? 50,
    minOnMs: 5 * MIN,
    minOffMs: 5 * MIN,
    periodMs: 30 * MIN,
  };
  const { delivered, asked, starts } = dayOf(house);
  assert(Math.abs(delivered - asked) <= 0.02 * asked, `${delivered / asked}`);
  assert(starts <= 100, `${starts}`);
});

Deno.test("decide() lets OFF, failsafes and min_on be as they are at any level", () => {
  const word = { demand: "on", level: 50, at: 0, since: 0 } as const;
  const commands = [{ name: "a" }, { name: "b" }];
  const wish = desired({ word, commands });
  const rests = [facts({ name: "a" }), facts({ name: "b" })];
  const first = decide(wish, observed(rests), 0);
  assertEquals(first.actions, [{ kind: "start", command: "a" }]);
  assertEquals(first.verdicts.map(({ kind }) => kind), ["running", "stage"]);
  const both = [running(0, { name: "a" }), running(0, { name: "b" })];
  const held = desired({ word, commands, heat: { minOnMs: MIN } });
  assertEquals(
    decide(held, observed(both), S).verdicts.map(({ kind }) => kind),
    ["running", "min_on"],
  );
  const off = decide(desired({ word: "off", commands }), observed(both), S);
  assertEquals(off.level, undefined);
  assertEquals(off.actions.length, 2);
});
