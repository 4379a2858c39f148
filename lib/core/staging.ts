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

/** Full stages run on; the next one makes up for the rest, in time. */
export function stagesOf(
  stages: readonly Stage[],
  before: LevelFacts | undefined,
  options: StagingOptions,
): Stages {
  const { level, periodMs, now } = options;
  const watts = weightsOf(stages);
  const total = watts.reduce((sum, one) => sum + one, 0);
  const requested = (level / 100) * total;
  const delivered = sumOf(watts, (index) => stages[index]?.isAlive === true);
  const limit = total * (Number.isFinite(periodMs) ? periodMs : 0);
  const owed = before === undefined
    ? 0
    : within(before.owed + before.owesW * (now - before.at), limit);
  const facts: LevelFacts = {
    at: now,
    owed,
    owesW: requested - delivered,
    hasBegun: before?.hasBegun === true || delivered > 0,
    share: total === 0 ? 0 : delivered / total,
    average: averageOf(before, options),
    switchAt: Infinity,
  };
  const order = [...stages.keys()].filter((index) =>
    stages[index]?.isAvailable === true
  );
  if (level >= 100) return all(stages, facts);
  if (!Number.isFinite(periodMs)) {
    const wanted = nearest(order, watts, requested);
    return {
      wanted: stages.map((_, index) => wanted.has(index)),
      facts,
    };
  }
  const { full, last, rest } = split(order, watts, requested);
  const wanted = stages.map((_, index) => full.has(index));
  const stage = last === undefined ? undefined : stages[last];
  if (last === undefined || stage === undefined) {
    return { wanted, facts };
  }
  const half = swing(watts[last] ?? 0, rest, options) / 2;
  // Who asks for heat gets some as soon as anything may start.
  const isFirst = !facts.hasBegun && full.size === 0;
  const isOn = isFirst || (stage.isAlive ? owed > -half : owed >= half);
  wanted[last] = isOn;
  const switchAt = crossing(facts, isOn ? -half : half);
  return { wanted, facts: { ...facts, switchAt } };
}

/** Full heat: every stage is wanted, whatever holds it. */
function all(stages: readonly Stage[], facts: LevelFacts): Stages {
  return { wanted: stages.map(() => true), facts };
}

/** Of whom nobody knows it, it is what the others have on average. */
function weightsOf(stages: readonly Stage[]): number[] {
  const known = stages.flatMap(({ watts }) => watts ?? []);
  const usual = known.length === 0
    ? 1
    : known.reduce((sum, one) => sum + one, 0) / known.length;
  return stages.map(({ watts }) => watts ?? usual);
}

function sumOf(
  watts: readonly number[],
  counts: (index: number) => boolean,
): number {
  return watts.reduce((sum, one, index) => counts(index) ? sum + one : sum, 0);
}

/** The stages that run all the time, the one that does so for a part of it, and its watts. */
function split(
  order: readonly number[],
  watts: readonly number[],
  requested: number,
): {
  readonly full: ReadonlySet<number>;
  readonly last: number | undefined;
  readonly rest: number;
} {
  const full = new Set<number>();
  let rest = requested;
  for (const index of order) {
    const own = watts[index] ?? 0;
    // A rounding error is no reason to switch a stage.
    if (rest < own * (1 - 1e-9)) {
      return { full, last: rest > own * 1e-9 ? index : undefined, rest };
    }
    full.add(index);
    rest -= own;
  }
  return { full, last: undefined, rest: 0 };
}

/** The first so many stages that come nearest; above 0 heats in any case. */
function nearest(
  order: readonly number[],
  watts: readonly number[],
  requested: number,
): ReadonlySet<number> {
  let best = 1;
  let sum = 0;
  let distance = Infinity;
  for (const [count, index] of order.entries()) {
    sum += watts[index] ?? 0;
    const here = Math.abs(sum - requested);
    if (here > distance) continue;
    best = count + 1;
    distance = here;
  }
  return new Set(order.slice(0, best));
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
