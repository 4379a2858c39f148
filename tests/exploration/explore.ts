/**
 * `deno task explore [WORLD...]`: tries everything that can happen in small
 * worlds, breadth first, until no state is new; all worlds unless some are
 * named. A broken rule comes with the shortest script that leads to it.
 */

import { eventsIn } from "./events.ts";
import { keyOf } from "./key.ts";
import { open, type Opened } from "./opened.ts";
import type { Plan } from "./plan.ts";
import { check } from "./rules.ts";
import { restore, save, type Saved } from "./saved.ts";
import { World } from "./world.ts";
import { WORLDS } from "./worlds.ts";

/** More states are a world that is not small. */
const STATES_MAX = 2_000_000;

/** What an exploration came to. */
export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** The first broken rule, and what has to happen for it. */
  readonly broken: Fault | undefined;
}

interface Fault {
  readonly error: Error;
  readonly script: readonly string[];
}

/** A state, and how it was reached. */
interface Node {
  readonly saved: Saved;
  readonly path: Path | undefined;
}

interface Path {
  readonly event: string;
  readonly before: Path | undefined;
}

/** Tries everything in a world, until nothing is new or a rule is broken. */
export function explore(
  plan: Plan,
  opened: Opened,
  statesMax = STATES_MAX,
): Explored {
  const world = new World(plan, opened);
  const seen = new Set<string>();
  let steps = 0;
  let level: Node[] = [];
  /** Takes the world as it is now, if it is new. */
  const take = (next: Node[], path: Path | undefined): Fault | undefined => {
    const key = keyOf(world);
    if (seen.has(key)) return undefined;
    seen.add(key);
    const error = thrownBy(() => {
      if (!world.isDue || world.isOver) check(world);
    });
    if (error !== undefined) return { error, script: scriptOf(path) };
    if (!world.isOver) next.push({ saved: save(world), path });
    return undefined;
  };
  let broken = take(level, undefined);
  while (level.length > 0 && broken === undefined) {
    const next: Node[] = [];
    for (const { saved, path: before } of level) {
      restore(saved);
      for (const event of eventsIn(world)) {
        restore(saved);
        steps += 1;
        const path = { event, before };
        const error = thrownBy(() => world.do(event));
        broken = error === undefined
          ? take(next, path)
          : { error, script: scriptOf(path) };
        if (broken !== undefined) return { states: seen.size, steps, broken };
      }
      if (seen.size > statesMax) {
        throw new Error(
          `World "${plan.name}" is not small: ${seen.size} states`,
        );
      }
    }
    level = next;
  }
  return { states: seen.size, steps, broken };
}

/** Lets a script happen, and looks at each state on the way. */
export function follow(
  plan: Plan,
  opened: Opened,
  script: readonly string[],
): void {
  const world = new World(plan, opened);
  check(world);
  for (const event of script) {
    world.do(event);
    if (!world.isDue || world.isOver) check(world);
  }
}

function thrownBy(act: () => void): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function scriptOf(path: Path | undefined): string[] {
  const script: string[] = [];
  for (let at = path; at !== undefined; at = at.before) script.push(at.event);
  return script.reverse();
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) =>
    !WORLDS.some((plan) => plan.name === name)
  );
  if (unknown.length > 0) {
    say(`No world "${unknown}"; there are ${WORLDS.map(({ name }) => name)}`);
    return 2;
  }
  const opened = await open();
  let faults = 0;
  for (const plan of WORLDS) {
    if (names.length > 0 && !names.includes(plan.name)) continue;
    const startedAt = performance.now();
    const { states, steps, broken } = explore(plan, opened);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`${plan.name}: ${states} states, ${steps} steps in ${seconds} s`);
    if (broken === undefined) continue;
    faults += 1;
    say(`${broken.error.stack}\n${JSON.stringify(broken.script)}`);
  }
  return faults === 0 ? 0 : 1;
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
