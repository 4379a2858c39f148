/** The thermal guard: what is too hot, or cannot be read any more, must not heat. */

import type { SafetyLimits } from "./limits.ts";
import type { Temperature } from "./reading.ts";
import type { SensorFacts } from "./telemetry_types.ts";
import type { CommandFacts } from "./types.ts";

/** Why something must not heat. */
export type Hot =
  | { readonly kind: "hot"; readonly device: string; readonly celsius: number }
  | {
    readonly kind: "silent";
    readonly device: string;
    readonly forMs: number;
  };

/** One reading may be a slip; so many in a row are not. */
const HOT_READINGS = 2;

/** A sensor that was there and tells nothing for so long counts as too hot. */
export const SILENT_MS = 60_000;

/** More sensors than that are not kept. */
const SENSORS_MAX = 128;

/** New temperatures came in; a sensor that is not among them keeps its facts. */
export function absorbTemperatures(
  sensors: readonly SensorFacts[],
  told: { readonly temperatures: readonly Temperature[]; readonly at: number },
  safety: SafetyLimits,
): readonly SensorFacts[] {
  const known = new Map(sensors.map((sensor) => [sensor.device, sensor]));
  for (const { device, celsius } of told.temperatures) {
    const before = known.get(device);
    if (before === undefined && known.size >= SENSORS_MAX) continue;
    const isAbove = celsius > safety.maxTemperatureC;
    const hotReadings = isAbove ? (before?.hotReadings ?? 0) + 1 : 0;
    const wasHot = before?.isHot ?? false;
    known.set(device, {
      device,
      celsius,
      at: told.at,
      hotReadings,
      isHot: hotReadings >= HOT_READINGS ||
        (wasHot && celsius >= safety.resumeBelowC),
    });
  }
  return [...known.values()];
}

/** What is too hot of these sensors, the hottest first; a silent one counts too. */
export function hotOf(
  sensors: readonly SensorFacts[],
  now: number,
): Hot | undefined {
  const hot = sensors.filter(({ isHot }) => isHot)
    .sort((a, b) => b.celsius - a.celsius)[0];
  if (hot !== undefined) {
    return { kind: "hot", device: hot.device, celsius: hot.celsius };
  }
  const silent = sensors.find(({ at }) => at + SILENT_MS <= now);
  if (silent === undefined) return undefined;
  return { kind: "silent", device: silent.device, forMs: now - silent.at };
}

/** Without power a miner's own sensors tell nothing, so what was too hot rests for so long. */
const COOL_DOWN_MS = 600_000;

/**
 * What is too hot of a command's own devices. Once it has ended they tell
 * nothing any more: then what they were when it was asked to stop, or ended,
 * counts until it had time to cool down.
 */
export function hotCommand(
  facts: CommandFacts,
  told: {
    readonly runAt: number | undefined;
    readonly sensors: readonly SensorFacts[];
  },
  now: number,
): Hot | undefined {
  if (told.runAt === undefined || told.runAt !== facts.startedAt) {
    return undefined;
  }
  const stoppedAt = facts.signalledAt ?? facts.exitedAt;
  if (facts.emptyAt === undefined) return hotOf(told.sensors, stoppedAt ?? now);
  if (coolsAt(facts) <= now) return undefined;
  return hotOf(told.sensors, stoppedAt ?? facts.emptyAt);
}

/** When a command that was stopped as too hot may start again. */
export function coolsAt(facts: CommandFacts): number {
  return (facts.aliveUntil ?? -Infinity) + COOL_DOWN_MS;
}

/** When a sensor that tells nothing more would count as too hot. */
export function silentAt(sensors: readonly SensorFacts[]): number {
  return Math.min(Infinity, ...sensors.map(({ at }) => at + SILENT_MS));
}

/** The hottest temperature that is not older than `staleAfterMs`; undefined if there is none. */
export function hottest(
  sensors: readonly SensorFacts[],
  options: { readonly now: number; readonly staleAfterMs: number },
): number | undefined {
  const fresh = sensors.filter(({ at }) =>
    options.now - at < options.staleAfterMs
  );
  if (fresh.length === 0) return undefined;
  return Math.max(...fresh.map(({ celsius }) => celsius));
}
