/** A fresh start of all commands, asked for by somebody who has looked after them. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import {
  crashed,
  desired,
  facts,
  MIN,
  observed,
  running,
  S,
  told,
} from "./make.ts";

const ASKED = 10 * MIN;

function decided(
  word: "on" | "off",
  command: ReturnType<typeof facts>,
  now = ASKED,
) {
  const wish = desired({
    word,
    restartAt: ASKED,
    heat: { minOnMs: 60 * MIN },
    commands: [{ lockoutFailures: 1, lockoutForMs: 60 * MIN }],
  });
  const { actions, verdicts } = decide(wish, observed([command]), now);
  return [told(actions), verdicts[0]?.kind];
}

Deno.test("decide() stops what ran before a fresh start was asked for, whatever min_on says", () => {
  assertEquals(decided("on", running(0)), [
    ["forgive a", "signal a polite"],
    "stopping",
  ]);
  const before = { forgivenAt: ASKED - 1 };
  assertEquals(decided("on", running(ASKED - 1, before)), [
    ["forgive a", "signal a polite"],
    "stopping",
  ]);
  const forgiven = { forgivenAt: ASKED };
  // What was started since is the fresh start.
  assertEquals(decided("on", running(ASKED, forgiven), ASKED + S), [
    [],
    "running",
  ]);
});

Deno.test("decide() starts what was locked out before a fresh start, and only with a demand", () => {
  const failed = crashed(ASKED - MIN);
  assertEquals(decided("on", failed)[1], "lockout");
  const forgiven = { ...failed, failures: 0, forgivenAt: ASKED };
  assertEquals(decided("on", forgiven), [["start a"], "running"]);
  assertEquals(decided("off", forgiven), [[], "idle"]);
  assertEquals(decided("off", failed)[0], ["forgive a"]);
});

Deno.test("decide() holds what fails after a fresh start as ever", () => {
  const again = crashed(ASKED + MIN, { forgivenAt: ASKED });
  assertEquals(decided("on", again, ASKED + MIN), [[], "lockout"]);
});

Deno.test("decide() lets what crashed before a fresh start rest no longer, and what crashed after it as ever", () => {
  const ended = (at: number) =>
    decided("on", crashed(at, { failures: 0, forgivenAt: ASKED }), ASKED + S);
  const starts: ReturnType<typeof decided> = [["start a"], "running"];
  assertEquals(ended(ASKED - S), starts);
  assertEquals(ended(ASKED), starts);
  assertEquals(ended(ASKED + 1), [[], "backoff"]);
});
