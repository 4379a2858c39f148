import { assert, assertEquals } from "@std/assert";
import { mosquittoTest } from "../mosquitto.ts";
import { soak } from "./soak.ts";

mosquittoTest(
  "kolikko run takes no more of the machine after many cycles and crashes than after a few",
  async () => {
    const report = await soak({ cycles: 25 });
    const told = JSON.stringify(report);
    assertEquals(report.violations, [], told);
    assert(report.crashes >= 8, told);
    // The password would stand in a core file; a thousand descriptors are soon gone.
    assertEquals(report.limits.core, "0 0", told);
    const [soft = NaN, hard = NaN] = report.limits.descriptors.split(" ")
      .map((text) => text === "unlimited" ? Infinity : Number(text));
    assert(soft >= Math.min(hard, 65_536), told);
  },
);
