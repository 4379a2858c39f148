import { assert, assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { isEngaged, isOver, report } from "../../lib/core/report.ts";
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
  TOPICS,
} from "./make.ts";

function reported(
  wish: Desired,
  commands: readonly CommandFacts[],
  now: number,
): Record<string, string> {
  const seen = observed(commands, local("Wed 12:00"));
  const decision = decide(wish, seen, now);
  const options = { desired: wish, observed: seen, decision, now };
  return Object.fromEntries(report({ ...options, topics: TOPICS }));
}

Deno.test("report() says ON while anything lives, and OFF only with the proof", () => {
  const off = desired({ word: "off" });
  const stopping = { signalledAt: 100, exitedAt: 200 };
  const table: [CommandFacts, string][] = [
    [facts(), "OFF"],
    [running(0), "ON"],
    [running(0, stopping), "ON"],
    [running(0, { ...stopping, remaining: [{ pid: 9, name: "x" }] }), "ON"],
    [running(0, { ...stopping, emptyAt: 220 }), "OFF"],
  ];
  for (const [one, expected] of table) {
    assertEquals(reported(off, [one], 300)["h/status"], expected);
  }
});

Deno.test("report() names what still lives until the proof", () => {
  const payloads = reported(desired({ word: "off" }), [
    running(0, {
      signalledAt: 100,
      exitedAt: 200,
      lookedAt: 250,
      looks: 1,
      remaining: [{ pid: 42, name: "worker" }],
    }),
  ], 2_100);
  assert(payloads["h/statusmsg"]?.includes("pid 42 (worker)"));
  assertEquals(payloads["h/command/a/state"], "stopping");
});

Deno.test("report() keeps ON over a crash while a restart is due within the grace", () => {
  const on = desired({ word: "on" });
  const at = (now: number, failures: number) =>
    reported(on, [crashed(1_000, { failures })], now);
  assertEquals(at(1_001, 1)["h/status"], "ON");
  assertEquals(at(1_001, 1)["h/command/a/state"], "restarting");
  // 5, 10, 20, 40 seconds are within a minute, 80 are not.
  assertEquals(at(1_001, 4)["h/status"], "ON");
  const locked = desired({ word: "on", commands: [{ lockoutFailures: 9 }] });
  const fifth = reported(locked, [crashed(1_000, { failures: 5 })], 1_001);
  assertEquals(fifth["h/status"], "OFF");
  assert(fifth["h/problem"]?.includes('"problem":"ON"'));
  assert(at(1_001, 4)["h/problem"]?.includes('"problem":"OFF"'));
});

Deno.test("report() keeps status ON through a crash whose restart is due within the grace, whatever holds it", () => {
  const said = (heat: Parameters<typeof desired>[0], now: number) => {
    const wish = desired({ word: "on", ...heat });
    return reported(wish, [crashed(1_000)], now)["h/status"];
  };
  const held = (ms: number) => [
    { heat: { minOffMs: ms } },
    // It was started a second before it crashed.
    { heat: { staggerMs: ms + S } },
  ];
  for (const parts of held(20 * S)) {
    // The rest of five seconds is over in between: status must not flap.
    for (const now of [1_000, 5_999, 6_000, 20_999]) {
      assertEquals(said(parts, now), "ON", `at ${now}`);
    }
  }
  for (const parts of held(MIN)) assertEquals(said(parts, 1_000), "ON");
  for (const parts of held(MIN + 1)) assertEquals(said(parts, 1_000), "OFF");
});

Deno.test("report() ends the grace at its millisecond", () => {
  const wish = desired({
    word: "on",
    heat: { crashGraceMs: 5 * S, minOffMs: 0 },
  });
  const seen = observed([crashed(1_000)]);
  const engaged = (now: number) => {
    const decision = decide(wish, seen, now);
    return isEngaged({ desired: wish, observed: seen, decision });
  };
  assertEquals(engaged(5_999), true);
  // The restart is due now: the decision starts it, nothing runs yet.
  assertEquals(engaged(6_000), false);
  const shorter = desired({ word: "on", heat: { crashGraceMs: 5 * S - 1 } });
  const decision = decide(shorter, seen, 1_001);
  assertEquals(
    isEngaged({ desired: shorter, observed: seen, decision }),
    false,
  );
});

Deno.test("report() gives no grace to a command that never ran, is locked out or not wanted", () => {
  const never = facts({
    startedAt: 1_000,
    exitedAt: 1_000,
    emptyAt: 1_000,
    exit: { kind: "not_started", reason: 'Cannot find "x"' },
    endedByItself: true,
    failures: 1,
  });
  const on = desired({ word: "on" });
  const failed = reported(on, [never], 1_001);
  assertEquals(failed["h/status"], "OFF");
  assert(failed["h/statusmsg"]?.startsWith('Cannot find "x"'));
  assert(failed["h/problem"]?.includes('"problem":"ON"'));
  const locked = reported(on, [crashed(1_000, { failures: 5 })], 1_001);
  assertEquals(locked["h/status"], "OFF");
  assertEquals(locked["h/command/a/state"], "failed");
  const off = reported(desired({ word: "off" }), [crashed(1_000)], 1_001);
  assertEquals(off["h/status"], "OFF");
});

Deno.test("report() says OFF while quiet hours or min off hold a command, and until when", () => {
  const quietHours = [{ days: [3], fromMinute: 0, toMinute: 19 * 60 }];
  const quiet = reported(
    desired({ word: "on", commands: [{ quietHours }] }),
    [facts()],
    1_000,
  );
  assertEquals(quiet["h/status"], "OFF");
  assertEquals(quiet["h/statusmsg"], "a keeps its quiet hours until 19:00");
  assertEquals(quiet["h/command/a/state"], "held");
  const rest = reported(
    desired({ word: "on", heat: { minOffMs: 5 * MIN } }),
    [facts({ startedAt: 0, emptyAt: 900, aliveUntil: 900 })],
    1_000,
  );
  assertEquals(rest["h/status"], "OFF");
  assertEquals(rest["h/statusmsg"], "a keeps its min_off until 12:05");
});

Deno.test("report() says OK when all is well", () => {
  const on = reported(desired({ word: "on" }), [running(0)], 5);
  assertEquals(on["h/statusmsg"], "OK");
  assertEquals(on["h/problem"], '{"problem":"OFF","reason":null}');
  const off = reported(desired({ word: "off" }), [facts()], 5);
  assertEquals(off["h/statusmsg"], "OK");
});

Deno.test("report() says what is awaited before the first word", () => {
  const payloads = reported(desired(), [facts()], 5);
  assertEquals(payloads["h/statusmsg"], "Waiting for the first ON or OFF on h");
  assertEquals(payloads["h/status"], "OFF");
});

Deno.test("report() never exceeds 255 characters, whatever went wrong", () => {
  const names = Array.from({ length: 20 }, (_, index) => `miner${index}`);
  const payloads = reported(
    desired({
      word: "on",
      commands: names.map((name) => ({ name })),
      notice: "x".repeat(300),
    }),
    names.map((name) =>
      crashed(0, { name, failures: 7, lastLines: ["😀".repeat(500)] })
    ),
    5,
  );
  const message = payloads["h/statusmsg"] ?? "";
  assert(message.length <= 255 && message.length > 200, message);
  assert(!/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(message), message);
});

Deno.test("report() tells the last lines of a command only after it ended by itself", () => {
  const lastLines = ["CUDA error: out of memory"];
  const wish = desired({ word: "on" });
  const healthy = reported(wish, [running(0, { lastLines })], 5);
  assertEquals(JSON.parse(healthy["h/command/a"] ?? "").last_line, null);
  const locked = crashed(0, { failures: 5, lastLines });
  const failed = reported(wish, [locked], 5);
  assert(failed["h/statusmsg"]?.includes("CUDA error"), failed["h/statusmsg"]);
  assert(failed["h/statusmsg"]?.includes("until 12:30"));
});

Deno.test("report() explains each reason why heat is off", () => {
  const table: [Parameters<typeof desired>[0], string][] = [
    [
      { forgotten: { kind: "broker_lost", forMs: 10 * MIN } },
      "No broker for 10 min",
    ],
    [
      { forgotten: { kind: "silent", forMs: MIN } },
      "No word from the thermostat for 60 s",
    ],
    [{ forgotten: { kind: "thermostat_offline", forMs: MIN } }, "offline"],
    [{ forgotten: { kind: "asleep", forMs: 400 * MIN } }, "6 h 40 min"],
    [
      { forgotten: { kind: "shutdown_failed", reason: "no right" } },
      "no right",
    ],
    [{ word: "on", heat: { maxOnMs: 1 } }, "max_on"],
    [{ word: "on", shutdown: "begun" }, "Shutting the machine down"],
    [{ word: "on", ending: "stop" }, "ending"],
    [{ word: "off", notice: 'Refused "x"' }, 'Refused "x"'],
    [{ word: "off", waiting: 'A retained "ON"' }, 'A retained "ON"'],
  ];
  for (const [parts, phrase] of table) {
    const message = reported(desired(parts), [facts()], 5)["h/statusmsg"];
    assert(message?.includes(phrase), message);
  }
});

Deno.test("isOver() waits for the proof", () => {
  const wish = desired({ word: "on", ending: "stop" });
  const over = (one: CommandFacts) => {
    const seen = observed([one]);
    return isOver(seen, decide(wish, seen, 500));
  };
  assertEquals(over(running(0, { signalledAt: 1, exitedAt: 2 })), false);
  assertEquals(over(running(0, { exitedAt: 2, emptyAt: 3 })), true);
  assertEquals(over(facts()), true);
});

Deno.test("report() echoes the level as it was asked for, and 0 while no word counts", () => {
  const level = (word: Desired["word"]) =>
    reported(desired({ word }), [running(0)], S)[TOPICS.level];
  assertEquals(level(undefined), "0");
  const said = { at: 0, since: 0 };
  assertEquals(level({ demand: "off", ...said }), "0");
  assertEquals(level({ demand: "on", ...said }), "100");
  assertEquals(level({ demand: "on", level: 43.7, ...said }), "43.7");
  assertEquals(level({ demand: "on", level: 66, ...said }), "66");
});

Deno.test("report() tells since when the longest run heats, and null while nothing does", () => {
  const [early, late] = [
    "2026-11-25T06:00:00.000Z",
    "2026-11-25T07:00:00.000Z",
  ];
  const since = (...commands: CommandFacts[]) => {
    const wish = desired({
      word: "on",
      commands: commands.map(({ name }) => ({ name })),
    });
    const { [TOPICS.telemetry]: text = "{}" } = reported(wish, commands, S);
    return JSON.parse(text).heating_since;
  };
  const one = (name: string, startedOn?: string) =>
    running(0, { name, startedOn });
  assertEquals(since(one("a", late), one("b", early)), early);
  assertEquals(since(one("a"), one("b", late)), late);
  assertEquals(since(one("a")), null);
  assertEquals(since({ ...one("a", early), emptyAt: 10 }), null);
});

Deno.test("report() tells the delivered part of full heat in whole percent, and 0 while none is wanted", () => {
  const percent = (average: number | undefined) => {
    const wish = desired({ word: "on" });
    const seen = observed([running(0)]);
    const { level, ...decision } = decide(wish, seen, S);
    if (level === undefined) throw new Error("There is no level");
    const payloads = report({
      desired: wish,
      observed: seen,
      decision: {
        ...decision,
        level: average === undefined ? undefined : { ...level, average },
      },
      now: S,
      topics: TOPICS,
    });
    return JSON.parse(payloads.get(TOPICS.telemetry) ?? "{}").effective_percent;
  };
  assertEquals([undefined, 0, 0.125, 0.5, 1].map(percent), [0, 0, 13, 50, 100]);
});
