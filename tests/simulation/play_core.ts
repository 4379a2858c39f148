/** Plays a scenario with the core loop alone. */

import { CoreWorld } from "./core_world.ts";
import { type Outcome, type Scenario, Violation } from "./script.ts";

/** Plays a scenario to its end, or to the first violation. */
export function playCore(scenario: Scenario): Outcome {
  const world = new CoreWorld(scenario);
  let violation: Violation | undefined;
  try {
    world.play();
  } catch (error) {
    violation = error instanceof Violation
      ? error
      : new Violation("exception", world.now, `${(error as Error).stack}`);
  }
  const { steps, starts } = world;
  const lines = violation === undefined ? [] : world.chronicle.lines();
  return { violation, lines, steps, starts };
}
