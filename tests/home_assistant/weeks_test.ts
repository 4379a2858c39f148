import { assert, assertEquals } from "@std/assert";
import { freshSeed } from "../simulation/random.ts";
import { playWeeks } from "./weeks.ts";

for (const generation of ["old", "new"] as const) {
  Deno.test(`playWeeks() keeps a room warm and tells no lie (${generation} cycle rules)`, async () => {
    for (const seed of [1, 2, freshSeed()]) {
      const report = await playWeeks({ seed, weeks: 1, generation });
      assertEquals(report.violations, [], `seed ${seed}`);
      // It was worth looking: much broke, and it heated.
      assert(report.deeds > 10, JSON.stringify(report));
      assert(report.heatedMs > 10 * 3_600_000, JSON.stringify(report));
    }
  });
}
