/** What an owner reads of what the miners and the sensors tell, word for word. */

import { assertEquals } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { problemReason, statusMessage } from "../../lib/core/message.ts";
import { type Found, readingOf } from "../../lib/core/reading.ts";
import { absorbIdle, beginRun } from "../../lib/core/telemetry.ts";
import { barkInWords } from "../../lib/core/telemetry_message.ts";
import type { TelemetryFacts } from "../../lib/core/telemetry_types.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
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
  UNREAD,
  WATCHDOG,
} from "./make.ts";

type Parts = Parameters<typeof desired>[0];
type One = readonly [CommandFacts, TelemetryFacts];

const ON = { word: "on" } as const;
const OFF = { word: "off" } as const;

/** What `statusmsg` says; `problem` must say the same. */
function says(parts: Parts, ones: readonly One[], now: number): string {
  const wish = desired(parts);
  const seen = observed(ones.map(([one]) => one), undefined, {
    telemetry: ones.map(([, told]) => told),
  });
  const decision = decide(wish, seen, now);
  const picture = { desired: wish, observed: seen, decision, now };
  const message = statusMessage({ ...picture, commandTopic: "h" });
  const problem = problemReason({ ...picture, commandTopic: "h" });
  assertEquals(problem, message === "OK" ? undefined : message);
  return message;
}

Deno.test("barkInWords() says what was wrong, and for how long", () => {
  const own = commandLimits({
    watchdog: { ...WATCHDOG, minHashrateHs: 1_500 },
  });
  const words = (
    kind: "low_hashrate" | "no_share" | "silent",
    forMs = 5 * MIN,
  ) => barkInWords({ kind, since: 0, forMs }, own);
  assertEquals(words("silent", 119_499), "did not answer for 119 s");
  assertEquals(words("silent", 119_500), "did not answer for 2 min");
  assertEquals(words("low_hashrate"), "hashed less than 1.5 kH/s for 5 min");
  assertEquals(words("no_share"), "had no accepted share for 5 min");
  assertEquals(words("silent"), "did not answer for 5 min");
});

Deno.test("statusMessage() says that the heater does not heat after 20 minutes without hashes and watts", () => {
  const cold = (at: number): [number, Found] => [at, { hashrateHs: 0 }];
  const at = (now: number, ...before: [number, Found][]) =>
    says(ON, [[running(0), toldOf(...before, cold(now - S))]], now);
  const sentence = (span: string) =>
    `The heater does not heat: a shows neither hashes nor watts for ${span}`;
  assertEquals(at(20 * MIN - 1), "OK");
  assertEquals(at(20 * MIN), sentence("20 min"));
  // Whole minutes, rounded.
  assertEquals(at(20 * MIN + 29_499), sentence("20 min"));
  assertEquals(at(20 * MIN + 29_500), sentence("21 min"));
  // The time since the last proof counts.
  assertEquals(at(24 * MIN, [4 * MIN + 1, { powerW: 5 }]), "OK");
  assertEquals(at(24 * MIN, [4 * MIN, { powerW: 5 }]), sentence("20 min"));
  assertEquals(at(30 * MIN, [4 * MIN, { hashrateHs: 5 }]), sentence("26 min"));
});

Deno.test("statusMessage() does not call cold what tells neither hashes nor watts, is not read or not wanted", () => {
  const now = 30 * MIN;
  const cold = toldOf([now, { hashrateHs: 0 }]);
  assertEquals(
    says(ON, [[running(0), toldOf([now, { accepted: 5 }])]], now),
    "OK",
  );
  assertEquals(says(ON, [[running(0), UNREAD]], now), "OK");
  const sensed = toldOf([now, { powerW: 0, hashrateHs: 0 }]);
  assertEquals(
    says(ON, [[running(0), sensed]], now).slice(0, 10),
    "The heater",
  );
  const wish = desired({ ...OFF, heat: { minOnMs: 60 * MIN } });
  const seen = observed([running(0)], undefined, { telemetry: [cold] });
  const decision = decide(wish, seen, now);
  const picture = { desired: wish, observed: seen, decision, now };
  assertEquals(
    statusMessage({ ...picture, commandTopic: "h" }),
    "a keeps its min_on until 12:30",
  );
});

Deno.test("statusMessage() says of what is silent for long that nobody knows", () => {
  const run = (told: TelemetryFacts, now: number) =>
    says(ON, [[running(0), told]], now);
  const never = { ...beginRun(READ, 0), fault: "connection refused" };
  assertEquals(run(never, 20 * MIN - 1), "OK");
  assertEquals(
    run(never, 20 * MIN),
    "a tells nothing for 20 min: nobody knows whether it heats " +
      "(connection refused)",
  );
  // It told that it is cold, and fell silent a minute ago.
  const silent = (span: string) =>
    `a tells nothing for ${span}: nobody knows whether it heats`;
  const cold = toldOf([29 * MIN, { hashrateHs: 0 }]);
  assertEquals(run(cold, 30 * MIN), silent("60 s"));
  assertEquals(run(cold, 29 * MIN + 30 * S), silent("30 s"));
  assertEquals(
    run(cold, 29 * MIN + 30 * S - 1).slice(0, 26),
    "The heater does not heat: ",
  );
  assertEquals(run(cold, 31 * MIN - 501), silent("119 s"));
  assertEquals(run(cold, 31 * MIN - 500), silent("2 min"));
  assertEquals(
    run(never, 20 * MIN + 29_499).slice(0, 27),
    silent("20 min").slice(0, 27),
  );
  assertEquals(
    run(never, 20 * MIN + 29_500).slice(0, 27),
    silent("21 min").slice(0, 27),
  );
});

Deno.test("statusMessage() says that something still heats, a minute after the proof of OFF", () => {
  const rests = (emptyAt: number) =>
    running(0, { signalledAt: 1, exitedAt: 2, emptyAt, aliveUntil: emptyAt });
  const busy = (since: number, at: number) =>
    [since, at].reduce<TelemetryFacts>(
      (before, at) =>
        absorbIdle(before, { reading: readingOf({ hashrateHs: 6421.6 }), at }),
      beginRun(READ, 0),
    );
  const sentence = "Something still heats: where a would answer, " +
    "6.422 kH/s are told, and it is not ours";
  const now = 10 * MIN;
  const off = (since: number, emptyAt = 5, at = now) =>
    says(OFF, [[rests(emptyAt), busy(since, at)]], now);
  assertEquals(off(now - MIN), sentence);
  assertEquals(off(now - MIN + 1), "OK");
  // A stranger that was there before the stop has its minute from then on.
  assertEquals(off(5, now - MIN), sentence);
  assertEquals(off(5, now - MIN + 1), "OK");
  // What was told long ago is not said any more.
  assertEquals(off(5, 5, now - 3 * MIN + 1), sentence);
  assertEquals(off(5, 5, now - 3 * MIN), "OK");
  // Of a command that never ran.
  assertEquals(says(OFF, [[facts(), busy(5, now)]], now), sentence);
});

Deno.test("statusMessage() says that the machine takes power as if it heated, after a minute without a command", () => {
  const now = 10 * MIN;
  const says = (busySince: number | undefined, at = now, one = facts()) => {
    const wish = desired(OFF);
    const power = { watts: 311.6, at, busySince };
    const seen = observed([one], undefined, {
      machine: { sensors: [], power },
    });
    const decision = decide(wish, seen, now);
    const options = { desired: wish, observed: seen, decision, now };
    const text = statusMessage({ ...options, commandTopic: "h" });
    assertEquals(
      problemReason({ ...options, commandTopic: "h" }) ?? "OK",
      text.startsWith("Stopping") ? "OK" : text,
    );
    return text;
  };
  const sentence = "Something still heats: the machine takes 312 W, " +
    "and nothing of this rig runs";
  assertEquals(says(now - MIN), sentence);
  assertEquals(says(now - MIN + 1), "OK");
  assertEquals(says(undefined), "OK");
  assertEquals(says(5, now - 30 * S + 1), sentence);
  assertEquals(says(5, now - 30 * S), "OK");
  assertEquals(
    says(5, now, running(0, { signalledAt: now - 2 * S })),
    "Stopping a: pid 100 still lives",
  );
});

Deno.test("statusMessage() takes another command of ours that runs for no stranger", () => {
  const busy = absorbIdle(READ, {
    reading: readingOf({ hashrateHs: 5 }),
    at: 9 * MIN,
  });
  const late = { ...busy, busy: busy.busy && { ...busy.busy, since: 0 } };
  const commands = [{ name: "a" }, { name: "b" }];
  const now = 9 * MIN + S;
  const off = { ...OFF, commands };
  const pair = (b: CommandFacts): One[] => [
    [facts({ name: "a" }), late],
    [b, toldOf([now, { hashrateHs: 5 }])],
  ];
  const other = running(0, { name: "b" });
  const wish = desired({ ...off, heat: { minOnMs: 60 * MIN } });
  const seen = observed(pair(other).map(([one]) => one), undefined, {
    telemetry: pair(other).map(([, told]) => told),
  });
  const decision = decide(wish, seen, now);
  const picture = { desired: wish, observed: seen, decision, now };
  assertEquals(problemReason({ ...picture, commandTopic: "h" }), undefined);
  const gone = { ...other, emptyAt: 9 * MIN, aliveUntil: 9 * MIN };
  assertEquals(says(off, pair(gone), now), "OK");
  const earlier = { ...gone, emptyAt: 8 * MIN, aliveUntil: 8 * MIN };
  assertEquals(says(off, pair(earlier), now).slice(0, 15), "Something still");
});

Deno.test("statusMessage() says why a run that the watchdog ends is being stopped", () => {
  const bark = { kind: "silent", since: 0, forMs: 5 * MIN } as const;
  const wish = desired(ON);
  const seen = observed([running(0, { bark, signalledAt: 5 * MIN })]);
  const now = 5 * MIN + 1;
  const decision = decide(wish, seen, now);
  const picture = { desired: wish, observed: seen, decision, now };
  assertEquals(
    statusMessage({ ...picture, commandTopic: "h" }),
    "Stopping a, as it did not answer for 5 min: pid 100 still lives",
  );
  // An end that comes late enough is no problem of its own.
  assertEquals(problemReason({ ...picture, commandTopic: "h" }), undefined);
});

Deno.test("statusMessage() rounds a temperature, and the end of a rest to the minute", () => {
  const temperatures = [{ device: "GPU0", celsius: 94.6 }];
  const hot = toldOf([S, { temperatures }], [2 * S, { temperatures }]);
  const gone = (emptyAt: number) =>
    running(0, { signalledAt: 2 * S, exitedAt: 2 * S, emptyAt });
  const sentence = (time: string) =>
    'a is held: "GPU0" had 95 °C, more than 90 °C is too hot; ' +
    `rests until ${time}`;
  const now = 3 * S;
  const rests = (emptyAt: number) => says(ON, [[gone(emptyAt), hot]], now);
  // Ten minutes from then on, seen at noon.
  assertEquals(rests(now - 30 * S), sentence("12:10"));
  assertEquals(rests(now - 30 * S - 1), sentence("12:09"));
});

Deno.test("statusMessage() rounds for how long a sensor tells nothing", () => {
  const temperatures = [{ device: "GPU0", celsius: 60 }];
  const sentence = (span: string) =>
    `a is held: the sensor "GPU0" tells nothing for ${span}, ` +
    "which counts as too hot";
  const short = (text: string) => text.split(";")[0];
  const wish = desired(ON);
  for (
    const [at, span] of [[10 * MIN - 119_499, "119 s"], [
      10 * MIN - 119_500,
      "2 min",
    ]] as const
  ) {
    const seen = observed([running(0)], undefined, {
      telemetry: [toldOf([at, { temperatures }])],
    });
    const decision = decide(wish, seen, 10 * MIN);
    const picture = { desired: wish, observed: seen, decision, now: 10 * MIN };
    const message = statusMessage({ ...picture, commandTopic: "h" });
    assertEquals(message, sentence(span));
    assertEquals(
      problemReason({ ...picture, commandTopic: "h" }),
      short(message),
    );
  }
});

Deno.test("statusMessage() says that all is held as long as any command lives", () => {
  const sensor = {
    device: "CPU",
    celsius: 95,
    at: 0,
    hotReadings: 2,
    isHot: true,
  };
  const message = (b: CommandFacts) => {
    const wish = desired({ ...OFF, commands: [{ name: "a" }, { name: "b" }] });
    const seen = observed([facts({ name: "a" }), b], undefined, {
      machine: { sensors: [sensor], power: undefined },
    });
    const decision = decide(wish, seen, S);
    const picture = { desired: wish, observed: seen, decision, now: S };
    return statusMessage({ ...picture, commandTopic: "h" }).slice(0, 12);
  };
  assertEquals(message(running(0, { name: "b" })), "All is held:");
  assertEquals(message(facts({ name: "b" })), "OK");
});
