/**
 * Energy: each command's power over monotonic time, as kWh that only grow.
 * Moments are facts; what lies between two of them is counted as the first of
 * the two showed it.
 */

/** What one command, or the heater as a whole, has used so far. */
export interface EnergyCount {
  readonly kwh: number;
  /** Hours with a running command. */
  readonly heatHours: number;
  /** How often it began to run; of the heater: how often the first command did. */
  readonly starts: number;
}

/** All counts; they outlive the controller. */
export interface EnergyCounts {
  readonly total: EnergyCount;
  /** By name; a command that is configured no longer keeps its count. */
  readonly commands: ReadonlyMap<string, EnergyCount>;
}

/** What is known of one command's power at a moment. */
export interface CommandPower {
  readonly name: string;
  /** When its present run began; undefined while nothing of it runs. */
  readonly runningSince: number | undefined;
  /** Measured, and when; undefined if nothing measures it. */
  readonly measured:
    | { readonly watts: number; readonly at: number }
    | undefined;
  /** What the owner says it takes; counts where no fresh measurement does. */
  readonly estimatedWatts: number | undefined;
}

/** All commands at one monotonic moment. */
export interface EnergyMoment {
  readonly at: number;
  readonly commands: readonly CommandPower[];
}

/** Nothing counted yet. */
export const NO_ENERGY: EnergyCounts = {
  total: { kwh: 0, heatHours: 0, starts: 0 },
  commands: new Map(),
};

/** A measurement counts for so long. */
export const MEASURED_MS_MAX = 30_000;

/** Longer between two moments is sleep or standstill: nobody knows what ran, so nothing is counted. */
export const GAP_MS_MAX = 120_000;

/** No command takes more; a reading above it is none. */
const WATTS_MAX = 100_000;

const HOUR_MS = 3_600_000;

/** The counts after one more moment; `before` is undefined at the first. */
export function addEnergy(
  counts: EnergyCounts,
  before: EnergyMoment | undefined,
  now: EnergyMoment,
): EnergyCounts {
  const was = new Map(before?.commands.map((one) => [one.name, one]));
  const commands = new Map(counts.commands);
  let added = { kwh: 0, heatHours: 0 };
  for (const one of was.values()) {
    const more = between(one, before?.at ?? now.at, now.at);
    added = {
      kwh: added.kwh + more.kwh,
      heatHours: Math.max(added.heatHours, more.heatHours),
    };
    if (more.heatHours > 0) add(commands, one.name, { ...more, starts: 0 });
  }
  for (const { name, runningSince } of now.commands) {
    const isNew = runningSince !== undefined &&
      runningSince !== was.get(name)?.runningSince;
    if (isNew) add(commands, name, { kwh: 0, heatHours: 0, starts: 1 });
  }
  const ran = [...was.values()].some(isRunning);
  const began = !ran && now.commands.some(isRunning);
  return {
    total: sum(counts.total, { ...added, starts: began ? 1 : 0 }),
    commands,
  };
}

/** What one command used from `from` to `to`, if it ran as it did at `from`. */
function between(
  one: CommandPower,
  from: number,
  to: number,
): Omit<EnergyCount, "starts"> {
  const ms = to - from;
  // Written so that NaN is refused as well.
  if (!isRunning(one) || !(ms > 0 && ms <= GAP_MS_MAX)) {
    return { kwh: 0, heatHours: 0 };
  }
  const measured = plausible(one.measured?.watts);
  const freshUntil = Math.min(one.measured?.at ?? from, from) +
    MEASURED_MS_MAX;
  const freshMs = measured === undefined || Number.isNaN(freshUntil)
    ? 0
    : Math.min(Math.max(freshUntil - from, 0), ms);
  const estimated = plausible(one.estimatedWatts) ?? 0;
  const wattMs = (measured ?? 0) * freshMs + estimated * (ms - freshMs);
  return { kwh: wattMs / 1_000 / HOUR_MS, heatHours: ms / HOUR_MS };
}

function isRunning({ runningSince }: CommandPower): boolean {
  return runningSince !== undefined;
}

function plausible(watts: number | undefined): number | undefined {
  const is = watts !== undefined && watts >= 0 && watts <= WATTS_MAX;
  return is ? watts : undefined;
}

function add(
  commands: Map<string, EnergyCount>,
  name: string,
  more: EnergyCount,
): void {
  commands.set(name, sum(commands.get(name) ?? NO_ENERGY.total, more));
}

function sum(a: EnergyCount, b: EnergyCount): EnergyCount {
  return {
    kwh: a.kwh + b.kwh,
    heatHours: a.heatHours + b.heatHours,
    starts: a.starts + b.starts,
  };
}
