/** What must hold in each state, beside the rules of the simulation. */

import { TOPICS } from "../core/make.ts";
import type { Decision } from "../../lib/core/types.ts";
import { UNIT_MS } from "./opened.ts";
import { Broken, type World } from "./world.ts";

/** A look is repeated after so long at the latest, and a kill. */
const LOOK_REST_MS = UNIT_MS;

/** Looks at a state in which nothing is due. */
export function check(world: World): void {
  world.invariants.check(world.now, world.view());
  checkLooks(world);
  if (world.isOver) return checkOver(world);
  lookAhead(world);
}

function checkOver(world: World): void {
  const lives = world.trees.some((tree) => tree?.lives);
  if (lives) throw new Broken("ends too soon", "something lives");
}

/** What may be gone is looked for until it is proven. */
function checkLooks(world: World): void {
  for (const { limits, run, runs } of world.invariants.commands) {
    const tree = world.latest(limits.name);
    const isSought = runs && run !== undefined &&
      (run.exitToldAt !== undefined || run.kills > 0);
    if (!isSought || tree === undefined || tree.looks.length > 0) continue;
    if (world.wakeAt <= world.now + LOOK_REST_MS) continue;
    throw new Broken("nobody looks", `for ${limits.name}`);
  }
}

/** Until it wakes nothing may become due, and nothing may have to be said anew. */
function lookAhead(world: World): void {
  const { now, wakeAt } = world;
  const here = seenAt(world, now);
  if (here.decision.actions.length > 0) {
    throw new Broken("decides twice", JSON.stringify(here.decision.actions));
  }
  const last = Number.isFinite(wakeAt) ? wakeAt - 1 : now + 40 * UNIT_MS;
  for (const at of new Set([Math.min(now + UNIT_MS, last), last])) {
    if (at <= now) continue;
    const { decision, said } = seenAt(world, at);
    const when = `after ${(at - now) / UNIT_MS} units`;
    if (decision.actions.length > 0) {
      const actions = JSON.stringify(decision.actions);
      throw new Broken("oversleeps an action", `${when}: ${actions}`);
    }
    if (decision.cause !== here.decision.cause) {
      const { cause } = decision;
      throw new Broken("oversleeps an end of heat", `${when}: ${cause}`);
    }
    for (const [topic, text] of said) {
      const was = here.said.get(topic) ?? "";
      if (timeless(was) === timeless(text)) continue;
      throw new Broken("oversleeps a word", `${when}: ${was} -> ${text}`);
    }
  }
}

/** What would be decided and said at another moment, if nothing happens until then. */
function seenAt(world: World, at: number): {
  readonly decision: Decision;
  readonly said: ReadonlyMap<string, string>;
} {
  const { opened, input, plan, commands, telemetry, setup } = world;
  const facts = commands.map((command) => command.facts);
  const desired = {
    ...input.read(),
    limits: { heat: setup.heat, safety: SAFETY, commands: plan.commands },
  };
  const observed = {
    ...telemetry.observe(facts),
    commands: facts,
    level: world.decision?.level,
    local: world.localAt(at),
  };
  const decision = opened.decide(desired, observed, at);
  const picture = { desired, observed, decision, now: at, topics: TOPICS };
  return { decision, said: opened.report(picture) };
}

const SAFETY = { maxTemperatureC: Infinity, resumeBelowC: 80 };

/** Spans grow, and numbers sum up: that alone is no news. */
function timeless(text: string): string {
  return text.replaceAll(/\d+(\.\d+)? (ms|s|min|h)\b( \d+ min)?/g, "#")
    .replaceAll(/"(energy_kwh|heat_hours|effective_percent)":[^,}]+/g, "");
}
