/** Miners: reads all commands' programs, each the way that fits it. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { TelemetryBuffer } from "../telemetry_buffer.ts";
import { HOLDS_MS_FIRST, LineReader } from "./line_reader.ts";
import { Poller } from "./poller.ts";
import type { Where } from "./reader.ts";
import type { Program, TelemetrySettings } from "./settings.ts";
import { type Way, wayOf } from "./way.ts";

const log = getLogger(["kolikko", "telemetry"]);

/** A reading older than so many intervals is unknown. */
const INTERVALS_MAX = 3;

export interface MinersOptions {
  readonly clock: Clock;
  /** In the order of the commands. */
  readonly programs: readonly Program[];
  readonly settings: readonly TelemetrySettings[];
}

interface One {
  readonly program: Program;
  readonly settings: TelemetrySettings;
  readonly way: Way;
}

/** Reads into a buffer; until that is there, lines are for nobody. */
export class Miners {
  readonly #clock: Clock;
  readonly #all: readonly One[];
  readonly #lines = new Map<string, LineReader>();

  constructor({ clock, programs, settings }: MinersOptions) {
    this.#clock = clock;
    this.#all = programs.map((program, index) => {
      const own = settings[index];
      if (own === undefined) throw new Error(`No settings of ${program.name}`);
      return { program, settings: own, way: wayOf(own, program) };
    });
  }

  /** How each command is read, in order. */
  get reads(): readonly {
    readonly isRead: boolean;
    readonly staleAfterMs: number;
  }[] {
    return this.#all.map(({ way, settings }) => ({
      isRead: way.kind !== "none",
      staleAfterMs: way.kind === "stdout"
        ? HOLDS_MS_FIRST
        : INTERVALS_MAX * settings.intervalMs,
    }));
  }

  /** Takes a line that a command printed. */
  push(name: string, line: string): void {
    this.#lines.get(name)?.push(line);
  }

  /** Reads until the signal is aborted. */
  async run(buffer: TelemetryBuffer, signal: AbortSignal): Promise<void> {
    const clock = this.#clock;
    const parts: Promise<void>[] = [];
    for (const [index, one] of this.#all.entries()) {
      this.#tell(one);
      const { name } = one.program;
      if (one.way.kind === "stdout") {
        const { patterns } = one.settings;
        const lines = new LineReader({ index, name, clock, buffer, patterns });
        this.#lines.set(name, lines);
        parts.push(lines.run(signal));
      }
      if (one.way.kind !== "api") continue;
      const { reader, where } = one.way;
      const poller = new Poller({
        index,
        name,
        reader,
        where,
        buffer,
        clock,
        intervalMs: one.settings.intervalMs,
        neighbours: this.#neighboursOf(index, where),
      });
      parts.push(poller.run(signal));
    }
    await Promise.all(parts);
  }

  #neighboursOf(index: number, where: Where): readonly number[] {
    return this.#all.flatMap(({ way }, other) =>
      other !== index && way.kind === "api" && way.where.port === where.port &&
        way.where.host === where.host
        ? [other]
        : []
    );
  }

  #tell({ program, way }: One): void {
    const { name } = program;
    switch (way.kind) {
      case "none":
        return log.info("Does not read {command}", { command: name });
      case "api": {
        const { reader, where } = way;
        return log.info("Reads {command} by the API of {program}", {
          command: name,
          program: reader.program,
          host: where.host,
          port: where.port,
        });
      }
      case "stdout":
        if (way.advice === undefined) {
          return log.info("Reads the output of {command}", { command: name });
        }
        return log.warn(
          "Reads the output of {command} alone, as its API is off: {advice}",
          { command: name, advice: way.advice },
        );
    }
  }
}
