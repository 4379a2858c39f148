import { assertEquals, assertMatch } from "@std/assert";
import { Hwmon } from "../../../lib/telemetry/sensors/hwmon.ts";
import { systemFiles } from "../../../lib/telemetry/sensors/sensor_files.ts";
import { FakeSys, filesWith } from "./fake_sys.ts";

// The tree has links.
const ignore = Deno.build.os === "windows";

function read(sys: FakeSys, files = systemFiles) {
  return new Hwmon({ files, root: sys.root }).read();
}

Deno.test({
  name:
    "Hwmon names each device so that the number of its chip does not matter",
  ignore,
  async fn() {
    using sys = new FakeSys();
    sys.chip("hwmon0", { name: "acpitz", temp1_input: 27_800 });
    sys.chip("hwmon1", {
      name: "coretemp",
      temp1_input: 52_000,
      temp1_label: "Package id 0",
      temp2_input: 50_000,
      temp2_label: "Core 0",
    }, "coretemp.0");
    sys.chip("hwmon2", {
      name: "amdgpu",
      temp1_input: 61_500,
      temp1_label: "edge",
      temp2_input: 99_000,
      temp2_label: "junction",
      temp3_input: 98_000,
      temp3_label: "mem",
      power1_average: 118_000_000,
      power1_cap: 150_000_000,
    }, "0000:03:00.0");
    const { temperatures, powerW, faults } = await read(sys);
    assertEquals(temperatures, [
      { device: "coretemp.0 Package id 0", celsius: 52 },
      { device: "coretemp.0 Core 0", celsius: 50 },
      { device: "amdgpu 0000:03:00.0 edge", celsius: 61.5 },
    ]);
    assertEquals([powerW, faults], [118, []]);
  },
});

Deno.test({
  name: "Hwmon takes no value that no device can have",
  ignore,
  async fn() {
    using sys = new FakeSys();
    const values = [
      "0",
      "-40000",
      "-62000",
      "150000",
      "127500",
      "128000",
      "255000",
      "",
      "n/a",
      "1e3",
      "99999999999999999999",
    ];
    values.forEach((value, index) =>
      sys.chip("hwmon0", {
        name: "coretemp",
        [`temp${index + 1}_input`]: value,
      })
    );
    sys.chip("hwmon0", { temp20_input: "-39999", temp21_input: "149999" });
    sys.chip("hwmon0", { temp22_input: "55000", temp22_fault: "1" });
    sys.chip("hwmon0", { temp23_input: "56000", temp23_fault: "0" });
    const { temperatures } = await read(sys);
    assertEquals(
      temperatures.map(({ celsius }) => celsius).sort((a, b) => a - b),
      [-39.999, 56, 149.999],
    );
  },
});

Deno.test({
  name: "Hwmon adds up cards alone, and no sum hides one that does not tell",
  ignore,
  async fn() {
    using sys = new FakeSys();
    sys.chip("hwmon0", { name: "BAT0", power1_input: 9_000_000 });
    sys.chip("hwmon1", { name: "corsairpsu", power1_input: 400_000_000 });
    assertEquals((await read(sys)).powerW, undefined);
    sys.chip("hwmon2", {
      name: "amdgpu",
      power1_average: 100_000_000,
      power1_input: 1,
      power1_cap: 150_000_000,
    });
    sys.chip("hwmon3", {
      name: "amdgpu",
      power1_input: 50_500_000,
      power1_cap: 150_000_000,
    });
    // Without a limit of its own it is a part of the processor.
    sys.chip("hwmon4", { name: "amdgpu", power1_input: 25_000_000 });
    assertEquals((await read(sys)).powerW, 150.5);
    sys.chip("hwmon3", { power1_input: "9999000000" });
    assertEquals((await read(sys)).powerW, undefined);
    const hanging = filesWith((path) =>
      path.endsWith("hwmon3/power1_input") ? "failed" : undefined
    );
    assertEquals((await read(sys, hanging)).powerW, undefined);
  },
});

Deno.test("Hwmon is silent where there is none, and says what helps where Deno closes it", async () => {
  using sys = new FakeSys();
  assertEquals(await read(sys), {
    temperatures: [],
    powerW: undefined,
    faults: [],
  });
  const { unusable } = await read(sys, filesWith(() => "closed"));
  assertMatch(unusable ?? "", /--allow-all/);
});
