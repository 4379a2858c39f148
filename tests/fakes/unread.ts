/** A world in which nothing reads the miners. */

import type { Clock } from "../../lib/clock.ts";
import type { Telemetry, World } from "../../lib/controller.ts";
import { NO_ENERGY } from "../../lib/core/energy.ts";
import type { Limits } from "../../lib/core/types.ts";
import { Doorbell } from "../../lib/doorbell.ts";
import { TelemetryBuffer } from "../../lib/telemetry_buffer.ts";

/** So many commands that nothing reads. */
export function unread(commands: number): Telemetry {
  return {
    reads: Array.from(
      { length: commands },
      () => ({ isRead: false, staleAfterMs: 30_000 }),
    ),
    run: (_buffer, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
}

/** Energy that is neither there nor kept. */
export const NO_KEPT_ENERGY: World["energy"] = {
  counts: NO_ENERGY,
  keep: () => Promise.resolve(),
};

/** A buffer that nothing fills. */
export function unreadTelemetry(clock: Clock, limits: Limits): TelemetryBuffer {
  return new TelemetryBuffer({
    clock,
    doorbell: new Doorbell(),
    limits,
    reads: unread(limits.commands.length).reads,
    energy: NO_ENERGY,
  });
}
