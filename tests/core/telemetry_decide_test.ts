/** What is told, on its way through decide() and report(). */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { factsBefore } from "../../lib/core/facts.ts";
import { failuresAfter } from "../../lib/core/guard.ts";
import { report } from "../../lib/core/report.ts";
import { beginRun } from "../../lib/core/telemetry.ts";
import type { TelemetryFacts } from "../../lib/core/telemetry_types.ts";
import type { CommandFacts, Decision } from "../../lib/core/types.ts";
import {
  commandLimits,
  desired,
  facts,
  MIN,
  observed,
  READ,
  running,
  S,
  toldOf,
  TOPICS,
  UNREAD,
  WATCHFUL,
} from "./make.ts";

function decided(
  one: CommandFacts,
  telemetry: TelemetryFacts,
  now: number,
): Decision {
  const wish = desired({ word: "on", commands: [{ watchdog: WATCHFUL }] });
  return decide(
    wish,
    observed([one], undefined, { telemetry: [telemetry] }),
    now,
  );
}

Deno.test("decide() wakes at the millisecond at which a reading grows old, and not again then", () => {
  const wakeAt = (now: number) =>
    decided(running(0), toldOf([0, { hashrateHs: 5_000 }]), now).wakeAt;
  assertEquals(wakeAt(30 * S - 1), 30 * S);
  assertEquals(wakeAt(30 * S), 40 * S);
});

Deno.test("decide() wakes at the millisecond at which the watchdog has had enough", () => {
  const { actions, wakeAt } = decided(
    running(0),
    beginRun(READ, 0),
    7 * MIN - 5,
  );
  assertEquals([actions, wakeAt], [[], 7 * MIN]);
});

Deno.test("decide() says until when what was too hot rests, and wakes then", () => {
  const temperatures = [{ device: "GPU0", celsius: 95 }];
  const hot = toldOf([S, { temperatures }], [S, { temperatures }]);
  const gone = running(0, { signalledAt: S, exitedAt: S, emptyAt: 2 * S });
  const now = 2 * S + 10 * MIN - 7;
  const { verdicts, wakeAt } = decided(gone, hot, now);
  assertEquals(verdicts[0]?.kind, "too_hot");
  assertEquals([verdicts[0]?.until, wakeAt], [now + 7, now + 7]);
});

Deno.test("decide() looks again after ten seconds while any of several commands runs", () => {
  const wish = desired({
    word: "off",
    heat: { minOnMs: 60 * MIN },
    commands: [{ name: "a" }, { name: "b" }],
  });
  const seen = observed([running(0, { name: "a" }), facts({ name: "b" })]);
  assertEquals(decide(wish, seen, 5).wakeAt, 5 + 10 * S);
});

Deno.test("failuresAfter() takes warm_up off the time that a run worked", () => {
  const limits = commandLimits({
    watchdog: { ...WATCHFUL, warmUpMs: 5 * MIN },
    stableAfterMs: MIN,
  });
  const failures = (since: number) => {
    const bark = { kind: "silent", since, forMs: MIN } as const;
    const ended = { exitedAt: 60 * MIN, signalledAt: 60 * MIN, failures: 3 };
    return failuresAfter(running(0, { ...ended, bark }), limits);
  };
  assertEquals([failures(6 * MIN - 1), failures(6 * MIN)], [4, 1]);
});

Deno.test("factsBefore() knows of no look, no failure and no bark", () => {
  const { looks, failures, restarts, kills, barks } = factsBefore("a");
  assertEquals([looks, failures, restarts, kills, barks], [0, 0, 0, 0, []]);
});

Deno.test("report() puts each number on its topic, and none that is too old", () => {
  const payloads = (telemetry: TelemetryFacts, now: number) => {
    const wish = desired({ word: "on" });
    const seen = observed([running(0)], undefined, { telemetry: [telemetry] });
    const decision = decide(wish, seen, now);
    const picture = { desired: wish, observed: seen, decision, now };
    const said = report({ ...picture, topics: TOPICS });
    const total = JSON.parse(said.get("h/telemetry") ?? "");
    return [
      said.get("h/command/hashrate"),
      said.get("h/command/accepted"),
      said.get("h/command/a/hashrate"),
      said.get("h/command/a/accepted"),
      total.hashrate_khs,
      JSON.parse(said.get("h/command/a") ?? "").accepted,
    ];
  };
  const fresh = toldOf([0, { hashrateHs: 1_500, accepted: 7 }]);
  const known = ["1.5", "7", "1.5", "7", 1.5, 7];
  assertEquals(payloads(fresh, 30 * S - 1), known);
  const unknown = ["null", "null", "null", "null", null, null];
  assertEquals(payloads(fresh, 30 * S), unknown);
  assertEquals(payloads(UNREAD, 5), unknown);
});
