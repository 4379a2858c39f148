/** What is told of each command, and of a rig with several. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { isEngaged, isOver, report, stateOf } from "../../lib/core/report.ts";
import type {
  CommandFacts,
  Desired,
  Verdict,
  VerdictKind,
} from "../../lib/core/types.ts";
import {
  crashed,
  desired,
  facts,
  observed,
  running,
  S,
  TOPICS,
} from "./make.ts";

function told(wish: Desired, one: CommandFacts): unknown {
  const seen = observed([one]);
  const decision = decide(wish, seen, 1_001);
  const payloads = report({
    desired: wish,
    observed: seen,
    decision,
    now: 1_001,
    topics: TOPICS,
  });
  return JSON.parse(payloads.get("h/command/a") ?? "");
}

Deno.test("report() tells everything of a command that rests, runs or crashed", () => {
  const nothing = {
    state: "stopped",
    running: "OFF",
    wanted: "OFF",
    verdict: "idle",
    pid: null,
    failures: 0,
    restarts: 0,
    "last_exit": null,
    "last_line": null,
    "hashrate_khs": 0,
    accepted: null,
    rejected: null,
    stale: null,
    "power_w": 0,
    "power_source": null,
    "temperature_c": null,
    "energy_kwh": 0,
    "heat_hours": 0,
    starts: 0,
    proven: "OFF",
    algorithm: null,
    pool: null,
    others: [],
    "api_fault": null,
  };
  assertEquals(told(desired({ word: "off" }), facts()), nothing);
  const on = desired({ word: "on" });
  // Of what runs and is not read nothing is known.
  const runs = {
    ...nothing,
    state: "running",
    running: "ON",
    wanted: "ON",
    "hashrate_khs": null,
    "power_w": null,
    proven: null,
  };
  const lastLines = ["one", "two", "three"];
  assertEquals(told(on, running(0, { restarts: 3, lastLines })), {
    ...runs,
    verdict: "running",
    pid: 100,
    restarts: 3,
  });
  assertEquals(told(on, running(0, { pid: undefined })), {
    ...runs,
    verdict: "running",
  });
  const fell = {
    ...nothing,
    state: "restarting",
    wanted: "ON",
    verdict: "backoff",
    failures: 2,
    "last_exit": "exit code 1",
  };
  const crash = { failures: 2, pid: 7 };
  assertEquals(told(on, crashed(1_000, crash)), fell);
  assertEquals(told(on, crashed(1_000, { ...crash, lastLines })), {
    ...fell,
    "last_line": "three",
  });
});

Deno.test("stateOf() has a word for each verdict", () => {
  const state = (kind: VerdictKind, one = facts()) => {
    const verdict: Verdict = {
      command: "a",
      kind,
      wanted: true,
      until: undefined,
    };
    return stateOf(verdict, one);
  };
  const table: [VerdictKind, string][] = [
    ["idle", "stopped"],
    ["running", "starting"],
    ["stagger", "starting"],
    ["min_off", "held"],
    ["quiet_hours", "held"],
    ["backoff", "restarting"],
    ["lockout", "failed"],
    ["stopping", "stopping"],
    ["stuck", "stopping"],
  ];
  for (const [kind, expected] of table) {
    assertEquals(state(kind), expected, kind);
  }
  assertEquals(state("running", running(0)), "running");
  assertEquals(state("min_on", running(0)), "running");
});

function engaged(
  parts: Parameters<typeof desired>[0],
  commands: readonly CommandFacts[],
): boolean {
  const wish = desired({
    word: "on",
    commands: commands.map(({ name }) => ({ name })),
    ...parts,
  });
  const seen = observed(commands);
  const decision = decide(wish, seen, 1_001);
  return isEngaged({ desired: wish, observed: seen, decision });
}

Deno.test("isEngaged() is true while one of several commands lives, whichever", () => {
  const a = facts({ name: "a" });
  const b = facts({ name: "b" });
  const off = { word: "off" } as const;
  assertEquals(engaged(off, [running(0, { name: "a" }), b]), true);
  assertEquals(engaged(off, [a, running(0, { name: "b" })]), true);
  assertEquals(engaged(off, [a, b]), false);
});

Deno.test("isEngaged() keeps the grace if one of several commands is due again", () => {
  const a = crashed(1_000, { name: "a" });
  const locked = (name: string) => crashed(1_000, { name, failures: 5 });
  assertEquals(engaged({}, [a, locked("b")]), true);
  assertEquals(engaged({}, [locked("a"), crashed(1_000, { name: "b" })]), true);
  assertEquals(engaged({}, [locked("a"), locked("b")]), false);
});

Deno.test("isEngaged() gives no grace to a lockout, however short, nor to a start that failed", () => {
  const locked = crashed(1_000, { failures: 5 });
  assertEquals(engaged({ commands: [{ lockoutForMs: S }] }, [locked]), false);
  const failed = facts({
    startedAt: 1_000,
    exitedAt: 1_000,
    emptyAt: 1_000,
    endedByItself: true,
    failures: 1,
    // Of a run before that.
    aliveUntil: 900,
  });
  assertEquals(engaged({}, [failed]), false);
});

Deno.test("isOver() waits for the proof of every command", () => {
  const wish = desired({
    ending: "stop",
    commands: [{ name: "a" }, { name: "b" }],
  });
  const over = (commands: readonly CommandFacts[]) => {
    const seen = observed(commands);
    return isOver(seen, decide(wish, seen, 1));
  };
  const rests = (name: string) => facts({ name });
  const runs = (name: string) => running(0, { name });
  assertEquals(over([runs("a"), rests("b")]), false);
  assertEquals(over([rests("a"), runs("b")]), false);
  assertEquals(over([rests("a"), rests("b")]), true);
});
