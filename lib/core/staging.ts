/** Which stages are called for, so that a level of heat is delivered on average. Pure. */

/** What has to be known from one look to the next. */
export interface LevelFacts {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Heat that was asked for and not delivered, in watt milliseconds; negative: too much. */
  readonly owed: number;
  /** What is asked for minus what is delivered, in watts, from `at` on. */
  readonly owesW: number;
  /** Something has heated since heat began to be wanted. */
  readonly hasBegun: boolean;
  /** The delivered part of full heat from `at` on, 0 to 1. */
  readonly share: number;
  /** The same, averaged over about a period. */
  readonly average: number;
  /** When time alone calls for other stages. */
  readonly switchAt: number;
}

/** One command as a stage. */
export interface Stage {
  /** Its heat; undefined if nobody knows. */
  readonly watts: number | undefined;
  /** Nothing but the level decides whether it runs. */
  readonly isAvailable: boolean;
  readonly isAlive: boolean;
}

export interface StagingOptions {
  /** Percent of full heat: above 0, at most 100. */
  readonly level: number;
  /** The last stage is switched in this time; `Infinity`: the nearest stage instead. */
  readonly periodMs: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
  readonly now: number;
}

/** What is called for, in the order of the stages. */
export interface Stages {
  readonly wanted: readonly boolean[];
  readonly facts: LevelFacts;
}

/** A phase shorter than this part of the period is not worth a start. */
const SHORTEST_PART = 0.1;
/** Such a part of a stage is a rounding error. */
const DUST = 1e-9;

/** A stage, and what it counts for. */
interface Weighed extends Stage {
  readonly index: number;
  readonly own: number;
}

/** Full stages run on; the next one makes up for the rest, in time. */
export function stagesOf(
  stages: readonly Stage[],
  before: LevelFacts | undefined,
  options: StagingOptions,
): Stages {
  const { level, periodMs, now } = options;
  const weighed = weigh(stages);
  const total = wattsOf(weighed);
  const requested = (level / 100) * total;
  const delivered = wattsOf(weighed.filter(({ isAlive }) => isAlive));
  const facts: LevelFacts = {
    at: now,
    owed: before === undefined ? 0 : within(
      before.owed + before.owesW * (now - before.at),
      total * periodMs,
    ),
    owesW: requested - delivered,
    hasBegun: before?.hasBegun === true || delivered > 0,
    share: delivered / total,
    average: averageOf(before, options),
    switchAt: Infinity,
  };
  // Full heat: every stage is wanted, whatever holds it.
  if (level >= 100) return { wanted: stages.map(() => true), facts };
  const order = weighed.filter(({ isAvailable }) => isAvailable);
  const called = (chosen: readonly Weighed[]) =>
    stages.map((_, index) => chosen.some((one) => one.index === index));
  if (!Number.isFinite(periodMs)) {
    return { wanted: called(nearest(order, requested)), facts };
  }
  const { full, last, rest } = split(order, requested);
  if (last === undefined) return { wanted: called(full), facts };
  const half = swing(last.own, rest, options) / 2;
  // Who asks for heat gets some as soon as anything may start.
  const isFirst = !facts.hasBegun && full.length === 0;
  const isOn = isFirst ||
    (last.isAlive ? facts.owed > -half : facts.owed >= half);
  return {
    wanted: called(isOn ? [...full, last] : full),
    facts: { ...facts, switchAt: crossing(facts, isOn ? -half : half) },
  };
}

/** Of whom nobody knows it, it is what the others have on average. */
function weigh(stages: readonly Stage[]): readonly Weighed[] {
  const known = stages.flatMap(({ watts }) => watts ?? []);
  const sum = known.reduce((sum, one) => sum + one, 0);
  const usual = known.length === 0 ? 1 : sum / known.length;
  return stages.map((stage, index) => ({
    ...stage,
    index,
    own: stage.watts ?? usual,
  }));
}

function wattsOf(stages: readonly Weighed[]): number {
  return stages.reduce((sum, { own }) => sum + own, 0);
}

/** The stages that run all the time, the one that does so for a part of it, and its watts. */
function split(order: readonly Weighed[], requested: number): {
  readonly full: readonly Weighed[];
  readonly last: Weighed | undefined;
  readonly rest: number;
} {
  const full: Weighed[] = [];
  let rest = requested;
  for (const stage of order) {
    // A rounding error is no reason to switch a stage.
    const dust = DUST * stage.own;
    if (rest < stage.own - dust) {
      return { full, last: rest > dust ? stage : undefined, rest };
    }
    full.push(stage);
    rest -= stage.own;
  }
  return { full, last: undefined, rest };
}

/** The first so many stages that come nearest; none where less than half of the first is asked for. */
function nearest(
  order: readonly Weighed[],
  requested: number,
): readonly Weighed[] {
  const distance = (count: number) =>
    Math.abs(wattsOf(order.slice(0, count)) - requested);
  const counts = order.map((_, index) => index + 1);
  return order.slice(
    0,
    counts.reduce(
      (best, count) => distance(count) <= distance(best) ? count : best,
      0,
    ),
  );
}

/** How far the owed heat swings in one cycle: longer cycles where a phase would be too short. */
function swing(
  watts: number,
  rest: number,
  { periodMs, minOnMs, minOffMs }: StagingOptions,
): number {
  const part = rest / watts;
  const shortestMs = SHORTEST_PART * periodMs;
  const cycleMs = Math.max(
    periodMs,
    Math.max(minOnMs, shortestMs) / part,
    Math.max(minOffMs, shortestMs) / (1 - part),
  );
  return watts * part * (1 - part) * cycleMs;
}

/** When the owed heat comes to this, if it goes there. */
function crossing({ at, owed, owesW }: LevelFacts, to: number): number {
  const ms = (to - owed) / owesW;
  // A moment that rounding puts before its time would come again and again.
  return ms > 0 && Number.isFinite(ms) ? at + Math.max(ms, 1) : Infinity;
}

function averageOf(
  before: LevelFacts | undefined,
  { periodMs, now }: StagingOptions,
): number {
  if (before === undefined) return 0;
  if (!Number.isFinite(periodMs)) return before.share;
  const part = 1 - Math.exp(-(now - before.at) / periodMs);
  return before.average + (before.share - before.average) * part;
}

function within(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit);
}
