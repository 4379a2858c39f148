import { assertEquals } from "@std/assert";
import { CommandCollection } from "../lib/command_collection.ts";
import type { EnergyCounts } from "../lib/core/energy.ts";
import { readingOf } from "../lib/core/reading.ts";
import type { Bark, CommandFacts } from "../lib/core/types.ts";
import { Doorbell } from "../lib/doorbell.ts";
import { InputBuffer } from "../lib/input_buffer.ts";
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

/** Where numbers stand alone or among others. */
const NUMBERS = [
  "h/command/a",
  "h/command/a/accepted",
  "h/command/a/hashrate",
  "h/command/accepted",
  "h/command/hashrate",
  "h/telemetry",
];

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

Deno.test("CommandCollection.run() says all numbers again at least every 30 s, and nothing else", async () => {
  for (const one of [facts(), running(0)]) {
    const { clock, input, output, telemetry, collection, kept } = make(one);
    input.put(one.startedAt === undefined ? "off" : "on");
    const over = collection.run();
    await settle();
    const topics = () => output.drain().map(({ topic }) => topic).sort();
    topics();
    assertEquals(kept, [telemetry.energy]);
    for (let beat = 1; beat <= 3; beat += 1) {
      // What has changed meanwhile is another matter.
      await clock.advance(30 * S - 1);
      if (one.startedAt !== undefined) {
        telemetry.put(0, 0, readingOf({ hashrateHs: 5, accepted: beat }));
      }
      await settle();
      topics();
      await clock.advance(1);
      assertEquals(topics(), NUMBERS, `beat ${beat}`);
      assertEquals(kept.length, beat + 1);
    }
    input.end("stop");
    await over;
  }
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
  // Said again at 30 s, as it was.
  assertEquals(numbers().length, 2);
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
