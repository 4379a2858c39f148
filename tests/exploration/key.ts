/** Two states with the same key have the same future: times are ages, and no older than any limit asks for. */

import type { CommandFacts } from "../../lib/core/types.ts";
import type { Watched } from "../simulation/watched.ts";
import { UNIT_MS } from "./opened.ts";
import type { Plan } from "./plan.ts";
import type { Tree } from "./trees.ts";
import type { World } from "./world.ts";

/** Of no weight for what happens next, or told by something else. */
const DROPPED: ReadonlySet<string> = new Set([
  "_asleep",
  "_clock",
  "_denied",
  "_doorbell",
  "_forgets",
  "_fullSince",
  "_hardSince",
  "_limits",
  "_rest",
  "_since",
  "_sleep",
  "_stood",
  "_suspensions",
  "forMs",
]);

const IS_MOMENT = /^_?(at|from|since|to)$|(At|Since)$/;

/** How old each of these may get, in units; what has no name here is told apart up to the longest limit. */
function capsOf({ heat, longest }: Plan): Readonly<Record<string, number>> {
  const failsafes = [
    heat.brokerLostAfterMs,
    heat.thermostatOfflineAfterMs,
    heat.silentAfterMs,
  ].filter(Number.isFinite);
  const word = failsafes.length === 0 ? 0 : longest + 1;
  const since = Number.isFinite(heat.maxOnMs) ? longest + 1 : 0;
  return {
    at: word,
    "_saidAt": word,
    since,
    "_onSince": since,
    // Looked at after a minute, which no small world lasts.
    "_begunAt": 1,
  };
}

/** What a state is, for whoever asks whether it is new. */
export function keyOf(world: World): string {
  const { plan, now, commands, invariants, trees } = world;
  const caps = capsOf(plan);
  const age = (at: number | undefined, cap = plan.longest + 1) =>
    at === undefined
      ? "-"
      : Number.isFinite(at)
      ? Math.min(Math.round((now - at) / UNIT_MS * 4) / 4, cap)
      : at < 0
      ? "<"
      : ">";
  const tell = (value: unknown, name: string): unknown => {
    if (typeof value === "number" && IS_MOMENT.test(name)) {
      return age(value, caps[name]);
    }
    if (typeof value !== "object" || value === null) return value ?? "-";
    if (isOver(value)) {
      // Of what is over only the remark on it is left.
      const wasLong = value.to - value.from > UNIT_MS;
      return [age(value.to, REMARK_UNITS + 1), wasLong];
    }
    return Object.entries(value)
      .filter(([name]) => !DROPPED.has(name))
      .map(([name, one]) => tell(one, name));
  };
  const parts: unknown[] = [
    tell(world.input, ""),
    tell(invariants.demand, ""),
    age(invariants.lastStartAt, plan.heat.staggerMs / UNIT_MS + 1),
    world.powerOffFails !== undefined,
    world.isDue,
  ];
  for (const [index, command] of commands.entries()) {
    const { facts } = command;
    parts.push(
      world.refuses[index],
      ofFacts(facts, plan.commands[index]?.lockoutFailures ?? 0, age),
      ofWatched(invariants.commands[index], age),
      ofTree(trees[index], facts, age),
    );
  }
  return JSON.stringify(parts);
}

/** The remark on a gap lasts so long; see SMALL in opened.ts. */
const REMARK_UNITS = 3;

/** Is it a gap that has an end? */
function isOver(
  value: object,
): value is { readonly from: number; readonly to: number } {
  const { from, to } = value as { from?: unknown; to?: unknown };
  return typeof from === "number" && typeof to === "number";
}

type Age = (at: number | undefined, cap?: number) => number | string;

/** From the stop signal to the last repeated kill. */
const LADDER_UNITS = 7;

function ofFacts(
  facts: CommandFacts,
  failuresMax: number,
  age: Age,
): unknown {
  const hasFailed = facts.endedByItself || facts.bark !== undefined;
  const kept = [
    hasFailed ? age(facts.exitedAt) : "-",
    age(facts.aliveUntil),
    Math.min(facts.failures, failuresMax),
    facts.pid === undefined,
    facts.exit?.kind,
    facts.leftBehind > 0,
    age(facts.cleared?.at, 4),
  ];
  if (facts.startedAt === undefined || facts.emptyAt !== undefined) return kept;
  const changedAt = Math.max(
    facts.exitedAt ?? -1,
    facts.killedAt ?? -1,
    facts.leftover > 0 ? facts.signalledAt ?? -1 : -1,
  );
  return [
    ...kept,
    age(facts.startedAt),
    age(facts.signalledAt, LADDER_UNITS),
    facts.terminatedAt === undefined,
    age(facts.killedAt, 3),
    age(facts.exitedAt, LADDER_UNITS),
    age(facts.lookingSince, 5),
    age(facts.lookedAt, 2),
    (facts.lookedAt ?? -1) < changedAt,
    facts.remaining.map(({ name }) => name),
    facts.lookError,
    facts.leftover,
  ];
}

function ofWatched(watched: Watched | undefined, age: Age): unknown {
  if (watched === undefined) return "-";
  const { run, failures, limits } = watched;
  const kept = [
    Math.min(failures, limits.lockoutFailures),
    age(watched.knownAliveAt),
    watched.hasFailed && age(run?.exitToldAt),
  ];
  if (run === undefined || !watched.runs) return kept;
  return [
    ...kept,
    age(run.askedAt, LADDER_UNITS),
    Math.min(run.signals, 2),
    age(run.killedAt, 3),
    age(run.exitToldAt, LADDER_UNITS),
    (run.lookBeganAt ?? -1) < (run.exitToldAt ?? -1),
    run.shown,
  ].map((one) => Array.isArray(one) ? one.length : one);
}

function ofTree(tree: Tree | undefined, facts: CommandFacts, age: Age) {
  if (tree === undefined) return "-";
  return [
    tree.leader,
    tree.kids,
    tree.isTold,
    tree.isAsked,
    tree.hangs,
    age(tree.unhungAt, 4),
    tree.looks.map(({ truth, at }) => [
      truth.map(({ name }) => name),
      age(at, 5),
      at === facts.lookingSince,
    ]),
  ];
}
