/** A level on its way through decide(): what is called for beside all that holds. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { statusMessage } from "../../lib/core/message.ts";
import type { LevelFacts } from "../../lib/core/staging.ts";
import type {
  CommandFacts,
  CommandLimits,
  Desired,
} from "../../lib/core/types.ts";
import {
  crashed,
  desired,
  facts,
  MIN,
  observed,
  READ,
  running,
  S,
  told,
  toldOf,
  verdicts,
} from "./make.ts";

type Limits = Partial<CommandLimits>;

const A: Limits = { name: "a", watts: 500 };
const B: Limits = { name: "b", watts: 500 };

function asked(
  level: number,
  commands: readonly Limits[] = [A, B],
  heat: Partial<Desired["limits"]["heat"]> = {},
): Desired {
  return desired({
    word: { demand: "on", level, at: 0, since: 0 },
    heat: { modulationPeriodMs: Infinity, ...heat },
    commands,
  });
}

function rests(name: string): CommandFacts {
  return facts({ name });
}

function runs(name: string, at = 0): CommandFacts {
  return running(at, { name });
}

Deno.test("decide() starts what the level calls for, and says of the others that they rest", () => {
  const seen = observed([rests("a"), rests("b")]);
  const { actions, verdicts } = decide(asked(50), seen, S);
  assertEquals(told(actions), ["start a"]);
  assertEquals(verdicts.map(({ kind }) => kind), ["running", "stage"]);
  assertEquals(verdicts.map(({ wanted }) => wanted), [true, true]);
});

Deno.test("decide() stops a stage that is not called for any more, once its min_on is over", () => {
  const seen = observed([runs("a"), runs("b")]);
  const wish = asked(50, [A, B], { minOnMs: MIN });
  assertEquals(verdicts(wish, seen, 59 * S), ["running", "min_on"]);
  assertEquals(decide(wish, seen, 59 * S).wakeAt, MIN);
  const { actions } = decide(wish, seen, MIN);
  assertEquals(told(actions), ["signal b polite"]);
});

Deno.test("decide() counts on no stage that something else holds", () => {
  const wish = (held: Limits) => asked(50, [{ ...A, ...held }, B]);
  const locked = crashed(0, { name: "a", failures: 5 });
  const temperatures = [{ device: "GPU0", celsius: 95 }];
  const hot = toldOf([S, { temperatures }], [2 * S, { temperatures }]);
  const allDay = [{ days: [3], fromMinute: 0, toMinute: 1440 }];
  const table: [string, Limits, CommandFacts, typeof READ][] = [
    ["quiet_hours", { quietHours: allDay }, rests("a"), READ],
    ["lockout", {}, locked, READ],
    ["too_hot", {}, { ...running(0, { name: "a" }), emptyAt: 2 * S }, hot],
  ];
  for (const [kind, limits, one, telemetry] of table) {
    const seen = observed([one, rests("b")], undefined, {
      telemetry: [telemetry, READ],
    });
    const { actions, verdicts: [a, b] } = decide(wish(limits), seen, 3 * S);
    assertEquals([a?.kind, b?.kind], [kind, "running"], kind);
    assertEquals(told(actions), ["start b"], kind);
  }
});

Deno.test("decide() takes a stage in backoff for one that will run", () => {
  const seen = observed([crashed(0, { name: "a" }), rests("b")]);
  assertEquals(verdicts(asked(50), seen, S), ["backoff", "stage"]);
});

Deno.test("decide() goes by the watts that the owner says, else by those that were measured at work", () => {
  const measured = toldOf([3 * MIN, { powerW: 100 }]);
  const early = toldOf([3 * MIN - 1, { powerW: 100 }]);
  const called = (a: Limits, telemetry: typeof READ) => {
    const seen = observed([runs("a"), runs("b")], undefined, {
      telemetry: [telemetry, READ],
    });
    return verdicts(asked(25, [a, B]), seen, 4 * MIN);
  };
  // 150 W of 600 W: a alone gives 100 W, both give 600 W.
  assertEquals(called({ name: "a" }, measured), ["running", "stopping"]);
  // 250 W of 1,000 W, 500 W each: one is as near as none, and it is to heat.
  assertEquals(called({ name: "a" }, early), ["running", "stopping"]);
  const both = (a: Limits, telemetry: typeof READ) => {
    const seen = observed([runs("a"), runs("b")], undefined, {
      telemetry: [telemetry, READ],
    });
    return verdicts(asked(60, [a, B]), seen, 4 * MIN);
  };
  // 360 W of 600 W: 600 W are nearer than 100 W.
  assertEquals(both({ name: "a" }, measured), ["running", "running"]);
  // 600 W of 1,000 W: 500 W are nearer.
  assertEquals(both({ name: "a" }, early), ["running", "stopping"]);
  assertEquals(both(A, measured), ["running", "stopping"]);
});

Deno.test("decide() carries on from what was owed, and looks again when that calls for another stage", () => {
  const wish = asked(50, [A], { modulationPeriodMs: 20 * MIN });
  const first = decide(wish, observed([rests("a")]), 0);
  assertEquals(told(first.actions), ["start a"]);
  const level: LevelFacts = {
    ...none(first.level),
    at: 0,
    owed: 0,
    owesW: -250,
    hasBegun: true,
  };
  const seen = observed([runs("a")], undefined, { level });
  // A cycle of 20 minutes swings by 5 minutes of 500 W at half heat.
  assertEquals(decide(wish, seen, 0).level?.switchAt, 5 * MIN);
  const soon = decide(wish, seen, 5 * MIN - 5 * S);
  assertEquals([told(soon.actions), soon.wakeAt], [[], 5 * MIN]);
  assertEquals(told(decide(wish, seen, 5 * MIN).actions), [
    "signal a polite",
  ]);
});

Deno.test("decide() keeps to min_on and min_off in the cycles of a level", () => {
  const level = (percent: number, heat: Partial<Desired["limits"]["heat"]>) => {
    const wish = asked(percent, [A], { modulationPeriodMs: 20 * MIN, ...heat });
    const { level } = decide(wish, observed([runs("a")]), 0);
    return none(level).switchAt;
  };
  // Half of a run of ten minutes, at a tenth of the heat.
  assertEquals(level(10, { minOnMs: 10 * MIN }), 5 * MIN);
  // Half a rest of ten minutes is made up for by runs of 90.
  assertEquals(Math.round(level(90, { minOffMs: 10 * MIN })), 45 * MIN);
});

Deno.test("decide() owes nothing at an ON without a level", () => {
  const wish = desired({ word: "on", commands: [A, B] });
  const { level } = decide(wish, observed([runs("a"), runs("b")]), S);
  assertEquals([level?.owesW, level?.share], [0, 1]);
});

Deno.test("statusMessage() says of stages that rest why, unless another one heats", () => {
  const says = (...commands: CommandFacts[]) => {
    const wish = asked(12.5, [A, B], { modulationPeriodMs: 20 * MIN });
    const first = none(decide(wish, observed(commands), 0).level);
    const level = { ...first, owed: 0, hasBegun: true };
    const seen = observed(commands, undefined, { level });
    return statusMessage({
      desired: wish,
      observed: seen,
      decision: decide(wish, seen, MIN),
      now: MIN,
      commandTopic: "h",
    });
  };
  assertEquals(
    says(rests("a"), rests("b")),
    "a rests, as the level is 12.5 %; b rests, as the level is 12.5 %",
  );
  assertEquals(says(runs("a"), rests("b")), "OK");
});

Deno.test("decide() knows no level while no heat is wanted", () => {
  const off = {
    ...asked(50),
    word: { demand: "off", at: 0, since: 0 },
  } as const;
  const seen = observed([rests("a"), rests("b")]);
  assertEquals(decide(off, seen, S).level, undefined);
  assertEquals(verdicts(off, seen, S), ["idle", "idle"]);
  const ending = { ...asked(50), ending: "stop" } as const;
  assertEquals(decide(ending, seen, S).level, undefined);
});

function none(level: LevelFacts | undefined): LevelFacts {
  if (level === undefined) throw new Error("There is no level");
  return level;
}
