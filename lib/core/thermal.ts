/** The thermal guard: what is too hot, or cannot be read any more, must not heat. */

import type { SafetyLimits } from "./limits.ts";
import type { Temperature } from "./reading.ts";
import type { SensorFacts, TelemetryFacts } from "./telemetry_types.ts";
import type { CommandFacts, Observed } from "./types.ts";

/** Why something must not heat. */
export type Hot =
  & (
    | {
      readonly kind: "hot";
      readonly device: string;
      readonly celsius: number;
    }
    | {
      readonly kind: "silent";
      readonly device: string;
      readonly forMs: number;
    }
  )
  & {
    /** Of what nobody can tell any more: when it had time to cool down. */
    readonly until: number | undefined;
  };

/** One reading may be a slip; so many in a row are not. */
const HOT_READINGS = 2;

/** A sensor that was there and tells nothing for so long counts as too hot. */
export const SILENT_MS = 60_000;

/** Without power sensors tell nothing, so what was too hot rests for so long. */
const COOL_DOWN_MS = 600_000;

/** More sensors than that are not kept. */
const SENSORS_MAX = 128;

/** What sensors say that are broken, besides what no machine survives. */
const NONSENSE_C: readonly number[] = [0, -1];
const CELSIUS_MIN = -40;
const CELSIUS_MAX = 200;

/**
 * New temperatures came in; a sensor that is not among them keeps its facts, and
 * so does one that tells nonsense: it falls silent by itself if it goes on so.
 */
export function absorbTemperatures(
  sensors: readonly SensorFacts[],
  told: { readonly temperatures: readonly Temperature[]; readonly at: number },
  safety: SafetyLimits,
): readonly SensorFacts[] {
  const known = new Map(sensors.map((sensor) => [sensor.device, sensor]));
  for (const [device, celsius] of hottestByName(told.temperatures)) {
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

/** Two devices of one name are one, and it is as hot as the hotter one. */
function hottestByName(
  temperatures: readonly Temperature[],
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { device, celsius } of temperatures) {
    // Written so that NaN is refused as well.
    const isSane = celsius > CELSIUS_MIN && celsius < CELSIUS_MAX &&
      !NONSENSE_C.includes(celsius);
    if (!isSane) continue;
    found.set(device, Math.max(found.get(device) ?? celsius, celsius));
  }
  return found;
}

/**
 * What is too hot of the machine's own sensors: then nothing may heat. At rest
 * some of them sleep with their device, so silence counts only while anything
 * runs; but then until the sensor tells something again.
 */
export function hotMachine(
  { commands, machine: { sensors } }: Pick<Observed, "commands" | "machine">,
  safety: SafetyLimits,
  now: number,
): Hot | undefined {
  if (!isGuarded(safety)) return undefined;
  const hot = hottestOf(
    sensors.filter(({ isHot, at }) => isHot && at + COOL_DOWN_MS > now),
  );
  if (hot !== undefined) {
    const { device, celsius, at } = hot;
    const until = at + SILENT_MS <= now ? at + COOL_DOWN_MS : undefined;
    return { kind: "hot", device, celsius, until };
  }
  const silent = sensors.find(({ at }) =>
    commands.some((facts) => silentAt(facts, at) <= (facts.emptyAt ?? now))
  );
  if (silent === undefined) return undefined;
  const { device, at } = silent;
  return { kind: "silent", device, forMs: now - at, until: undefined };
}

/** When a sensor that was told last `at` a moment is silent for too long in a run. */
function silentAt({ startedAt = Infinity }: CommandFacts, at: number): number {
  return Math.max(at, startedAt) + SILENT_MS;
}

/** What is told of a command's own devices, and by which run. */
type Told = Pick<TelemetryFacts, "runAt" | "sensors" | "staleAfterMs">;

/**
 * What is too hot of a command's own devices. Once it has ended they tell
 * nothing any more: then what they were when it was asked to stop, or ended,
 * counts until it had time to cool down. After a start of the controller nothing
 * is known: then the first readings decide.
 */
export function hotCommand(
  facts: CommandFacts,
  told: Told,
  { safety, now }: { readonly safety: SafetyLimits; readonly now: number },
): Hot | undefined {
  const isOwn = told.runAt === facts.startedAt;
  if (!isOwn || !isGuarded(safety)) return undefined;
  const until = coolsAt(facts);
  if (until !== undefined && until <= now) return undefined;
  const at = Math.min(
    now,
    facts.signalledAt ?? Infinity,
    facts.exitedAt ?? Infinity,
    facts.emptyAt ?? Infinity,
  );
  const hot = hottestOf(told.sensors.filter(({ isHot }) => isHot));
  if (hot !== undefined) {
    const { device, celsius } = hot;
    return { kind: "hot", device, celsius, until };
  }
  const silent = told.sensors.find((one) => one.at + silentMs(told) <= at);
  if (silent === undefined) return undefined;
  const { device } = silent;
  return { kind: "silent", device, forMs: at - silent.at, until };
}

/** One that is asked more seldom may be silent for longer. */
function silentMs({ staleAfterMs }: Told): number {
  return Math.max(SILENT_MS, staleAfterMs);
}

/** When what is gone had time to cool down; undefined while it lives. */
function coolsAt({ emptyAt }: CommandFacts): number | undefined {
  return emptyAt === undefined ? undefined : emptyAt + COOL_DOWN_MS;
}

/** The moments at which what is too hot changes although nothing is told. */
export function thermalMoments(
  { commands, machine, telemetry }: Observed,
  safety: SafetyLimits,
): number[] {
  if (!isGuarded(safety)) return [];
  const living = commands.filter(({ emptyAt }) => emptyAt === undefined);
  const ofMachine = machine.sensors.flatMap(({ at, isHot }) => [
    ...living.map((facts) => silentAt(facts, at)),
    ...isHot ? [at + SILENT_MS, at + COOL_DOWN_MS] : [],
  ]);
  const ofCommands = commands.flatMap((facts, index) => {
    const told = telemetry[index];
    if (told === undefined || told.runAt !== facts.startedAt) return [];
    const until = coolsAt(facts);
    return told.sensors.map(({ at }) => until ?? at + silentMs(told));
  });
  return [...ofMachine, ...ofCommands];
}

/** The hottest temperature that is not older than `staleAfterMs`; undefined if there is none. */
export function hottest(
  sensors: readonly SensorFacts[],
  options: { readonly now: number; readonly staleAfterMs: number },
): number | undefined {
  const { now, staleAfterMs } = options;
  return hottestOf(sensors.filter(({ at }) => now < at + staleAfterMs))
    ?.celsius;
}

function hottestOf(sensors: readonly SensorFacts[]): SensorFacts | undefined {
  return sensors.toSorted((a, b) => b.celsius - a.celsius)[0];
}

function isGuarded({ maxTemperatureC }: SafetyLimits): boolean {
  return maxTemperatureC < Infinity;
}
