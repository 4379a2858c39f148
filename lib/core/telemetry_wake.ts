/** When what is told changes by time alone: then it has to be looked at, or said anew. */

import { isAlive } from "./guard.ts";
import { MACHINE_MS_MAX } from "./power.ts";
import {
  BUSY_MS,
  BUSY_STALE_MS,
  busySince,
  NO_HEAT_MS,
} from "./telemetry_message.ts";
import type { MachineFacts, TelemetryFacts } from "./telemetry_types.ts";
import { thermalMoments } from "./thermal.ts";
import type { CommandFacts, Limits, Observed } from "./types.ts";

/** The next such moment after now; `Infinity` if there is none. */
export function telemetryWakeAt(
  observed: Observed,
  { safety }: Pick<Limits, "safety">,
  now: number,
): number {
  const moments = [
    ...thermalMoments(observed, safety),
    ...momentsOfMachine(observed.machine),
  ];
  for (const [index, facts] of observed.commands.entries()) {
    const told = observed.telemetry[index];
    if (told?.isRead !== true) continue;
    if (isAlive(facts)) moments.push(...momentsOfRun(facts, told));
    const busyFrom = busySince(observed, told);
    if (told.busy === undefined || busyFrom === undefined) continue;
    moments.push(busyFrom + BUSY_MS, told.busy.at + BUSY_STALE_MS);
  }
  return Math.min(Infinity, ...moments.filter((at) => at > now));
}

/** Temperatures and watts of the machine grow too old to be told. */
function momentsOfMachine({ sensors, power }: MachineFacts): number[] {
  const told = sensors.map(({ at }) => at);
  if (power !== undefined) told.push(power.at);
  const stale = told.map((at) => at + MACHINE_MS_MAX);
  return power?.busySince === undefined
    ? stale
    : [...stale, power.busySince + BUSY_MS];
}

function momentsOfRun(facts: CommandFacts, told: TelemetryFacts): number[] {
  const { readAt, runAt, heatAt, staleAfterMs, sensors } = told;
  if (runAt === undefined || runAt !== facts.startedAt) return [];
  return [
    (readAt ?? runAt) + staleAfterMs,
    ...sensors.map(({ at }) => at + staleAfterMs),
    (heatAt ?? runAt) + NO_HEAT_MS,
  ];
}
