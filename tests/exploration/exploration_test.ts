/** Small worlds, searched through, and scripts that broke a rule once. */

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { explore, follow } from "./explore.ts";
import { open, type Opened } from "./opened.ts";
import { type Plan, plan } from "./plan.ts";
import { Broken } from "./world.ts";
import { SMALL_WORLDS } from "./worlds.ts";

/** Three times as many as any of them has: what counts without end has to be dropped from the key. */
const STATES_MAX = 25_000;

let copy: Promise<Opened> | undefined;
const opened = () => copy ??= open();

for (const world of SMALL_WORLDS) {
  Deno.test(`explore() finds no broken rule in a small world: ${world.name}`, async () => {
    const { states, broken } = explore(world, await opened(), STATES_MAX);
    const { error, script } = broken ?? {};
    assertEquals(broken, undefined, `${error?.message}: ${script}`);
    // A world in which nothing happens proves nothing.
    assertGreater(states, 100);
  });
}

const time = (units: number) => Array.from({ length: units }, () => "time");

const REGRESSIONS: readonly {
  /** What holds now. */
  readonly name: string;
  readonly plan: Plan;
  readonly script: readonly string[];
}[] = [
  {
    name: "a min_off longer than the rest does not let status flap",
    plan: plan("grace", ["on", "crash"], {
      heat: { minOffMs: 3, crashGraceMs: 5 },
    }),
    script: ["ON", "time", "ends @a", "look answers @a", ...time(4)],
  },
  {
    name: "a turn that is waited for does not let status flap",
    plan: plan("turn", ["on", "crash"], {
      heat: { staggerMs: 4, crashGraceMs: 5 },
    }),
    script: ["ON", "time", "ends @a", "look answers @a", ...time(4)],
  },
  {
    name: "what a leader left behind is killed in time though no look answers",
    plan: plan("silent", ["on", "off", "crash"], { kids: 1 }),
    script: ["ON", "time", "ends @a", "OFF", ...time(8)],
  },
  {
    name: "a late answer that nothing is left is a proof",
    plan: plan("late", ["on", "crash", "old_look"]),
    script: ["ON", "time", "ends @a", ...time(4), "old look answers @a"],
  },
  {
    name: "a leader that has ended is not said to live",
    plan: plan("end", ["on", "off"]),
    script: ["ON", "OFF", "time", "ends @a", "look answers @a"],
  },
  {
    name: "the remark on leftovers has a wake-up for its end",
    plan: plan("leftover", ["on"], { isLeft: true }),
    script: [
      "time",
      "ends @a",
      "look answers @a",
      "time",
      "look answers @a",
      ...time(2),
    ],
  },
];

for (const { name, plan, script } of REGRESSIONS) {
  Deno.test(`follow() breaks no rule: ${name}`, async () => {
    follow(plan, await opened(), script);
  });
}

Deno.test("explore() finds a rule that is broken, with the shortest script", async () => {
  const { decide, ...others } = await opened();
  // It looks ahead with a core that never means what it said.
  const forgetful: Opened = {
    ...others,
    decide: (desired, observed, now) => ({
      ...decide(desired, observed, now),
      actions: now > 1_000 ? [{ kind: "look", command: "a" }] : [],
    }),
  };
  const world = plan("forgetful", ["on", "off"]);
  const { broken } = explore(world, forgetful);
  assertEquals(broken?.script, []);
  assertEquals(broken?.error instanceof Broken, true);
  assertThrows(() => follow(world, forgetful, []), Broken, "oversleeps");
});
