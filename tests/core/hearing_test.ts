import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { heatVerdict } from "../../lib/core/failsafe.ts";
import {
  clearedChangesAt,
  deafInWords,
  heardChangesAt,
  rivalInWords,
  STEADY_MS,
  unsteadyGap,
} from "../../lib/core/hearing.ts";
import { problemReason, statusMessage } from "../../lib/core/message.ts";
import { span } from "../../lib/core/words.ts";
import type { Desired } from "../../lib/core/types.ts";
import { desired, facts, local, MIN, observed, S } from "./make.ts";

const RIVAL = { reason: "Another client uses our id", since: MIN };

/** What is said at a moment, in the middle of the day; an idle rig unless told otherwise. */
function said(wish: Desired, now: number) {
  const seen = observed(undefined, local("Wed 14:35"));
  const decision = decide(wish, seen, now);
  const picture = {
    desired: wish,
    observed: seen,
    decision,
    now,
    commandTopic: "h",
  };
  return {
    statusmsg: statusMessage(picture),
    problem: problemReason(picture),
    wakeAt: decision.wakeAt,
  };
}

Deno.test("deafInWords() tells for five minutes how long nothing could be heard, and until when", () => {
  const deaf = { from: MIN, to: 13 * MIN };
  const at = (now: number) =>
    deafInWords({ deaf, rival: undefined }, { now, local: local("Wed 14:35") });
  assertEquals(
    at(16 * MIN),
    "Was without the broker for 12 min, until 14:32",
  );
  assert(at(18 * MIN - 1) !== undefined);
  assertEquals(at(18 * MIN), undefined);
});

Deno.test("deafInWords() finds the time of day before midnight, too", () => {
  const heard = { deaf: { from: 0, to: MIN }, rival: undefined };
  const words = deafInWords(heard, { now: 3 * MIN, local: local("Wed 00:01") });
  assertEquals(words, "Was without the broker for 60 s, until 23:59");
});

Deno.test("deafInWords() says nothing of a short gap, and nothing while it lasts", () => {
  const now = 10 * S;
  const words = (deaf: Desired["deaf"]) =>
    deafInWords({ deaf, rival: undefined }, { now, local: local("Wed 14:35") });
  assertEquals(words(undefined), undefined);
  assertEquals(words({ from: 0, to: undefined }), undefined);
  assertEquals(words({ from: 0, to: 10 * S }), undefined);
  assert(words({ from: -1, to: 10 * S }) !== undefined);
});

Deno.test("statusMessage() ends with the remark on a gap, which is no problem and goes by itself", () => {
  const deaf = { from: 0, to: 12 * MIN };
  const off = desired({ word: "off", deaf });
  const remark = "Was without the broker for 12 min, until 14:32";
  const { statusmsg, problem, wakeAt } = said(off, 15 * MIN);
  assertEquals([statusmsg, problem, wakeAt], [remark, undefined, 16 * MIN]);
  assertEquals(said(off, 17 * MIN - 1).wakeAt, 17 * MIN);
  assertEquals(said(off, 17 * MIN).statusmsg, "OK");
  const forgotten = { kind: "broker_lost", forMs: 10 * MIN } as const;
  const more = said(desired({ deaf, forgotten }), 15 * MIN).statusmsg;
  assert(more.startsWith("No broker for 10 min: heat is off until"), more);
  assert(more.endsWith(remark), more);
});

Deno.test("statusMessage() and problemReason() tell of a rival until a connection stood for five minutes", () => {
  const at = (now: number, deaf: Desired["deaf"]) =>
    said(desired({ word: "off", rival: RIVAL, deaf }), now);
  const deaf = { from: 2 * MIN, to: 2 * MIN + 5 * S };
  const steadyAt = deaf.to + STEADY_MS;
  for (const now of [2 * MIN, steadyAt - 1]) {
    assertEquals(at(now, deaf).statusmsg, RIVAL.reason);
    assertEquals(at(now, deaf).problem, RIVAL.reason);
  }
  assertEquals(at(steadyAt - 1, deaf).wakeAt, steadyAt);
  assertEquals(at(steadyAt, deaf).statusmsg, "OK");
  assertEquals(at(steadyAt, deaf).problem, undefined);
  const away = at(steadyAt, { from: 2 * MIN, to: undefined });
  assertEquals(away.problem, RIVAL.reason);
});

Deno.test("heardChangesAt() is never now, or before", () => {
  const heard = {
    deaf: { from: 0, to: MIN },
    rival: RIVAL,
    asleep: undefined,
  };
  const ends = MIN + STEADY_MS;
  assertEquals(heardChangesAt(heard, MIN), ends);
  assertEquals(heardChangesAt(heard, ends), Infinity);
  assertEquals(rivalInWords(heard, ends), undefined);
});

Deno.test("heatVerdict() forgets a word that was not repeated while the connection kept breaking", () => {
  const wish = (word: Desired["word"], to: number | undefined) =>
    desired({ word, rival: RIVAL, deaf: { from: to ?? 0, to } });
  const said = (at: number) => ({ demand: "on", at, since: 0 }) as const;
  // Each gap is short; that an OFF came in one of them is as likely as not.
  const strikesAt = RIVAL.since + 10 * MIN;
  const before = heatVerdict(wish(said(0), 10 * MIN), strikesAt - 1);
  assertEquals([before.heat, before.wakeAt], [true, strikesAt]);
  const struck = heatVerdict(wish(said(0), 10 * MIN), strikesAt);
  assertEquals(struck.heat, false);
  assertEquals(struck.forget, { kind: "unsteady", forMs: 10 * MIN });
  // What is said while we are connected counts, for as long again.
  const repeated = heatVerdict(wish(said(8 * MIN), 10 * MIN), strikesAt);
  assertEquals([repeated.heat, repeated.wakeAt], [true, 18 * MIN]);
  // The fight was over in time.
  assertEquals(heatVerdict(wish(said(0), 5 * MIN), 99 * MIN).heat, true);
});

Deno.test("statusMessage() says why heat is off after a fight, and who fights", () => {
  const { statusmsg } = said(
    desired({
      rival: RIVAL,
      forgotten: { kind: "unsteady", forMs: 10 * MIN },
      deaf: { from: 0, to: undefined },
    }),
    20 * MIN,
  );
  assertStringIncludes(statusmsg, "kept breaking for 10 min: heat is off");
  assertStringIncludes(statusmsg, RIVAL.reason);
});

Deno.test("heardChangesAt() comes to no moment twice", () => {
  const deaf = { from: 0, to: MIN };
  const wish = desired({ word: "off", deaf });
  assertEquals(heardChangesAt(wish, 6 * MIN - 1), 6 * MIN);
  assertEquals(heardChangesAt(wish, 6 * MIN), Infinity);
  assert(said(wish, 6 * MIN).wakeAt > 6 * MIN);
});

/** The shortest span of those that are told in the same words as this one. */
function borderOf(ms: number): number {
  let at = ms;
  while (span(at - 1) === span(ms)) at -= 1;
  return at;
}

Deno.test("deafInWords() counts the gap to the millisecond", () => {
  const lasted = borderOf(13 * MIN);
  const words = (to: number) =>
    deafInWords({ deaf: { from: 0, to }, rival: undefined }, {
      now: to,
      local: local("Wed 14:35"),
    });
  assertEquals(words(lasted), "Was without the broker for 13 min, until 14:35");
  assert(words(lasted - 1)?.includes("for 12 min"));
});

Deno.test("deafInWords() rounds the time of day to the nearest minute", () => {
  const words = (at: string) =>
    deafInWords({ deaf: { from: 0, to: MIN }, rival: undefined }, {
      now: MIN,
      local: local(at),
    });
  assert(words("Wed 14:35:30")?.endsWith("until 14:36"));
  assert(words("Wed 14:35:29.999")?.endsWith("until 14:35"));
});

Deno.test("unsteadyGap() is open until a connection has stood for long", () => {
  const open = { from: MIN, to: undefined };
  assertEquals(unsteadyGap({ deaf: undefined, rival: RIVAL }, 9 * MIN), open);
  const deaf = { from: 0, to: 2 * MIN };
  const steadyAt = 2 * MIN + STEADY_MS;
  assertEquals(unsteadyGap({ deaf, rival: RIVAL }, steadyAt - 1), open);
  const over = { from: MIN, to: steadyAt };
  assertEquals(unsteadyGap({ deaf, rival: RIVAL }, steadyAt), over);
  assertEquals(unsteadyGap({ deaf, rival: undefined }, steadyAt), undefined);
});

Deno.test("clearedChangesAt() is when the latest remark on leftovers that lasts has to go", () => {
  const cleared = (at: number) => ({ cleared: { count: 1, at } });
  const none = { cleared: undefined };
  assertEquals(clearedChangesAt([], 0), Infinity);
  assertEquals(
    clearedChangesAt([none, cleared(7), cleared(3)], 0),
    3 + 5 * MIN,
  );
  assertEquals(
    clearedChangesAt([cleared(7), cleared(3)], 3 + 5 * MIN),
    7 + 5 * MIN,
  );
  assertEquals(clearedChangesAt([cleared(7)], 7 + 5 * MIN), Infinity);
});

Deno.test("decide() wakes when the remark on leftovers has to go", () => {
  const one = facts({ cleared: { count: 2, at: 1_000 } });
  const wish = desired({ word: "off" });
  const at = 1_000 + 5 * MIN;
  assertEquals(decide(wish, observed([one]), at - 7).wakeAt, at);
});

Deno.test("statusMessage() says that a command may be lost, and until when heat waits for the next one", () => {
  const wish = (brokerLostAfterMs: number) =>
    desired({ word: "on", missedSince: MIN, heat: { brokerLostAfterMs } });
  const lost = "A command may have been lost with the connection";
  const { statusmsg, problem } = said(wish(10 * MIN), 5 * MIN);
  assertEquals(
    statusmsg,
    `${lost}: heat ends at 14:41, unless the thermostat speaks`,
  );
  assertEquals(problem, undefined);
  assertEquals(
    said(wish(Infinity), 5 * MIN).statusmsg,
    `${lost}: waiting for the thermostat's next word`,
  );
  // Then the failsafe is what is told.
  assertEquals(said(wish(10 * MIN), 11 * MIN).statusmsg, "OK");
  const forgotten = { kind: "missed", forMs: 10 * MIN } as const;
  const struck = said(desired({ forgotten }), 11 * MIN);
  const why = `${lost}, and none came for 10 min: heat is off until the ` +
    `thermostat speaks again`;
  assertEquals([struck.statusmsg, struck.problem], [why, why]);
  assertEquals(
    said(desired({ word: "off", missedSince: MIN }), 5 * MIN).statusmsg,
    "OK",
  );
});

Deno.test("statusMessage() says for a while for how long the controller stood still", () => {
  const asleep = (ms: number) =>
    desired({ word: "off", asleep: { from: 4 * MIN - ms, to: 4 * MIN } });
  const { statusmsg, wakeAt } = said(asleep(80 * S), 5 * MIN);
  assertEquals(statusmsg, "Stood still for 80 s, until 14:34");
  assertEquals(said(asleep(80 * S), 9 * MIN - 1).wakeAt, 9 * MIN);
  assertEquals(wakeAt <= 9 * MIN, true);
  assertEquals(said(asleep(80 * S), 9 * MIN).statusmsg, "OK");
  assertEquals(said(asleep(10 * S), 5 * MIN).statusmsg, "OK");
  const forgotten = { kind: "asleep", forMs: 6 * MIN } as const;
  const told = said(
    desired({ ...asleep(6 * MIN), word: undefined, forgotten }),
    5 * MIN,
  );
  assertEquals(told.statusmsg.includes("Stood still"), false);
});
