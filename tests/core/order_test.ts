/** The order of what may decide: who wins against whom. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import type { HeatCause } from "../../lib/core/types.ts";
import {
  crashed,
  desired,
  facts,
  local,
  MIN,
  observed,
  running,
  verdicts,
} from "./make.ts";

type Parts = NonNullable<Parameters<typeof desired>[0]>;

const NOW = 100 * MIN;
const ALWAYS = [{
  days: [0, 1, 2, 3, 4, 5, 6],
  fromMinute: 0,
  toMinute: 24 * 60,
}];

/** Highest first: each wins against all that stand below it. */
const DECIDERS: readonly {
  readonly cause: HeatCause;
  readonly parts: Parts;
}[] = [
  { cause: "ending", parts: { ending: "stop" } },
  { cause: "forgotten", parts: { deaf: { from: 0, to: undefined } } },
  { cause: "shutdown", parts: { shutdown: "asked" } },
  { cause: "max_on", parts: { heat: { maxOnMs: MIN } } },
  { cause: "word", parts: { word: "on" } },
];

/** All at once, from one rung of the list down. */
function together(from: number): Parts {
  const parts = DECIDERS.slice(from).map((decider) => decider.parts);
  return Object.assign({ word: "on" }, ...parts);
}

Deno.test("decide() lets the highest decider win against all below it", () => {
  for (const [index, { cause }] of DECIDERS.entries()) {
    const decision = decide(desired(together(index)), observed(), NOW);
    assertEquals(decision.cause, cause);
    assertEquals(decision.heat, cause === "word", cause);
  }
});

Deno.test("decide() lets quiet hours hold an ON, and lets all above them stop through min on", () => {
  const commands = [{ quietHours: ALWAYS }];
  const heat = { minOnMs: 1_000 * MIN };
  for (const [index, { cause }] of DECIDERS.entries()) {
    const parts = together(index);
    const wish = desired({
      ...parts,
      commands,
      heat: { ...parts.heat, ...heat },
    });
    const isOrdinary = cause === "word";
    assertEquals(
      verdicts(wish, observed([running(0)]), NOW),
      [isOrdinary ? "min_on" : "stopping"],
      cause,
    );
    assertEquals(
      verdicts(wish, observed(), NOW),
      [isOrdinary ? "quiet_hours" : "idle"],
      cause,
    );
  }
});

Deno.test("decide() lets min on hold back an OFF of the thermostat and quiet hours alone", () => {
  const heat = { minOnMs: 1_000 * MIN };
  const seen = observed([running(0)]);
  const verdict = (parts: Parts) =>
    verdicts(desired({ heat, ...parts }), seen, NOW)[0];
  assertEquals(verdict({ word: "off" }), "min_on");
  assertEquals(
    verdict({ word: "on", commands: [{ quietHours: ALWAYS }] }),
    "min_on",
  );
  assertEquals(verdict({}), "stopping");
  assertEquals(
    verdict({ forgotten: { kind: "silent", forMs: 1 } }),
    "stopping",
  );
  assertEquals(
    verdict({ forgotten: { kind: "asleep", forMs: 1 } }),
    "stopping",
  );
});

Deno.test("decide() lets lockout, backoff and min off hold back starts, and never a stop", () => {
  const heat = { minOffMs: 1_000 * MIN };
  for (const failures of [1, 5]) {
    const wish = desired({ word: "off", heat });
    const again = running(NOW - MIN, { failures, aliveUntil: NOW - 2 * MIN });
    assertEquals(verdicts(wish, observed([again]), NOW), ["stopping"]);
    const rest = crashed(NOW - 1, { failures });
    const on = verdicts(desired({ word: "on", heat }), observed([rest]), NOW);
    assertEquals(on, [failures === 1 ? "backoff" : "lockout"]);
  }
});

Deno.test("decide() names the highest of what holds back a start", () => {
  const commands = [{ quietHours: ALWAYS }];
  const heat = { minOffMs: 1_000 * MIN, staggerMs: 1_000 * MIN };
  const locked = crashed(NOW - 1, { failures: 5 });
  const failed = crashed(NOW - 1);
  const on = (some: Parts, one = failed) =>
    verdicts(desired({ word: "on", ...some }), observed([one]), NOW)[0];
  assertEquals(on({ heat, commands }, locked), "lockout");
  assertEquals(on({ heat, commands }), "quiet_hours");
  assertEquals(on({ heat }), "backoff");
  const rested = facts({ startedAt: NOW - 1, emptyAt: NOW - 1 });
  assertEquals(on({ heat }, { ...rested, aliveUntil: NOW - 1 }), "min_off");
  assertEquals(on({ heat: { staggerMs: 2 } }, rested), "stagger");
});

Deno.test("decide() lets a failsafe forget an ON that quiet hours hold", () => {
  const wish = desired({
    word: "on",
    deaf: { from: 0, to: undefined },
    commands: [{ quietHours: ALWAYS }],
  });
  const seen = observed([facts()], local("Wed 12:00"));
  assertEquals(decide(wish, seen, 10 * MIN - 1).actions, []);
  assertEquals(decide(wish, seen, 10 * MIN).actions[0]?.kind, "forget");
});
