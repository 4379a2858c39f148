/** Plays one scenario after the other: one seed each, so that one seed repeats a failure. */

import { playCore } from "./play_core.ts";
import { failureText } from "./failure_text.ts";
import { generate } from "./generate.ts";
import type { Outcome, Scenario } from "./script.ts";
import { shrink } from "./shrink.ts";
import { playWhole } from "./whole_world.ts";

/** Which part of the program is simulated. */
export type Layer = "core" | "whole";

/** How long one scenario is. */
export const EPISODE_DAYS: Readonly<Record<Layer, number>> = {
  core: 30,
  whole: 7,
};

export interface Tally {
  readonly days: number;
  readonly steps: number;
  readonly starts: number;
}

/** Plays a scenario on a layer. */
export function play(layer: Layer, scenario: Scenario): Promise<Outcome> {
  return layer === "core"
    ? Promise.resolve(playCore(scenario))
    : playWhole(unread(scenario));
}

/** The whole controller is played without its miners' tellings. */
function unread(scenario: Scenario): Scenario {
  const { telling: _, ...setup } = scenario.setup;
  return { ...scenario, setup };
}

/**
 * Plays so many episodes, with this seed and those that follow.
 * @throws with the seed, the last happenings and a short script, if a rule is broken.
 */
export async function playEpisodes(
  layer: Layer,
  options: { readonly seed: number; readonly count: number },
): Promise<Tally> {
  const { seed, count } = options;
  const days = EPISODE_DAYS[layer];
  let steps = 0;
  let starts = 0;
  for (let one = seed; one < seed + count; one++) {
    const scenario = generate(one, days);
    const outcome = await play(layer, scenario);
    steps += outcome.steps;
    starts += outcome.starts;
    if (outcome.violation === undefined) continue;
    const short = await shrink(
      scenario,
      outcome.violation,
      (shorter) => play(layer, shorter),
    );
    throw new Error(failureText({ layer, seed: one, outcome, short }));
  }
  return { days: days * count, steps, starts };
}
