/** What an owner reads: every sentence, word for word. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import {
  cut,
  type Picture,
  problemReason,
  statusMessage,
} from "../../lib/core/message.ts";
import type {
  CommandFacts,
  Forgotten,
  HeatLimits,
} from "../../lib/core/types.ts";
import {
  crashed,
  desired,
  facts,
  local,
  MIN,
  observed,
  running,
  S,
} from "./make.ts";

type Parts = Parameters<typeof desired>[0];

const NOW = 10 * S;

function picture(parts: Parts, one = facts(), at = "Wed 12:00"): Picture {
  const wish = desired(parts);
  const seen = observed([one], local(at));
  const decision = decide(wish, seen, NOW);
  return {
    desired: wish,
    observed: seen,
    decision,
    now: NOW,
    commandTopic: "h",
  };
}

const message = (parts: Parts, one?: CommandFacts, at?: string) =>
  statusMessage(picture(parts, one, at));
const problem = (parts: Parts, one?: CommandFacts) =>
  problemReason(picture(parts, one));

const ON = { word: "on" } as const;
const OFF = { word: "off" } as const;

Deno.test("cut() leaves what fits, and shows where it has cut", () => {
  assertEquals(cut("12345678", 8), "12345678");
  assertEquals(cut("123456789", 8), "12345...");
  // No half of a character is left.
  assertEquals(cut("1234😀789", 8), "1234...");
});

Deno.test("statusMessage() uses all 255 characters, and no more", () => {
  const notice = "x".repeat(300);
  assertEquals(message({ ...OFF, notice }), `${"x".repeat(252)}...`);
  assertEquals(message({ ...OFF, notice: "x".repeat(255) }).length, 255);
});

Deno.test("statusMessage() tells how a command ended, and when it starts again", () => {
  const table: [Partial<CommandFacts>, string][] = [
    [{}, "exit code 1"],
    [{ exit: { kind: "signal", signal: "SIGSEGV" } }, "ended by SIGSEGV"],
    [{ exit: undefined }, "?"],
  ];
  for (const [some, how] of table) {
    assertEquals(
      message(ON, crashed(NOW, some)),
      `a ended by itself after 1 s (${how}): starts again in 5 s`,
    );
    assertEquals(
      message(ON, crashed(NOW, { ...some, failures: 5 })),
      `a failed 5 times in a row (${how}): locked out until 12:30`,
    );
  }
});

Deno.test("statusMessage() quotes the end of what a command printed, cut at 60 characters", () => {
  const quoted = (lastLines: string[]) =>
    message(ON, crashed(NOW, { lastLines })).match(/"(?:.* )?(.*)"/)?.[1];
  assertEquals(quoted(["one", "two", "three"]), "three");
  assertEquals(quoted(["x".repeat(60)]), "x".repeat(60));
  assertEquals(quoted(["x".repeat(61)]), `${"x".repeat(57)}...`);
});

Deno.test("statusMessage() tells why a start failed, cut so that there is room for what follows", () => {
  const failed = (reason: string) =>
    message(
      ON,
      facts({
        startedAt: NOW,
        exitedAt: NOW,
        emptyAt: NOW,
        exit: { kind: "not_started", reason },
        endedByItself: true,
        failures: 2,
        lastLines: ["of an earlier run"],
      }),
    );
  assertEquals(failed("No x"), "No x; next try in 10 s");
  const long = "x".repeat(200);
  assertEquals(failed(long), `${long}; next try in 10 s`);
  assertEquals(
    failed(`${long}x`),
    `${"x".repeat(197)}...; next try in 10 s`,
  );
});

Deno.test("statusMessage() names up to three of those that live, and counts the rest", () => {
  const living = (count: number, some: Partial<CommandFacts> = {}) => {
    const remaining = Array.from({ length: count }, (_, index) => ({
      pid: index + 1,
      name: "w",
    }));
    const signalledAt = NOW - 2 * S;
    return message(OFF, running(0, { signalledAt, remaining, ...some }));
  };
  const three = "pid 1 (w), pid 2 (w), pid 3 (w)";
  assertEquals(living(0), "Stopping a: pid 100 still lives");
  assertEquals(living(1), "Stopping a: pid 1 (w) still lives");
  assertEquals(living(3), `Stopping a: ${three} still lives`);
  assertEquals(living(4), `Stopping a: ${three} and 1 more still lives`);
  assertEquals(living(9), `Stopping a: ${three} and 6 more still lives`);
  assertEquals(
    living(0, { lookError: "no /proc" }),
    "Stopping a: pid 100 still lives (no /proc)",
  );
});

Deno.test("statusMessage() tells a look after an end unasked for from a stop", () => {
  const gone = {
    exitedAt: NOW,
    exit: { kind: "code", code: 3 },
    endedByItself: true,
  } as const;
  assertEquals(
    message(ON, running(0, gone)),
    "a ended by itself (exit code 3): looking for what it left behind",
  );
  const left = { ...gone, remaining: [{ pid: 7, name: "w" }] };
  assertEquals(
    message(ON, running(0, left)),
    "Stopping a: pid 7 (w) still lives",
  );
  assertEquals(
    message(OFF, running(0, { signalledAt: 0, exitedAt: NOW })),
    "Stopping a: looking for what it left behind",
  );
});

Deno.test("statusMessage() says what does not die, and how often it was killed", () => {
  const stuck = running(0, {
    signalledAt: -10 * S,
    killedAt: NOW,
    kills: 4,
    lookingSince: NOW,
  });
  const said = "a does not die: pid 100 still lives, killed 4 times so far";
  assertEquals(message(OFF, stuck), said);
  assertEquals(problem(OFF, stuck), said);
});

Deno.test("statusMessage() names no leader whose end is known, whatever an older look showed", () => {
  const ended = { signalledAt: 0, exitedAt: NOW, lookedAt: NOW - 1 };
  const leader = { pid: 100, name: "w" };
  const looking = "Stopping a: looking for what it left behind";
  const remaining = [leader];
  assertEquals(message(OFF, running(0, { ...ended, remaining })), looking);
  const child = { pid: 101, name: "w" };
  assertEquals(
    message(OFF, running(0, { ...ended, remaining: [leader, child] })),
    "Stopping a: pid 101 (w) still lives",
  );
  const { exitedAt: _, ...lives } = ended;
  assertEquals(
    message(OFF, running(0, { ...lives, remaining })),
    "Stopping a: pid 100 (w) still lives",
  );
});

Deno.test("statusMessage() says that the operating system does not answer", () => {
  const silent = { lookingSince: NOW - 2 * S };
  const asked = running(0, { signalledAt: 0, ...silent });
  const why = "the operating system does not answer";
  assertEquals(
    message(OFF, asked),
    `Stopping a: pid 100 still lives (${why})`,
  );
  const ended = { ...silent, exitedAt: NOW - 2 * S };
  assertEquals(
    message(OFF, running(0, { signalledAt: 0, ...ended })),
    `Stopping a: looking for what it left behind (${why})`,
  );
  const crash = {
    exit: { kind: "code", code: 3 },
    endedByItself: true,
  } as const;
  assertEquals(
    message(ON, running(0, { ...ended, ...crash })),
    `a ended by itself (exit code 3): looking for what it left behind (${why})`,
  );
  assertEquals(
    message(OFF, running(0, { leftover: 2, ...silent, pid: 7 })),
    `Stopping what an earlier run left of a: pid 7 still lives (${why})`,
  );
});

Deno.test("statusMessage() says of what cannot be proven gone why, and who is known to live", () => {
  const stuck = { signalledAt: -10 * S, killedAt: NOW, kills: 4 };
  const gone = { ...stuck, exitedAt: 0 };
  const said = (some: Partial<CommandFacts>) => {
    const one = running(-60 * S, some);
    assertEquals(problem(OFF, one), message(OFF, one));
    return message(OFF, one);
  };
  const why = "the operating system does not answer";
  assertEquals(
    said({ ...gone, lookingSince: 0 }),
    `a cannot be proven gone: ${why}, killed 4 times so far`,
  );
  assertEquals(
    said({ ...gone, lookingSince: NOW }),
    "a cannot be proven gone: no look has shown it yet, killed 4 times so far",
  );
  const remaining = [{ pid: 7, name: "w" }];
  assertEquals(
    said({ ...gone, remaining, lookingSince: 0 }),
    `a does not die: pid 7 (w) still lives, killed 4 times so far (${why})`,
  );
});

Deno.test("statusMessage() tells of the crash until the longest hold is over", () => {
  const said = (heat: Partial<HeatLimits>, at = NOW) => {
    const wish = { ...ON, heat };
    const one = crashed(at, { exit: { kind: "code", code: 3 } });
    return [message(wish, one), problem(wish, one)];
  };
  const ended = "a ended by itself after 1 s (exit code 3): starts again in";
  assertEquals(said({ minOffMs: 20 * S }), [`${ended} 20 s`, undefined]);
  assertEquals(said({ staggerMs: 31 * S }), [`${ended} 30 s`, undefined]);
  // The rest is over, and min_off is not.
  assertEquals(said({ minOffMs: 20 * S }, NOW - 9 * S), [
    `${ended} 20 s`,
    undefined,
  ]);
  // Beyond the grace nobody is told that it heats.
  const late = `${ended} 2 min`;
  assertEquals(said({ minOffMs: 2 * MIN + S }), [late, late]);
});

Deno.test("statusMessage() rounds the end of a hold to the minute", () => {
  const hold = (minOffMs: number, at: string) =>
    message({ ...ON, heat: { minOffMs } }, facts({ aliveUntil: NOW }), at);
  const said = (time: string) => `a keeps its min_off until ${time}`;
  assertEquals(hold(5 * MIN, "Wed 12:00"), said("12:05"));
  assertEquals(hold(5 * MIN, "Wed 12:00:29.999"), said("12:05"));
  assertEquals(hold(5 * MIN, "Wed 12:00:30"), said("12:06"));
  assertEquals(hold(24 * 60 * MIN, "Wed 12:00"), said("Thu 12:00"));
  assertEquals(
    hold(Infinity, "Wed 12:00"),
    "a keeps its min_off for ever",
  );
});

Deno.test("statusMessage() names each hold", () => {
  const quietHours = [{ days: [3], fromMinute: 0, toMinute: 19 * 60 }];
  const minOn = { ...OFF, heat: { minOnMs: MIN } };
  assertEquals(
    message({ ...ON, commands: [{ quietHours }] }),
    "a keeps its quiet hours until 19:00",
  );
  assertEquals(
    message(minOn, running(NOW)),
    "a keeps its min_on until 12:01",
  );
  assertEquals(
    message(
      { ...ON, heat: { staggerMs: MIN } },
      facts({ startedAt: NOW, emptyAt: NOW }),
    ),
    "a waits for its turn",
  );
  // A hold without a known end is named all the same.
  const shown = picture(minOn, running(NOW));
  const verdicts = shown.decision.verdicts.map((verdict) => ({
    ...verdict,
    until: undefined,
  }));
  assertEquals(
    statusMessage({ ...shown, decision: { ...shown.decision, verdicts } }),
    "a keeps its min_on",
  );
});

Deno.test("statusMessage() says for how long, by the rounding of all spans", () => {
  const fresh = "heat is off until the thermostat speaks again";
  const says = (forgotten: Forgotten) => message({ forgotten });
  // The moment at which seconds become minutes.
  const spans: [number, string][] = [[119_499, "119 s"], [119_500, "2 min"]];
  for (const [forMs, span] of spans) {
    assertEquals(
      says({ kind: "broker_lost", forMs }),
      `No broker for ${span}: ${fresh}`,
    );
    assertEquals(
      says({ kind: "thermostat_offline", forMs }),
      `Home Assistant is offline for ${span}: ${fresh}`,
    );
    assertEquals(
      says({ kind: "silent", forMs }),
      `No word from the thermostat for ${span}: ${fresh}`,
    );
    assertEquals(
      says({ kind: "asleep", forMs }),
      `The machine slept for ${span}: ${fresh}`,
    );
    const word = { demand: "on", at: 0, since: -10 * MIN } as const;
    const maxOn = `Heat was on for ${span} (max_on): off until the ` +
      `thermostat says OFF and then ON`;
    assertEquals(message({ word, heat: { maxOnMs: forMs } }), maxOn);
    assertEquals(problem({ word, heat: { maxOnMs: forMs } }), maxOn);
  }
  assertEquals(
    says({ kind: "deleted", forMs: 600_000 }),
    `This rig was removed from Home Assistant 10 min ago: ${fresh}`,
  );
  assertEquals(
    says({ kind: "withdrawn" }),
    `Home Assistant has no switch of this rig any more (discovery = "off"): ` +
      fresh,
  );
  assertEquals(
    says({ kind: "shutdown_failed", reason: "no right" }),
    `Cannot power the machine off (no right): ${fresh}`,
  );
});

Deno.test("statusMessage() says nothing of what strikes at this moment: the word is forgotten first", () => {
  const deaf = { from: -100 * MIN, to: undefined };
  const word = { demand: "on", at: -100 * MIN, since: 0 } as const;
  assertEquals(message({ word, deaf }), "OK");
});

Deno.test("statusMessage() says what follows if somebody removes the rig from Home Assistant while it heats", () => {
  const removed = "Somebody removed this rig from Home Assistant: the " +
    "thermostat's next word announces it again";
  const never = { thermostatOfflineAfterMs: Infinity };
  for (const says of [message, problem]) {
    assertEquals(
      says({ ...ON, deletedAt: NOW }, running(0)),
      `${removed}; without one within 10 min heat goes off`,
    );
    assertEquals(
      says({ ...ON, deletedAt: NOW, heat: never }, running(0)),
      removed,
    );
  }
  assertEquals(message({ ...OFF, deletedAt: NOW }), "OK");
});

Deno.test("problemReason() speaks of a forgotten word only until there is a new one", () => {
  const forgotten: Forgotten = { kind: "silent", forMs: MIN };
  assertEquals(problem({ forgotten })?.startsWith("No word"), true);
  assertEquals(problem({ forgotten, ...ON }), undefined);
  assertEquals(problem({ forgotten, ...OFF }), undefined);
});

Deno.test("problemReason() speaks of a crash only if its rest is longer than the grace", () => {
  const one = crashed(NOW);
  const heat = (crashGraceMs: number) => ({ ...ON, heat: { crashGraceMs } });
  assertEquals(problem(heat(5 * S), one), undefined);
  assertEquals(
    problem(heat(5 * S - 1), one),
    "a ended by itself after 1 s (exit code 1): starts again in 5 s",
  );
});

Deno.test("statusMessage() and problemReason() say how often the controller died, whatever is wanted", () => {
  const crashHold = { until: NOW + 29 * MIN, ends: 5 };
  const said =
    "The controller ended 5 times within 60 min without an orderly stop: " +
    "heat is held until 12:29, see its log";
  for (const word of [ON, OFF, {}]) {
    assertEquals(message({ ...word, crashHold }), said);
    assertEquals(problem({ ...word, crashHold }), said);
  }
  assertEquals(
    problem({ ...ON, crashHold: { ...crashHold, ends: undefined } }),
    "How the controller ended before cannot be read: heat is held until 12:29, see its log",
  );
  assertEquals(
    problem({ ...ON, crashHold: { until: NOW, ends: 5 } }),
    undefined,
  );
});
