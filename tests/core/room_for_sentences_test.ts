/** What is left out of the sentence, so that the rest is read. */

import {
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { problemReason, statusMessage } from "../../lib/core/message.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import { crashed, desired, observed, running, S } from "./make.ts";

const NOW = 10 * S;
const ON = { word: "on" } as const;
const OFF = { word: "off" } as const;

function message(
  parts: Parameters<typeof desired>[0],
  one: CommandFacts,
): string {
  const wish = desired(parts);
  const seen = observed([one]);
  const decision = decide(wish, seen, NOW);
  const picture = { desired: wish, observed: seen, decision, now: NOW };
  return statusMessage({ ...picture, commandTopic: "h" });
}

Deno.test("statusMessage() tells of a usual stop only after two seconds, and of any other at once", () => {
  const said = (some: Partial<CommandFacts>) =>
    message(OFF, running(0, { signalledAt: NOW - 2 * S + 1, ...some }));
  const lives = "Stopping a: pid 100 still lives";
  assertEquals(said({}), "OK");
  assertEquals(said({ exitedAt: NOW - S }), "OK");
  assertEquals(said({ signalledAt: NOW - 2 * S }), lives);
  assertEquals(said({ kills: 1, killedAt: NOW }), lives);
  const killed = { killOnly: true, killedAt: NOW };
  assertEquals(said({ ...killed, kills: 1 }), "OK");
  assertEquals(said({ ...killed, kills: 2 }), lives);
  assertEquals(said({ lookError: "no /proc" }), `${lives} (no /proc)`);
  assertStringIncludes(said({ leftover: 1 }), "what an earlier run left");
  const left = { exitedAt: NOW, endedByItself: true, leftBehind: 1 };
  assertStringIncludes(said({ ...left, remaining: [] }), "ended by itself");
});

Deno.test("statusMessage() has room for each command that is locked out", () => {
  const commands = [{ name: "one" }, { name: "two" }, { name: "three" }];
  const wish = desired({ ...ON, commands });
  const lines = Array.from({ length: 5 }, (_, index) => `${index} `.repeat(30));
  const seen = (some: Partial<CommandFacts>) =>
    observed(
      commands.map(({ name }) =>
        crashed(NOW - S, { name, failures: 5, lastLines: lines, ...some })
      ),
    );
  for (
    const some of [
      { exit: { kind: "code", code: 3 } },
      { exit: { kind: "not_started", reason: "Cannot start ".repeat(20) } },
      { exit: { kind: "code", code: 0 }, leftBehind: 1 },
    ] as const
  ) {
    const now = NOW;
    const decision = decide(wish, seen(some), now);
    const picture = { desired: wish, observed: seen(some), decision, now };
    const text = statusMessage({ ...picture, commandTopic: "h" });
    assertLessOrEqual(text.length, 255);
    for (const { name } of commands) {
      assertMatch(
        text,
        new RegExp(`${name} failed 5 times in a row .*locked out until`),
      );
    }
    assertEquals(problemReason({ ...picture, commandTopic: "h" }), text);
  }
});

Deno.test("statusMessage() counts one process as one", () => {
  const exit = { kind: "code", code: 0 } as const;
  const left = (leftBehind: number) =>
    message(ON, crashed(NOW - S, { exit, leftBehind }));
  assertStringIncludes(left(1), "; left 1 process behind, which was stopped: ");
  assertStringIncludes(
    left(2),
    "; left 2 processes behind, which were stopped: ",
  );
});
