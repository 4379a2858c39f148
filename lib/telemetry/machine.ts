/** What the machine's own sensors tell, put where the decisions look. */

import type { Clock } from "../clock.ts";
import type { TelemetryBuffer } from "../telemetry_buffer.ts";
import { Sensors, type SensorsReading } from "./sensors/sensors.ts";
import type { Source } from "./sensors/source.ts";

/** Reads the sensors into the buffer until the signal is aborted. */
export async function readMachine(
  buffer: TelemetryBuffer,
  options: {
    readonly clock: Clock;
    readonly sources: readonly Source[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { clock, sources, signal } = options;
  const sensors = new Sensors({
    clock,
    sources,
    onReading: (reading) =>
      buffer.putMachine({
        temperatures: reading.temperatures,
        powerW: totalOf(reading),
      }),
  });
  await sensors.run(signal);
}

/** No source counts a watt that another one counts; undefined if none knows any. */
function totalOf({ powerW }: SensorsReading): number | undefined {
  const known = Object.values(powerW).filter((watts) => watts !== undefined);
  return known.length === 0
    ? undefined
    : known.reduce((sum, watts) => sum + watts, 0);
}
