import { assertEquals, assertMatch } from "@std/assert";
import { closeLog, openLog } from "../../../lib/log.ts";
import {
  Sensors,
  SENSORS_MS,
  type SensorsReading,
} from "../../../lib/telemetry/sensors/sensors.ts";
import {
  NOTHING,
  type Source,
  type SourceName,
  type SourceReading,
} from "../../../lib/telemetry/sensors/source.ts";
import { FakeClock, settle } from "../../fakes/fake_clock.ts";

/** A source that a test tells what to give. */
class FakeSource implements Source {
  reads = 0;
  next: () => Promise<SourceReading> = () => Promise.resolve(NOTHING);

  constructor(readonly name: SourceName) {}

  give(
    devices: Readonly<Record<string, number>>,
    more: Partial<SourceReading> = {},
  ): void {
    const temperatures = Object.entries(devices).map(([device, celsius]) => ({
      device,
      celsius,
    }));
    this.next = () => Promise.resolve({ ...NOTHING, temperatures, ...more });
  }

  read(): Promise<SourceReading> {
    this.reads += 1;
    return this.next();
  }
}

function machine() {
  const clock = new FakeClock();
  const nvidia = new FakeSource("nvidia");
  const hwmon = new FakeSource("hwmon");
  const told: SensorsReading[] = [];
  const sensors = new Sensors({
    clock,
    sources: [nvidia, hwmon],
    onReading: (reading) => told.push(reading),
  });
  return { clock, nvidia, hwmon, told, sensors };
}

Deno.test("Sensors puts its sources together, and names those that have fallen silent", async () => {
  const { clock, nvidia, hwmon, sensors } = machine();
  nvidia.give({ gpu0: 61, gpu1: 58 }, { powerW: 240 });
  hwmon.give({ cpu: 50 });
  await clock.advance(5);
  assertEquals(await sensors.read(), {
    at: 5,
    temperatures: [
      { device: "gpu0", celsius: 61 },
      { device: "gpu1", celsius: 58 },
      { device: "cpu", celsius: 50 },
    ],
    powerW: { nvidia: 240, hwmon: undefined, rapl: undefined },
    faults: [],
    silent: [],
  });
  nvidia.give({ gpu1: 59 }, { faults: ["gpu0 is lost"] });
  const { silent, faults, powerW } = await sensors.read();
  assertEquals([silent, faults, powerW.nvidia], [
    ["gpu0"],
    ["gpu0 is lost"],
    undefined,
  ]);
  nvidia.give({ gpu0: 60, gpu1: 59 });
  assertEquals((await sensors.read()).silent, []);
});

Deno.test("Sensors waits for a source that hangs no longer than a while, and asks it no second time", async () => {
  const { clock, nvidia, hwmon, sensors } = machine();
  nvidia.give({ gpu0: 61 });
  hwmon.give({ cpu: 50 });
  await sensors.read();
  const hung = Promise.withResolvers<SourceReading>();
  nvidia.next = () => hung.promise;
  const first = sensors.read();
  await clock.advance(15_000);
  const { temperatures, silent, faults } = await first;
  assertEquals(temperatures, [{ device: "cpu", celsius: 50 }]);
  assertEquals(silent, ["gpu0"]);
  assertEquals(faults, ["The reading of nvidia took longer than 15 s"]);
  const again = await sensors.read();
  assertEquals([nvidia.reads, again.faults], [2, [
    "The last reading of nvidia still hangs",
  ]]);
  hung.resolve(NOTHING);
  await settle();
  nvidia.give({ gpu0: 62 });
  assertEquals((await sensors.read()).silent, []);
});

Deno.test("Sensors makes a fault of a source that throws", async () => {
  const { nvidia, sensors } = machine();
  nvidia.next = () => Promise.reject(new Error("boom"));
  assertEquals((await sensors.read()).faults, [
    "The reading of nvidia failed: Error: boom",
  ]);
});

Deno.test("Sensors says once what cannot be used, and why", async () => {
  const { hwmon, sensors } = machine();
  hwmon.next = () =>
    Promise.resolve({ ...NOTHING, unusable: "Deno closes /sys" });
  const lines: string[] = [];
  await openLog({
    settings: { level: "info", dir: undefined, maxSizeBytes: 1, keep: 1 },
    commands: [],
    write: (line) => lines.push(line),
  });
  for (let count = 0; count < 3; count += 1) {
    assertEquals((await sensors.read()).faults, []);
  }
  await closeLog();
  assertEquals(lines.length, 1);
  assertMatch(
    lines[0] ?? "",
    /Some sensors are not used: Deno closes \/sys/,
  );
});

Deno.test("Sensors reads every ten seconds, and tells no half reading at its end", async () => {
  const { clock, nvidia, told, sensors } = machine();
  nvidia.give({ gpu0: 61 });
  const end = new AbortController();
  const running = sensors.run(end.signal);
  await clock.advance(3 * SENSORS_MS);
  assertEquals(told.map(({ at }) => at), [0, 10_000, 20_000, 30_000]);
  nvidia.next = () => new Promise(() => {});
  await clock.advance(SENSORS_MS);
  end.abort();
  await running;
  assertEquals([nvidia.reads, told.length, told.at(-1)?.faults], [5, 4, []]);
});
