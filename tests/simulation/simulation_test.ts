import { assertEquals, assertGreater } from "@std/assert";
import { type Layer, play, playEpisodes } from "./episodes.ts";
import { generate } from "./generate.ts";
import { freshSeed } from "./random.ts";

/** How many episodes of each kind are played on each run of the tests. */
const EPISODES: readonly {
  readonly layer: Layer;
  readonly fixed: number;
  readonly fresh: number;
}[] = [
  { layer: "core", fixed: 60, fresh: 60 },
  { layer: "whole", fixed: 10, fresh: 10 },
];

for (const { layer, fixed, fresh } of EPISODES) {
  Deno.test(`playEpisodes() breaks no rule with fixed seeds (${layer})`, async () => {
    const tally = await playEpisodes(layer, { seed: 1, count: fixed });
    // A world in which nothing happens proves nothing.
    assertGreater(tally.starts, tally.days);
  });

  Deno.test(`playEpisodes() breaks no rule with a fresh seed (${layer})`, async () => {
    const seed = freshSeed();
    // deno-lint-ignore no-console
    console.log(`Fresh seed of the simulation (${layer}): ${seed}`);
    await playEpisodes(layer, { seed, count: fresh });
  });

  Deno.test(`play() plays the same script the same way (${layer})`, async () => {
    const runs = [];
    for (let run = 0; run < 2; run++) {
      runs.push(await play(layer, generate(7, 3)));
    }
    assertEquals(runs[0], runs[1]);
  });
}
