import { assertEquals } from "@std/assert";
import { CommandCollection } from "../lib/command_collection.ts";
import type { CommandFacts } from "../lib/core/types.ts";
import { Doorbell } from "../lib/doorbell.ts";
import { InputBuffer } from "../lib/input_buffer.ts";
import { OutputBuffer } from "../lib/output_buffer.ts";
import {
  commandLimits,
  crashed,
  heatLimits,
  running,
  SAFETY,
} from "./core/make.ts";
import { FakeClock } from "./fakes/fake_clock.ts";
import { unreadTelemetry } from "./fakes/unread.ts";
import { topicsBelow } from "./fakes/topics.ts";

const TOPICS = topicsBelow("heat");

/** Time that goes on while somebody looks. */
class CreepingClock extends FakeClock {
  #creptMs = 0;

  override now(): number {
    this.#creptMs += 0.25;
    return super.now() + this.#creptMs;
  }
}

/** What one step says on `status`, of a command that crashed at 0 and starts again at 400. */
function statusAt(now: number): string | undefined {
  const clock = new CreepingClock({ now });
  const doorbell = new Doorbell();
  const input = new InputBuffer({ clock, doorbell });
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  let facts: CommandFacts = crashed(0);
  const limits = {
    heat: heatLimits(),
    safety: SAFETY,
    commands: [commandLimits({ restartRestMs: 400 })],
  };
  const collection = new CommandCollection({
    commands: [{
      get facts() {
        return facts;
      },
      start: () => void (facts = running(clock.now())),
      signal: () => {},
      kill: () => {},
      forgive: () => {},
      bark: () => {},
      look: () => {},
    }],
    limits,
    topics: TOPICS,
    input,
    output,
    keepEnergy: () => Promise.resolve(),
    telemetry: unreadTelemetry(clock, limits),
    clock,
    doorbell,
    powerOff: () => Promise.resolve(),
  });
  input.put("on");
  collection.step();
  return output.drain().find(({ topic }) => topic === TOPICS.status)?.payload;
}

Deno.test("CommandCollection.step() says ON also where a restart falls due between its two looks", () => {
  const moments = Array.from({ length: 40 }, (_, index) => 398 + index / 16);
  assertEquals(
    moments.map((now) => [now, statusAt(now)]),
    moments.map((now) => [now, "ON"]),
  );
});
