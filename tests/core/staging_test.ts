/** Levels of heat: which stage when. */

import { assert, assertEquals } from "@std/assert";
import {
  type LevelFacts,
  type Stage,
  stagesOf,
  type StagingOptions,
} from "../../lib/core/staging.ts";
import { MIN, S } from "./make.ts";

const DAY = 24 * 60 * MIN;

const OPTIONS: StagingOptions = {
  level: 50,
  periodMs: 30 * MIN,
  minOnMs: 0,
  minOffMs: 0,
  now: 0,
};

function stage(watts: number | undefined, some: Partial<Stage> = {}): Stage {
  return { watts, isAvailable: true, isAlive: false, ...some };
}

/** Which stages a level calls for at first: "x" for each that is. */
function called(
  level: number,
  stages: readonly Stage[],
  some: Partial<StagingOptions> = {},
): string {
  const options = { ...OPTIONS, level, ...some };
  return stagesOf(stages, undefined, options).wanted
    .map((one) => one ? "x" : "-").join("");
}

Deno.test("stagesOf() calls for the stages in their order, by their watts", () => {
  const three = [stage(100), stage(300), stage(600)];
  assertEquals(called(100, three), "xxx");
  assertEquals(called(10, three), "x--");
  assertEquals(called(40, three), "xx-");
  // Less than the first stage: it is switched in time, and begins at once.
  assertEquals(called(1, three), "x--");
  // Of whom nobody knows it, it is what the others have.
  assertEquals(called(50, [stage(undefined), stage(undefined)]), "x-");
  assertEquals(called(50, [stage(100), stage(undefined)]), "x-");
});

Deno.test("stagesOf() lets the others make up for a stage that is held", () => {
  const held = stage(300, { isAvailable: false });
  assertEquals(called(30, [held, stage(300), stage(400)]), "-x-");
  assertEquals(called(99.5, [stage(300), held, stage(300)]), "x-x");
  // Full heat asks for all: whatever holds one says so itself.
  assertEquals(called(100, [held, stage(300)]), "xx");
});

Deno.test("stagesOf() takes the nearest stage where nothing is switched in time", () => {
  const three = [stage(100), stage(100), stage(200)];
  const never = { periodMs: Infinity };
  const table: [number, string][] = [
    // Less than half of the first stage is none of it.
    [0.6, "---"],
    [12.4, "---"],
    [12.5, "x--"],
    [37, "x--"],
    // Halfway is up.
    [37.5, "xx-"],
    [74, "xx-"],
    [75, "xxx"],
    [99, "xxx"],
  ];
  for (const [level, expected] of table) {
    assertEquals(called(level, three, never), expected, `${level}`);
  }
});

/** The moments at which a single stage is switched within a time. */
function switchings(
  some: Partial<StagingOptions>,
  lastsMs: number,
): { readonly on: number[]; readonly off: number[] } {
  const on: number[] = [];
  const off: number[] = [];
  let before: LevelFacts | undefined;
  let isAlive = false;
  for (let now = 0; now <= lastsMs;) {
    const options = { ...OPTIONS, ...some, now };
    const { wanted, facts } = stagesOf(
      [stage(100, { isAlive })],
      before,
      options,
    );
    before = facts;
    if (wanted[0] === isAlive) {
      now = Math.min(facts.switchAt, lastsMs + 1);
      continue;
    }
    isAlive = wanted[0] === true;
    (isAlive ? on : off).push(now / MIN);
  }
  return { on, off };
}

Deno.test("stagesOf() switches the last stage in the period, and begins at once", () => {
  assertEquals(switchings({ level: 50 }, 70 * MIN), {
    on: [0, 22.5, 52.5],
    off: [7.5, 37.5, 67.5],
  });
  assertEquals(switchings({ level: 25 }, 70 * MIN).on, [0, 26.25, 56.25]);
});

Deno.test("stagesOf() makes cycles longer where a phase would be too short", () => {
  const { on, off } = switchings({ level: 10, minOnMs: 10 * MIN }, 250 * MIN);
  // Ten minutes of a hundred.
  assertEquals(on.map(Math.round), [0, 95, 195]);
  assertEquals(off.map(Math.round), [5, 105, 205]);
  // No phase is shorter than a tenth of the period, whatever the guards.
  const rare = switchings({ level: 1 }, DAY);
  assertEquals(Math.round(rare.on[2] ?? 0) - Math.round(rare.on[1] ?? 0), 300);
});

/** The part of full heat that one stage of these watts is owed after so long at rest. */
function owedAfter(
  ms: number,
  some: Partial<StagingOptions> = {},
  isAlive = false,
): number {
  const stages = [stage(200, { isAlive, isAvailable: isAlive })];
  const at = (now: number) => ({ ...OPTIONS, ...some, now });
  const { facts } = stagesOf(stages, undefined, at(0));
  return stagesOf(stages, facts, at(ms)).facts.owed / 200;
}

Deno.test("stagesOf() owes what was asked for and not delivered, and never more than a period of full heat", () => {
  assertEquals(owedAfter(10 * MIN), 5 * MIN);
  assertEquals(owedAfter(10 * MIN, {}, true), -5 * MIN);
  assertEquals(owedAfter(60 * MIN), 30 * MIN);
  assertEquals(owedAfter(DAY), 30 * MIN);
  assertEquals(owedAfter(DAY, { level: 10 }, true), -30 * MIN);
});

Deno.test("stagesOf() tells the delivered part, at once and averaged over about a period", () => {
  const two = [stage(100, { isAlive: true }), stage(300)];
  const first = stagesOf(two, undefined, OPTIONS).facts;
  assertEquals([first.share, first.average], [0.25, 0]);
  const later = stagesOf(two, first, { ...OPTIONS, now: 30 * MIN }).facts;
  assertEquals(later.average, 0.25 * (1 - Math.exp(-1)));
  // Where nothing is switched in time, it is what it is.
  const never = { ...OPTIONS, periodMs: Infinity };
  const soon = stagesOf(two, first, { ...never, now: S }).facts;
  assertEquals(soon.average, 0.25);
});

Deno.test("stagesOf() switches nothing in time at a border between stages", () => {
  const three = [stage(100), stage(100), stage(100)];
  for (const level of [100 / 3, 200 / 3, 33.333333333, 66.6666666666]) {
    const { wanted, facts } = stagesOf(three, undefined, { ...OPTIONS, level });
    assertEquals(wanted, [true, level > 50, false], `${level}`);
    assertEquals(facts.switchAt, Infinity, `${level}`);
  }
  // But a little beside it: in cycles that are as long as it takes.
  const { facts } = stagesOf(three, undefined, { ...OPTIONS, level: 33.4 });
  assert(facts.switchAt < 365 * DAY, `${facts.switchAt}`);
});

Deno.test("stagesOf() switches the only stage as long as anything is left to switch", () => {
  const alive = { ...stage(1, { isAlive: true }) };
  const at = (now: number) => ({
    ...OPTIONS,
    level: 99,
    minOffMs: 10 * MIN,
    now,
  });
  const { facts, wanted } = stagesOf([alive], undefined, at(0));
  assertEquals(wanted, [true]);
  // A hundredth of 1 W is lacking each moment; half a rest of ten minutes is to be made up for.
  assertEquals(Math.round(facts.switchAt / MIN), 495);
  // It has begun, so that it rests until it is owed as much.
  const begun = stagesOf([stage(1)], facts, at(1));
  assertEquals(begun.wanted, [false]);
  assertEquals(Math.round(begun.facts.switchAt / MIN), 5);
});

Deno.test("stagesOf() keeps to min_off and min_on in the phases of a cycle", () => {
  const check = (
    some: Partial<StagingOptions>,
    [runs, rests]: readonly [number, number],
  ) => {
    const { on, off } = switchings(some, 300 * MIN);
    const [, start = NaN, again = NaN] = on;
    const stop = off[1] ?? NaN;
    // To less than a hundredth of a millisecond.
    assert(Math.abs(stop - start - runs) < 1e-7, `${stop - start}`);
    assert(Math.abs(again - stop - rests) < 1e-7, `${again - stop}`);
  };
  check({ level: 90, minOffMs: 10 * MIN }, [90, 10]);
  check({ level: 95 }, [57, 3]);
  check({ level: 10, minOnMs: 6 * MIN }, [6, 54]);
  check({ level: 5 }, [3, 57]);
  check({ level: 50, periodMs: 10 * MIN }, [5, 5]);
});

Deno.test("stagesOf() takes a stage of which nobody knows the watts for one like the others", () => {
  const never = { periodMs: Infinity };
  const some = [stage(600), stage(undefined), stage(200)];
  // 600, 400 and 200 W.
  assertEquals(called(60, some, never), "x--");
  assertEquals(called(67, some, never), "xx-");
  assertEquals(called(91, some, never), "xx-");
  assertEquals(called(92, some, never), "xxx");
  // 100 W each, and halfway is up.
  const [one, unknown] = [stage(100), stage(undefined)];
  assertEquals(called(50, [unknown, one, one], never), "xx-");
  assertEquals(called(50, [one, one, unknown], never), "xx-");
  assertEquals(stagesOf([unknown], undefined, OPTIONS).facts.owesW, 0.5);
});
