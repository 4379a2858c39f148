/** What may happen next in a world. */

import type { Happening } from "./plan.ts";
import type { Tree } from "./trees.ts";
import type { World } from "./world.ts";

/** All that may happen now, each of it worth a try. */
export function eventsIn(world: World): string[] {
  if (world.isOver) return [];
  const has = (one: Happening) => world.plan.happens.includes(one);
  const events = ["time", ...said(world, has)];
  if (has("stop") && world.invariants.demand.ending === "no") {
    events.push("stop");
  }
  if (has("force") && world.invariants.demand.ending !== "force") {
    events.push("force");
  }
  if (world.powerOffFails !== undefined) events.push("power off fails");
  if (has("sleep")) events.push("sleep");
  for (const [index, { name }] of world.plan.commands.entries()) {
    if (has("refusal")) {
      events.push(`starts ${world.refuses[index] ? "work" : "fail"} @${name}`);
    }
    const tree = world.trees[index];
    if (tree === undefined) continue;
    events.push(...ofTree(tree, world, has).map((one) => `${one} @${name}`));
  }
  if (!has("batch")) return events;
  const others = events.filter((one) => one !== "time");
  return world.isDue ? others : [...events, ...others.map((one) => `${one} +`)];
}

function said(world: World, has: (one: Happening) => boolean): string[] {
  const { deaf, thermostatOffline, shutdown } = world.input.read();
  const isDeaf = deaf !== undefined && deaf.to === undefined;
  if (isDeaf) return ["broker back"];
  const events: string[] = [];
  if (has("on")) events.push("ON");
  if (has("off")) events.push("OFF");
  if (has("level")) events.push("level 50", "level 100");
  if (has("shutdown") && shutdown !== "asked") events.push("SHUTDOWN");
  if (has("broker")) events.push("broker lost");
  if (has("home_assistant")) {
    const isOffline = thermostatOffline !== undefined &&
      thermostatOffline.to === undefined;
    events.push(isOffline ? "online" : "offline");
  }
  return events;
}

function ofTree(
  tree: Tree,
  world: World,
  has: (one: Happening) => boolean,
): string[] {
  const events: string[] = [];
  const run = world.invariants.commands.find(({ limits }) =>
    world.latest(limits.name) === tree
  )?.run;
  // A program takes a moment to crash, or to obey.
  const isAwake = world.now > (run?.askedAt ?? run?.startedAt ?? -1);
  const may = tree.isAsked ? !tree.hangs : has("crash") && !tree.isLeftover;
  if (tree.leader && isAwake && may) {
    events.push("ends");
    if (tree.kids > 0 && has("kids")) events.push("ends with its kids");
  }
  if (!tree.leader && tree.kids > 0 && has("kids")) events.push("kids end");
  if (!tree.leader && !tree.isTold && has("late") && !tree.isLeftover) {
    events.push("end told");
  }
  if (has("hang") && tree.lives && (tree.isAsked || !tree.leader)) {
    events.push(tree.hangs ? "hangs no more" : "hangs");
  }
  if (tree.looks.length > 0) {
    events.push("look answers");
    if (has("failing_look")) events.push("look fails");
  }
  if (tree.looks.length > 1 && has("old_look")) {
    events.push("old look answers");
  }
  return events;
}
