import { assertEquals, assertLess } from "@std/assert";
import { CommandCollection } from "../lib/command_collection.ts";
import type { EnergyCounts } from "../lib/core/energy.ts";
import { readingOf } from "../lib/core/reading.ts";
import type { Bark, CommandFacts } from "../lib/core/types.ts";
import { Doorbell } from "../lib/doorbell.ts";
import { InputBuffer } from "../lib/input_buffer.ts";
import { EXPIRE_S } from "../lib/mqtt/discovery/entity.ts";
import { OutputBuffer } from "../lib/output_buffer.ts";
import { TelemetryBuffer } from "../lib/telemetry_buffer.ts";
import { NO_ENERGY } from "../lib/core/energy.ts";
import {
  commandLimits,
  facts,
  heatLimits,
  MIN,
  running,
  S,
  SAFETY,
  WATCHDOG,
} from "./core/make.ts";
import { FakeClock, settle } from "./fakes/fake_clock.ts";
import { topicsBelow } from "./fakes/topics.ts";

const TOPICS = topicsBelow("h");

/** Where Home Assistant's sensors read what they must not miss for long. */
const EXPIRING = ["h/command/a", "h/command/hashrate", "h/telemetry"];

/** A loop over one command that does as it is told, and is read. */
function make(one: CommandFacts) {
  const clock = new FakeClock();
  const doorbell = new Doorbell();
  const input = new InputBuffer({ clock, doorbell });
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  const watchdog = { ...WATCHDOG, silentForMs: MIN, warmUpMs: 0 };
  const limits = {
    heat: heatLimits(),
    safety: SAFETY,
    commands: [commandLimits({ watchdog })],
  };
  const telemetry = new TelemetryBuffer({
    clock,
    doorbell,
    limits,
    reads: [{ isRead: true, staleAfterMs: 30 * S }],
    energy: NO_ENERGY,
  });
  const done: string[] = [];
  const kept: EnergyCounts[] = [];
  let now = one;
  const command = {
    get facts() {
      return now;
    },
    start: () => void (now = running(clock.now())),
    signal: (rung: string) => {
      done.push(`signal ${rung}`);
      const at = clock.now();
      now = { ...now, signalledAt: at, exitedAt: at, emptyAt: at };
    },
    kill: () => {},
    forgive: () => {},
    bark: (bark: Bark) => {
      done.push(`bark ${bark.kind} at ${clock.now()}`);
      now = { ...now, bark, failures: 1 };
    },
    look: () => {},
  };
  const collection = new CommandCollection({
    commands: [command],
    limits,
    topics: TOPICS,
    input,
    output,
    telemetry,
    keepEnergy: (counts) => {
      kept.push(counts);
      return Promise.resolve();
    },
    clock,
    doorbell,
    powerOff: () => Promise.resolve(),
  });
  return { clock, input, output, telemetry, collection, done, kept };
}

Deno.test("CommandCollection.run() says again what would expire, each 200 s, and nothing else", async () => {
  const { clock, input, output, collection } = make(facts());
  input.put("off");
  const over = collection.run();
  await settle();
  const topics = () => output.drain().map(({ topic }) => topic).sort();
  topics();
  for (let beat = 1; beat <= 3; beat += 1) {
    await clock.advance(200 * S - 1);
    assertEquals(topics(), []);
    await clock.advance(1);
    assertEquals(topics(), EXPIRING, `beat ${beat}`);
  }
  input.end("stop");
  await over;
});

Deno.test("CommandCollection.run() sends less than 150 messages an hour while it is off, and no sensor expires", async () => {
  const { clock, input, output, telemetry, collection } = make(facts());
  input.put("off");
  const over = collection.run();
  await settle();
  output.drain();
  let count = 0;
  const saidAt = new Map(EXPIRING.map((topic) => [topic, clock.now()]));
  for (let second = 0; second < 3600; second += 10) {
    await clock.advance(10 * S);
    // A sensor of a machine that is off wavers, too.
    const celsius = 40 + second / 10 % 2;
    telemetry.putMachine({
      temperatures: [{ device: "cpu", celsius }],
      powerW: undefined,
    });
    await settle();
    for (const { topic } of output.drain()) {
      count += 1;
      const silentMs = clock.now() - (saidAt.get(topic) ?? -Infinity);
      if (EXPIRING.includes(topic)) assertLess(silentMs, EXPIRE_S * S);
      saidAt.set(topic, clock.now());
    }
  }
  assertLess(count, 100);
  input.end("stop");
  await over;
});

Deno.test("CommandCollection.run() says of a miner that heats evenly no number more often than each 120 s, and its end at once", async () => {
  const { clock, input, output, telemetry, collection } = make(running(0));
  input.put("on");
  const over = collection.run();
  await settle();
  const hour = async (rateAt: (second: number) => number) => {
    const counts = new Map<string, number>();
    for (let second = 0; second < 3600; second += 10) {
      await clock.advance(10 * S);
      telemetry.put(
        0,
        0,
        readingOf({ hashrateHs: rateAt(second), accepted: 5000 + second / 10 }),
      );
      await settle();
      for (const { topic } of output.drain()) {
        counts.set(topic, (counts.get(topic) ?? 0) + 1);
      }
    }
    return counts;
  };
  await hour(() => 2_000_000);
  const even = await hour((second) => 2_000_000 + 100 * (second % 70));
  for (const topic of ["hashrate", "accepted", "a", "a/accepted"]) {
    assertLess(even.get(`h/command/${topic}`) ?? 0, 32, topic);
  }
  assertLess(even.get("h/telemetry") ?? 0, 32);
  const uneven = await hour((second) => 2_000_000 + 10_000 * (second % 70));
  assertLess(uneven.get("h/command/hashrate") ?? 0, 121);
  input.put("off");
  await settle();
  const last = new Map(
    output.drain().map(({ topic, payload }) => [topic, payload]),
  );
  assertEquals(last.get("h/status"), "OFF");
  assertEquals(last.get("h/command/hashrate"), "0");
  input.end("stop");
  await over;
});

Deno.test("CommandCollection.run() keeps each 30 s what was used", async () => {
  const { clock, input, telemetry, collection, kept } = make(running(0));
  input.put("on");
  const over = collection.run();
  await settle();
  assertEquals(kept, [telemetry.energy]);
  await clock.advance(90 * S);
  assertEquals(kept.length, 4);
  input.end("stop");
  await over;
});

Deno.test("CommandCollection.run() says null in the moment in which a reading is too old", async () => {
  const { clock, input, output, telemetry, collection } = make(running(0));
  input.put("on");
  const over = collection.run();
  await settle();
  await clock.advance(10 * S + 7);
  telemetry.put(0, 0, readingOf({ hashrateHs: 5_000, accepted: 3 }));
  await settle();
  const numbers = () =>
    output.drain().filter(({ topic }) => topic.startsWith("h/command/a/"))
      .map(({ topic, payload }) => `${topic} ${payload}`);
  assertEquals(numbers(), [
    "h/command/a/state running",
    "h/command/a/hashrate 5",
    "h/command/a/accepted 3",
  ]);
  await clock.advance(30 * S - 1);
  assertEquals(numbers(), []);
  await clock.advance(1);
  assertEquals(numbers(), [
    "h/command/a/hashrate null",
    "h/command/a/accepted null",
  ]);
  input.end("stop");
  await over;
});

Deno.test("CommandCollection.run() lets the watchdog bark and the stop follow in one step, at its moment", async () => {
  const { clock, input, output, telemetry, collection, done } = make(
    running(0),
  );
  input.put("on");
  const over = collection.run();
  await settle();
  await clock.advance(7);
  telemetry.put(0, 0, readingOf({ hashrateHs: 5 }));
  await settle();
  await clock.advance(MIN - 1);
  assertEquals(done, []);
  await clock.advance(1);
  assertEquals(done, [`bark silent at ${MIN + 7}`, "signal polite"]);
  const said = output.drain().find(({ topic }) => topic === TOPICS.statusmsg);
  assertEquals(
    said?.payload,
    "a did not answer for 60 s: starts again in 5 s",
  );
  input.end("stop");
  await over;
});

Deno.test("CommandCollection.step() tells of a refused message each time, also if it is the same again", () => {
  const { input, output, collection } = make(facts());
  const events = () => {
    collection.step();
    return output.drain().filter(({ topic }) => topic === TOPICS.event).length;
  };
  assertEquals(events(), 0);
  input.refuse('Refused "on"; say ON or OFF, in capitals');
  assertEquals([events(), events()], [1, 0]);
  input.refuse('Refused "on"; say ON or OFF, in capitals');
  assertEquals([events(), events()], [1, 0]);
});
