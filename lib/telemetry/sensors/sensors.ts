/** Sensors: what the machine's own sensors say, and which of them have fallen silent. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../../clock.ts";
import { findNvidiaSmi, nvidiaPlace } from "./find_nvidia_smi.ts";
import { Hwmon } from "./hwmon.ts";
import { NvidiaSmi } from "./nvidia_smi.ts";
import { Rapl } from "./rapl.ts";
import { runHelper } from "./run_helper.ts";
import { systemFiles } from "./sensor_files.ts";
import {
  NOTHING,
  type Source,
  type SourceName,
  type SourceReading,
  type Temperature,
} from "./source.ts";

const log = getLogger(["kolikko", "telemetry"]);

/** All sensors at one moment. */
export interface SensorsReading {
  /** Monotonic; when it was complete. */
  readonly at: number;
  readonly temperatures: readonly Temperature[];
  /** Watts by source; undefined where it is unknown. */
  readonly powerW: Readonly<Record<SourceName, number | undefined>>;
  /** What should have worked and did not, in words. */
  readonly faults: readonly string[];
  /** Devices that told their temperature before and do not now. */
  readonly silent: readonly string[];
}

export interface SensorsOptions {
  readonly clock: Clock;
  readonly sources: readonly Source[];
  /** Told each reading. */
  readonly onReading: (reading: SensorsReading) => void;
}

/** Between two readings. */
export const SENSORS_MS = 10_000;

/** A source that takes longer hangs; nvidia-smi has its own, shorter limit. */
const SOURCE_MS_MAX = 15_000;

/** More are no machine's; the first ones stay known. */
const DEVICES_MAX = 512;

/** The sensors that this platform has. */
export function systemSources(clock: Clock): Source[] {
  const nvidia = new NvidiaSmi({
    clock,
    run: runHelper,
    find: () => findNvidiaSmi(nvidiaPlace()),
  });
  if (Deno.build.os !== "linux") return [nvidia];
  const below = { files: systemFiles, root: "/sys" };
  return [nvidia, new Hwmon(below), new Rapl({ ...below, clock })];
}

/** Reads all sources, again and again; a source that hangs holds up nobody else. */
export class Sensors {
  readonly #options: SensorsOptions;
  readonly #known = new Set<string>();
  /** Sources whose last reading has not ended yet. */
  readonly #hanging = new Set<SourceName>();
  readonly #told = new Set<SourceName>();

  constructor(options: SensorsOptions) {
    this.#options = options;
  }

  /** Reads until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onReading } = this.#options;
    while (!signal.aborted) {
      const since = clock.now();
      const reading = await this.read(signal);
      // It was cut short: what is missing in it says nothing.
      if (signal.aborted) return;
      onReading(reading);
      const tookMs = clock.now() - since;
      await clock.sleep(Math.max(SENSORS_MS - tookMs, 1_000), signal);
    }
  }

  /** One reading of all sources, side by side. */
  async read(signal?: AbortSignal): Promise<SensorsReading> {
    const { clock, sources } = this.#options;
    const powerW: Record<SourceName, number | undefined> = {
      nvidia: undefined,
      hwmon: undefined,
      rapl: undefined,
    };
    const readings = await Promise.all(
      sources.map((source) => this.#ask(source, signal)),
    );
    for (const [index, { name }] of sources.entries()) {
      powerW[name] = readings[index]?.powerW;
    }
    const temperatures = readings.flatMap((one) => one.temperatures);
    const present = new Set(temperatures.map(({ device }) => device));
    for (const device of present) {
      if (this.#known.size < DEVICES_MAX) this.#known.add(device);
    }
    return {
      at: clock.now(),
      temperatures,
      powerW,
      faults: readings.flatMap(({ faults }) => faults),
      silent: [...this.#known].filter((device) => !present.has(device)),
    };
  }

  async #ask(source: Source, signal?: AbortSignal): Promise<SourceReading> {
    const { name } = source;
    if (this.#hanging.has(name)) {
      return failed(`The last reading of ${name} still hangs`);
    }
    const ended = new AbortController();
    this.#hanging.add(name);
    let reading = failed(
      `The reading of ${name} took longer than ${SOURCE_MS_MAX / 1_000} s`,
    );
    void source.read().then(
      (found) => reading = found,
      (error) => reading = failed(`The reading of ${name} failed: ${error}`),
    ).finally(() => {
      this.#hanging.delete(name);
      ended.abort();
    });
    const either = signal === undefined
      ? ended.signal
      : AbortSignal.any([ended.signal, signal]);
    await this.#options.clock.sleep(SOURCE_MS_MAX, either);
    this.#tell(name, reading);
    return reading;
  }

  /** What cannot be used is said once. */
  #tell(name: SourceName, { unusable }: SourceReading): void {
    if (unusable === undefined || this.#told.has(name)) return;
    this.#told.add(name);
    log.info("Some sensors are not used: {why}", { why: unusable });
  }
}

function failed(fault: string): SourceReading {
  return { ...NOTHING, faults: [fault] };
}
