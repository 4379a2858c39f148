/** A TelemetryBuffer whose commands a test starts and ends. */

import { NO_ENERGY } from "../../lib/core/energy.ts";
import type { TelemetryFacts } from "../../lib/core/telemetry_types.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { Doorbell } from "../../lib/doorbell.ts";
import { TelemetryBuffer } from "../../lib/telemetry_buffer.ts";
import {
  commandLimits,
  facts,
  heatLimits,
  running,
  SAFETY,
} from "../core/make.ts";

/** What the parts that read put their readings into, and who starts what they read. */
export class Buffered {
  readonly buffer: TelemetryBuffer;
  readonly #clock: Clock;
  readonly #commands: CommandFacts[];
  /** How often something came in. */
  rings = 0;

  constructor(
    clock: Clock,
    reads: readonly {
      readonly isRead: boolean;
      readonly staleAfterMs: number;
    }[] = [{ isRead: true, staleAfterMs: 30_000 }],
  ) {
    this.#clock = clock;
    const names = reads.map((_, index) => `c${index}`);
    this.#commands = names.map((name) => facts({ name }));
    const doorbell = new Doorbell();
    doorbell.ring = () => void (this.rings += 1);
    this.buffer = new TelemetryBuffer({
      clock,
      doorbell,
      limits: {
        heat: heatLimits(),
        safety: SAFETY,
        commands: names.map((name) => commandLimits({ name })),
      },
      reads,
      energy: NO_ENERGY,
    });
  }

  /** A run begins now. */
  begin(index = 0): void {
    const name = `c${index}`;
    this.#commands[index] = running(this.#clock.now(), { name });
    this.look();
  }

  /** Nothing of the command is left. */
  end(index = 0): void {
    this.#commands[index] = facts({ name: `c${index}` });
    this.look();
  }

  /** What is known of a command. */
  told(index = 0): TelemetryFacts {
    const told = this.look()[index];
    if (told === undefined) throw new Error(`No command ${index}`);
    return told;
  }

  look(): readonly TelemetryFacts[] {
    return this.buffer.observe(this.#commands).telemetry;
  }
}
