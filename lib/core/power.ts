/** How much heat each command makes: measured where anything measures it, else as configured. */

import { isAlive } from "./guard.ts";
import { freshReading } from "./telemetry.ts";
import type { MachinePower, TelemetryFacts } from "./telemetry_types.ts";
import type { CommandLimits, Observed } from "./types.ts";

/** A measurement of the machine counts for so long. */
export const MACHINE_MS_MAX = 30_000;

/** Watts, and who says so; `estimated` is what the owner configured. */
export interface Power {
  readonly watts: number;
  readonly source: "miner" | "machine" | "estimated";
}

/**
 * The power of each command, in order: 0 W while nothing of it lives, undefined
 * if nothing tells it. What the machine measures beyond what the miners tell is
 * shared by those that tell nothing, as their configured watts are to each other.
 */
export function powerOf(
  observed: Pick<Observed, "commands" | "telemetry" | "machine">,
  limits: readonly Pick<CommandLimits, "watts">[],
  now: number,
): readonly (Power | undefined)[] {
  const told = observed.commands.map((facts, index) => {
    if (!isAlive(facts)) return { watts: 0, source: "miner" } as const;
    const watts = freshReading(observed.telemetry[index], now)?.powerW;
    return watts === undefined
      ? undefined
      : { watts, source: "miner" } as const;
  });
  const silent = told.flatMap((power, index) =>
    power === undefined ? [index] : []
  );
  const rest = restOfMachine(observed, told, now);
  // In proportion to what the owner says; if he does not of each, all the same.
  const isKnown = silent.every((index) => limits[index]?.watts !== undefined);
  const weight = (watts: number | undefined) =>
    isKnown && watts !== undefined ? watts : 1;
  const sum = silent.reduce(
    (sum, index) => sum + weight(limits[index]?.watts),
    0,
  );
  return told.map((power, index): Power | undefined => {
    if (power !== undefined) return power;
    const watts = limits[index]?.watts;
    const measured = rest === undefined
      ? undefined
      : rest * weight(watts) / sum;
    if (measured !== undefined && sees(measured, watts)) {
      return { watts: measured, source: "machine" };
    }
    return watts === undefined ? undefined : { watts, source: "estimated" };
  });
}

/** Far less than the owner says is the power of something else: no sensor sees what heats. */
function sees(measured: number, configured: number | undefined): boolean {
  return configured === undefined || measured >= configured / 2;
}

/** Such a part of what all commands take is more than a machine takes at rest. */
const BUSY_PART = 0.5;

/** A measurement of the machine, after the one before; `fullW`: what all commands take, if that is known. */
export function machinePower(
  watts: number,
  before: MachinePower | undefined,
  { at, isIdle, fullW }: {
    readonly at: number;
    readonly isIdle: boolean;
    readonly fullW: number | undefined;
  },
): MachinePower {
  const isBusy = isIdle && fullW !== undefined && watts >= BUSY_PART * fullW;
  if (!isBusy) return { watts, at };
  // Of a time in which nobody measured nothing is known.
  const isSteady = before !== undefined && at < before.at + MACHINE_MS_MAX;
  const since = isSteady ? before.busySince : undefined;
  return { watts, at, busySince: since ?? at };
}

/** What all commands take, as configured or as measured at work; undefined if that of one is unknown. */
export function fullPowerOf(
  limits: readonly Pick<CommandLimits, "watts">[],
  telemetry: readonly Pick<TelemetryFacts, "ratedW">[],
): number | undefined {
  return limits.reduce<number | undefined>((sum, { watts }, index) => {
    const own = watts ?? telemetry[index]?.ratedW;
    return sum === undefined || own === undefined ? undefined : sum + own;
  }, 0);
}

/** The power of all commands together; undefined if that of one is unknown. */
export function totalPower(
  powers: readonly (Power | undefined)[],
): Power | undefined {
  const known = powers.filter((power) => power !== undefined);
  if (known.length < powers.length) return undefined;
  const watts = known.reduce((sum, power) => sum + power.watts, 0);
  const working = known.filter((power) => power.watts > 0);
  const source = working.find(({ source }) => source === "estimated")?.source ??
    working.find(({ source }) => source === "machine")?.source ?? "miner";
  return { watts, source };
}

function restOfMachine(
  { machine }: Pick<Observed, "machine">,
  told: readonly (Power | undefined)[],
  now: number,
): number | undefined {
  const { power } = machine;
  if (power === undefined || now >= power.at + MACHINE_MS_MAX) return undefined;
  const known = told.reduce((sum, one) => sum + (one?.watts ?? 0), 0);
  return Math.max(power.watts - known, 0);
}
