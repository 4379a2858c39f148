import { assertEquals, assertMatch } from "@std/assert";
import { Rapl } from "../../../lib/telemetry/sensors/rapl.ts";
import { systemFiles } from "../../../lib/telemetry/sensors/sensor_files.ts";
import { FakeClock } from "../../fakes/fake_clock.ts";
import { FakeSys, filesWith } from "./fake_sys.ts";

// Its folders have a colon in their names.
const ignore = Deno.build.os === "windows";
const RANGE = 262_143_328_850;

function machine(files = systemFiles) {
  const sys = new FakeSys();
  const clock = new FakeClock();
  const rapl = new Rapl({ files, clock, root: sys.root });
  const zone = (name: string, kind: string, microjoules: number | string) => {
    const path = `class/powercap/${name}`;
    sys.write(`${path}/name`, kind);
    sys.write(`${path}/energy_uj`, microjoules);
    sys.write(`${path}/max_energy_range_uj`, RANGE);
  };
  const watts = async () => (await rapl.read()).powerW;
  return {
    sys,
    clock,
    rapl,
    zone,
    watts,
    [Symbol.dispose]: () => sys[Symbol.dispose](),
  };
}

Deno.test({
  name: "Rapl adds up the packages, and counts no part of them twice",
  ignore,
  async fn() {
    using one = machine();
    const all = (joules: number) => {
      one.zone("intel-rapl:0", "package-0", joules * 1e6);
      one.zone("intel-rapl:0:0", "core", joules * 2e6);
      one.zone("intel-rapl:1", "package-1", joules * 1e6);
      one.zone("intel-rapl:2", "psys", joules * 5e6);
      one.zone("intel-rapl-mmio:0", "package-0", joules * 1e6);
    };
    all(1_000);
    assertEquals(await one.watts(), undefined);
    all(1_650);
    await one.clock.advance(10_000);
    assertEquals(await one.watts(), 130);
  },
});

Deno.test({
  name:
    "Rapl follows a counter over its end, and believes nothing else that goes back",
  ignore,
  async fn() {
    using one = machine();
    const step = async (microjoules: number | string, ms = 10_000) => {
      one.zone("intel-rapl:0", "package-0", microjoules);
      await one.clock.advance(ms);
      return await one.watts();
    };
    assertEquals(await step(RANGE - 400_000_000), undefined);
    assertEquals(await step(250_000_000), 65);
    // It began anew, as it does in sleep.
    assertEquals(await step(100_000_000), undefined);
    assertEquals(await step(200_000_000), 10);
    // Nothing that a processor can take.
    assertEquals(await step(90_000_000_000), undefined);
    assertEquals(await step(90_100_000_000), 10);
    // Too short, too long.
    assertEquals(await step(90_200_000_000, 100), undefined);
    assertEquals(await step(90_300_000_000), 10);
    assertEquals(await step(90_400_000_000, 121_000), undefined);
    for (const strange of ["", "-5", "nonsense"]) {
      assertEquals(await step(strange), undefined, strange);
    }
    assertEquals(await step(90_500_000_000), undefined);
    assertEquals(await step(90_600_000_000), 10);
    // Without the range nobody knows how far it went.
    one.sys.remove("class/powercap/intel-rapl:0/max_energy_range_uj");
    one.sys.write("class/powercap/intel-rapl:0/energy_uj", 5);
    await one.clock.advance(10_000);
    assertEquals(await one.watts(), undefined);
  },
});

Deno.test({
  name:
    "Rapl says what to do where its counters are for root alone, or Deno closes them",
  ignore,
  async fn() {
    using root = machine(
      filesWith((path) => path.endsWith("energy_uj") ? "denied" : undefined),
    );
    root.zone("intel-rapl:0", "package-0", 1);
    const { unusable, faults } = await root.rapl.read();
    assertMatch(unusable ?? "", /intel-rapl:0\/energy_uj 0444/);
    assertEquals(faults, []);
    using closed = machine(filesWith(() => "closed"));
    assertMatch((await closed.rapl.read()).unusable ?? "", /--allow-all/);
    using none = machine();
    assertEquals(await none.rapl.read(), {
      temperatures: [],
      powerW: undefined,
      faults: [],
    });
  },
});
