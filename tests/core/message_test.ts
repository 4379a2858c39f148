import { assert, assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { problemReason, statusMessage } from "../../lib/core/message.ts";
import type { CommandFacts, Desired } from "../../lib/core/types.ts";
import { crashed, desired, facts, MIN, observed, running } from "./make.ts";

function said(wish: Desired, facts: CommandFacts, now: number): string {
  const seen = observed([facts]);
  const decision = decide(wish, seen, now);
  return statusMessage({
    desired: wish,
    observed: seen,
    decision,
    now,
    commandTopic: "h",
  });
}

Deno.test("statusMessage() names what does not die before all other problems", () => {
  const names = ["rig_in_the_garage", "rig_in_the_cellar", "old_cards"];
  const wish = desired({
    word: "off",
    commands: names.map((name) => ({ name })),
  });
  const lastLines = ["CUDA error: out of memory ".repeat(9)];
  const now = MIN;
  const seen = observed([
    crashed(now, { name: "rig_in_the_garage", failures: 5, lastLines }),
    crashed(now, { name: "rig_in_the_cellar", failures: 5, lastLines }),
    running(0, {
      name: "old_cards",
      signalledAt: 0,
      terminatedAt: 5_000,
      killedAt: now,
      kills: 3,
      lookedAt: now,
      looks: 9,
      remaining: [{ pid: 4711, name: "miner" }],
    }),
  ]);
  const decision = decide(wish, seen, now);
  const picture = {
    desired: wish,
    observed: seen,
    decision,
    now,
    commandTopic: "h",
  };
  for (const text of [statusMessage(picture), problemReason(picture) ?? ""]) {
    assert(text.startsWith("old_cards does not die: pid 4711"), text);
    assert(text.length <= 255, text);
  }
});

Deno.test("statusMessage() is one line, whatever a program calls itself", () => {
  const left = running(0, { leftover: 2, signalledAt: 0, lookedAt: 1 });
  const remaining = [{ pid: 7, name: "x\n\u001b[2J\u0000m" }];
  assertEquals(
    said(desired(), { ...left, remaining }, 2),
    "Waiting for the first ON or OFF on h; Stopping what an earlier run left of a: " +
      "pid 7 (x [2J m) still lives",
  );
});

Deno.test("statusMessage() tells what an earlier run left, while it is stopped and for a while after", () => {
  const left = running(0, { leftover: 1, signalledAt: 0, lookedAt: 1 });
  assertEquals(
    said(desired(), { ...left, remaining: [{ pid: 7, name: "xmrig" }] }, 2),
    "Waiting for the first ON or OFF on h; Stopping what an earlier run left of a: " +
      "pid 7 (xmrig) still lives",
  );
  const gone = {
    ...left,
    exitedAt: 100,
    emptyAt: 100,
    cleared: { count: 2, at: 100 },
  };
  const text = "Stopped 2 processes of a that an earlier run left";
  assertEquals(said(desired({ word: "off" }), gone, 100), text);
  assertEquals(said(desired({ word: "off" }), gone, 99 + 5 * MIN), text);
  assertEquals(said(desired({ word: "off" }), gone, 100 + 5 * MIN), "OK");
  const one = { ...gone, cleared: { count: 1, at: 100 } };
  assert(said(desired({ word: "off" }), one, 100).includes("1 process of a"));
});

Deno.test("statusMessage() says of a program that it put itself into the background", () => {
  const hidden = crashed(0, { leftBehind: 3, exit: { kind: "code", code: 0 } });
  const text = said(desired({ word: "on" }), hidden, 1);
  assert(text.includes("left 3 processes behind, which were stopped"), text);
  const told = said(
    desired({ word: "on" }),
    { ...hidden, advice: "Remove -B from args" },
    1,
  );
  assert(told.endsWith("stopped: Remove -B from args"), told);
});

Deno.test("statusMessage() tells as many of the last lines as fit, the newest for sure", () => {
  const lastLines = ["one", "", "two", "x".repeat(50), "no pools"];
  const once = said(desired({ word: "on" }), crashed(0, { lastLines }), 1);
  assert(once.includes(`last lines "no pools")`), once);
  const given = crashed(0, { lastLines, failures: 5 });
  const locked = said(desired({ word: "on" }), given, 1);
  const all = `last lines "one | two | ${"x".repeat(50)} | no pools"`;
  assert(locked.includes(all), locked);
});

Deno.test("statusMessage() and problemReason() name what the broker does not let us read or write", () => {
  const wish = {
    ...desired({ word: "off" }),
    denied: { read: [], write: ["h/status"] },
  };
  const text = "The broker does not let this rig write h/status: allow it " +
    "(kolikko acl prints the lines)";
  assertEquals(said(wish, running(0, { emptyAt: 1, exitedAt: 1 }), 2), text);
  const seen = observed([running(0, { emptyAt: 1, exitedAt: 1 })]);
  const both = {
    ...wish,
    denied: { read: ["h"], write: ["h/status", "h/problem"] },
  };
  assertEquals(
    problemReason({
      desired: both,
      observed: seen,
      decision: decide(both, seen, 2),
      now: 2,
      commandTopic: "h",
    }),
    "What is said on h does not reach this rig: allow it to read and write " +
      `there; ${text.replace("h/status", "h/status and 1 more")}`,
  );
});

Deno.test("statusMessage() says a level with one decimal while all rest", () => {
  const wish = desired({ word: "on" });
  const seen = observed([facts()]);
  const decision = decide(wish, seen, MIN);
  const words = (level?: number) =>
    statusMessage({
      desired: {
        ...wish,
        word: {
          demand: "on",
          at: 0,
          since: 0,
          ...level === undefined ? {} : { level },
        },
      },
      observed: seen,
      decision: {
        ...decision,
        verdicts: decision.verdicts.map((one) => ({ ...one, kind: "stage" })),
      },
      now: MIN,
      commandTopic: "h",
    });
  assertEquals(words(100 / 3), "a rests, as the level is 33.3 %");
  assertEquals(words(40), "a rests, as the level is 40 %");
  assertEquals(words(), "a rests, as the level is 100 %");
});
