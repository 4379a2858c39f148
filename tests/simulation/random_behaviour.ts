/** Programs as they are met in the field: most behave, some do not. */

import type { Exit } from "../../lib/core/types.ts";
import type { Behaviour } from "../fakes/fake_process.ts";
import type { Random } from "./random.ts";

const S = 1_000;
const MIN = 60 * S;

export function randomExit(random: Random): Exit {
  return random.pick<Exit>([
    { kind: "code", code: 0 },
    { kind: "code", code: 1 },
    { kind: "signal", signal: "SIGSEGV" },
  ]);
}

export function randomBehaviour(random: Random): Behaviour {
  if (random.chance(0.6)) return {};
  if (random.chance(0.07)) return { startFails: 'Cannot find "miner"' };
  const parts: Behaviour[] = [];
  const sometimes = (probability: number, part: () => Behaviour) => {
    if (random.chance(probability)) parts.push(part());
  };
  sometimes(0.35, () => ({
    endsAfterMs: random.span(random.pick([20, 3 * S, MIN, 20 * MIN, 20 * MIN])),
    exit: randomExit(random),
  }));
  sometimes(0.3, () => ({
    obeysAfterMs: random.pick([1, 2 * S, 8 * S, 20 * S, Infinity]),
    obeysTermAfterMs: random.pick([1, 500, 6 * S, Infinity]),
  }));
  sometimes(0.12, () => ({ children: random.int(1, 4) }));
  sometimes(0.1, () => ({ flees: random.int(1, 2) }));
  sometimes(0.05, () => ({
    unkillableMs: random.span(random.pick([3 * S, 3 * S, 20 * S, 2 * MIN])),
  }));
  sometimes(0.08, () => ({ killOnly: true }));
  sometimes(0.15, () => ({ exitLateMs: random.pick([30, 300, 3 * S]) }));
  sometimes(
    0.2,
    () => ({ lookMs: random.pick([1, 40, 700, 2 * S, 9 * S, 16 * S]) }),
  );
  sometimes(0.04, () => ({
    looksFailMs: random.span(random.pick([S, 2 * S, 20 * S])),
  }));
  sometimes(0.3, () => ({ says: `CUDA error: ${"out of memory ".repeat(9)}` }));
  return Object.assign({}, ...parts);
}
