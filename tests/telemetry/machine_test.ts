import { assertEquals } from "@std/assert";
import { readMachine } from "../../lib/telemetry/machine.ts";
import {
  NOTHING,
  type Source,
  type SourceReading,
} from "../../lib/telemetry/sensors/source.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { facts } from "../core/make.ts";
import { Buffered } from "./buffered.ts";

function source(
  name: Source["name"],
  reading: Partial<SourceReading>,
): Source {
  return { name, read: () => Promise.resolve({ ...NOTHING, ...reading }) };
}

async function machineOf(sources: readonly Source[]) {
  const clock = new FakeClock();
  const rig = new Buffered(clock);
  const over = new AbortController();
  const running = readMachine(rig.buffer, {
    clock,
    sources,
    signal: over.signal,
  });
  await clock.advance(10_000);
  over.abort();
  await running;
  return rig.buffer.observe([facts({ name: "c0" })]).machine;
}

Deno.test("readMachine() puts temperatures and the sum of all watts into the buffer", async () => {
  const { sensors, power } = await machineOf([
    source("nvidia", {
      temperatures: [{ device: "gpu0", celsius: 61 }],
      powerW: 120,
    }),
    source("rapl", { powerW: 30 }),
    source("hwmon", { temperatures: [{ device: "cpu", celsius: 91 }] }),
  ]);
  assertEquals(
    sensors.map(({ device, celsius, isHot }) => [device, celsius, isHot]),
    [["gpu0", 61, false], ["cpu", 91, true]],
  );
  assertEquals(power, { watts: 150, at: 10_000 });
});

Deno.test("readMachine() knows no power where no sensor tells any", async () => {
  const { sensors, power } = await machineOf([source("hwmon", {})]);
  assertEquals([sensors, power], [[], undefined]);
});
