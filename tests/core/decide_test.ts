import { assert, assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import type { CommandFacts, Desired } from "../../lib/core/types.ts";
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
  verdicts,
} from "./make.ts";

Deno.test("decide() starts nothing before the first word, and says so", () => {
  const decision = decide(desired(), observed(), 5);
  assertEquals(decision.actions, []);
  assertEquals([decision.heat, decision.cause], [false, "no_word"]);
});

Deno.test("decide() starts all commands in the order of the stages at ON", () => {
  const wish = desired({
    word: "on",
    commands: [{ name: "a" }, { name: "b" }],
  });
  const seen = observed([facts({ name: "a" }), facts({ name: "b" })]);
  assertEquals(told(decide(wish, seen, 1).actions), ["start a", "start b"]);
});

Deno.test("decide() does nothing at a repeated ON while all runs", () => {
  const wish = desired({ word: { demand: "on", at: 900, since: 0 } });
  const decision = decide(wish, observed([running(10)]), 1_000);
  assertEquals(decision.actions, []);
  assertEquals(decision.verdicts[0]?.kind, "running");
});

Deno.test("decide() asks all to stop in reverse order at OFF", () => {
  const wish = desired({
    word: "off",
    commands: [{ name: "a" }, { name: "b" }],
  });
  const seen = observed([
    running(0, { name: "a" }),
    running(0, { name: "b" }),
  ]);
  assertEquals(told(decide(wish, seen, 100).actions), [
    "signal b polite",
    "signal a polite",
  ]);
});

Deno.test("decide() holds an ordinary OFF until min on is over, to the millisecond", () => {
  const heat = { minOnMs: MIN };
  const seen = observed([running(100)]);
  const off = desired({ word: "off", heat });
  assertEquals(verdicts(off, seen, 100 + MIN - 1), ["min_on"]);
  assertEquals(decide(off, seen, 100 + MIN - 9).wakeAt, 100 + MIN);
  assertEquals(verdicts(off, seen, 100 + MIN), ["stopping"]);
});

Deno.test("decide() lets min on hold neither safety, nor SHUTDOWN, nor an end", () => {
  const heat = { minOnMs: 10 * MIN };
  const seen = observed([running(0)]);
  const wishes: Desired[] = [
    desired({ word: "on", heat, ending: "stop" }),
    desired({ word: "on", heat, shutdown: "asked" }),
    desired({ heat, forgotten: { kind: "silent", forMs: 1 } }),
    desired({
      word: "on",
      heat: { ...heat, brokerLostAfterMs: MIN },
      deaf: { from: 0, to: undefined },
    }),
    desired({ word: "on", heat: { ...heat, maxOnMs: MIN } }),
  ];
  for (const [index, wish] of wishes.entries()) {
    assertEquals(verdicts(wish, seen, MIN), ["stopping"], `wish ${index}`);
  }
});

Deno.test("decide() holds a start until min off has passed since the last process lived", () => {
  const wish = desired({ word: "on", heat: { minOffMs: MIN } });
  const seen = observed([facts({
    startedAt: 0,
    pid: 1,
    signalledAt: 10,
    exitedAt: 20,
    emptyAt: 40,
    aliveUntil: 30,
  })]);
  assertEquals(verdicts(wish, seen, 30 + MIN - 1), ["min_off"]);
  assertEquals(told(decide(wish, seen, 30 + MIN - 1).actions), []);
  assertEquals(told(decide(wish, seen, 30 + MIN).actions), ["start a"]);
});

Deno.test("decide() restarts a crashed command after its rest, to the millisecond", () => {
  const wish = desired({ word: "on" });
  const seen = observed([crashed(1_000)]);
  assertEquals(verdicts(wish, seen, 5_999), ["backoff"]);
  assertEquals(decide(wish, seen, 1_001).wakeAt, 6_000);
  assertEquals(told(decide(wish, seen, 6_000).actions), ["start a"]);
});

Deno.test("decide() locks out after the configured failures, also through OFF and ON", () => {
  const seen = observed([crashed(1_000, { failures: 5 })]);
  const end = 1_000 + 30 * MIN;
  for (const word of ["on", "off"] as const) {
    assertEquals(verdicts(desired({ word }), seen, end - 1), ["lockout"]);
  }
  assertEquals(told(decide(desired({ word: "on" }), seen, end).actions), [
    "start a",
  ]);
  const four = observed([crashed(1_000, { failures: 4 })]);
  assertEquals(verdicts(desired({ word: "on" }), four, 1_001), ["backoff"]);
});

Deno.test("decide() keeps the stagger between the starts of two commands", () => {
  const commands = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const wish = desired({ word: "on", commands, heat: { staggerMs: 10 * S } });
  const at = (now: number, started: (number | undefined)[]) =>
    told(
      decide(
        wish,
        observed(
          started.map((start, index) => {
            const name = "abc"[index] ?? "";
            return start === undefined
              ? facts({ name })
              : running(start, { name });
          }),
        ),
        now,
      ).actions,
    );
  assertEquals(at(100, [undefined, undefined, undefined]), ["start a"]);
  assertEquals(at(10_099, [100, undefined, undefined]), []);
  assertEquals(at(10_100, [100, undefined, undefined]), ["start b"]);
  assertEquals(at(10_101, [100, 10_100, undefined]), []);
  assertEquals(at(20_100, [100, 10_100, undefined]), ["start c"]);
});

Deno.test("decide() stops a command in its quiet hours and starts it at their end", () => {
  const quietHours = [{ days: [3], fromMinute: 19 * 60, toMinute: 20 * 60 }];
  const wish = desired({ word: "on", commands: [{ quietHours }] });
  const steps: [string, CommandFacts, string[]][] = [
    ["Wed 18:59:59.999", running(0), []],
    ["Wed 19:00", running(0), ["signal a polite"]],
    ["Wed 19:59:59.999", facts(), []],
    ["Wed 20:00", facts(), ["start a"]],
  ];
  for (const [at, seen, expected] of steps) {
    const decision = decide(wish, observed([seen], local(at)), 1_000);
    assertEquals(told(decision.actions), expected, at);
  }
  const held = decide(wish, observed([facts()], local("Wed 19:30")), 1_000);
  assertEquals(held.verdicts[0]?.kind, "quiet_hours");
  assertEquals(held.verdicts[0]?.until, 1_000 + 30 * MIN);
});

Deno.test("decide() is there at the full minute when quiet hours begin", () => {
  const quietHours = [{ days: [3], fromMinute: 19 * 60, toMinute: 20 * 60 }];
  const wish = desired({ word: "on", commands: [{ quietHours }] });
  const seen = observed([running(0)], local("Wed 18:59:51.5"));
  assertEquals(decide(wish, seen, 1_000).wakeAt, 1_000 + 8_500);
});

Deno.test("decide() powers off once, and only when nothing is left", () => {
  const asked = desired({ word: "on", shutdown: "asked" });
  assertEquals(told(decide(asked, observed([running(0)]), 9).actions), [
    "signal a polite",
  ]);
  assertEquals(told(decide(asked, observed(), 9).actions), ["power_off"]);
  const begun = desired({ word: "on", shutdown: "begun" });
  assertEquals(told(decide(begun, observed(), 9).actions), []);
});

Deno.test("decide() forgets an ON when a failsafe strikes, before anything else", () => {
  const wish = desired({ word: "on", deaf: { from: 500, to: undefined } });
  const at = (now: number) => decide(wish, observed([running(0)]), now);
  assertEquals(told(at(500 + 10 * MIN - 1).actions), []);
  assertEquals(at(500 + 10 * MIN - 1).wakeAt, 500 + 10 * MIN);
  const struck = at(500 + 10 * MIN);
  assertEquals(struck.actions[0], {
    kind: "forget",
    why: { kind: "broker_lost", forMs: 10 * MIN },
  });
  assertEquals(told(struck.actions.slice(1)), ["signal a polite"]);
});

Deno.test("decide() looks again within a minute, whatever happens", () => {
  const decision = decide(desired(), observed(), 7_000);
  assertEquals(decision.wakeAt, 67_000);
  assert(Number.isFinite(decision.wakeAt));
});

Deno.test("decide() refuses facts that do not belong to the limits", () => {
  let message = "";
  try {
    decide(desired(), observed([facts({ name: "other" })]), 0);
  } catch (error) {
    message = String(error);
  }
  assert(message.includes('"a"'), message);
});

Deno.test("decide() looks again after a minute at most, and after ten seconds while anything runs", () => {
  const wish = desired({ word: "on", heat: { brokerLostAfterMs: Infinity } });
  assertEquals(decide(desired(), observed(), 7).wakeAt, 7 + MIN);
  assertEquals(decide(wish, observed([running(0)]), 7).wakeAt, 7 + 10_000);
});

Deno.test("decide() stops what an earlier run left, whatever is wanted, and starts nothing before", () => {
  const heat = { minOnMs: 10 * MIN };
  const left = running(100, { leftover: 1 });
  for (const word of ["on", "off", undefined] as const) {
    const wish = desired({ word, heat });
    const { actions, verdicts } = decide(wish, observed([left]), 101);
    assertEquals(told(actions), ["signal a polite"]);
    assertEquals(verdicts[0]?.kind, "stopping");
  }
  // Nobody tells of the end of what is not our child, so it is looked for.
  const asked = observed([{ ...left, signalledAt: 101 }]);
  assertEquals(told(decide(desired(), asked, 101).actions), ["look a"]);
  const gone = observed([{ ...left, signalledAt: 101, emptyAt: 200 }]);
  assertEquals(told(decide(desired({ word: "on" }), gone, 200).actions), [
    "start a",
  ]);
});

Deno.test("decide() does not count what an earlier run left as a start, for the stagger", () => {
  const wish = desired({
    word: "on",
    heat: { staggerMs: MIN },
    commands: [{ name: "a" }, { name: "b" }],
  });
  const left = running(100, { leftover: 1, emptyAt: 150 });
  const seen = observed([left, facts({ name: "b" })]);
  assertEquals(told(decide(wish, seen, 200).actions), ["start a"]);
});
