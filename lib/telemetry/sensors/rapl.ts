/** Rapl: the processor's power from its energy counters, which Intel and AMD show alike. */

import type { Clock } from "../../clock.ts";
import { readNumber, readText, type SensorFiles } from "./sensor_files.ts";
import {
  NOTHING,
  plausibleWatts,
  type Source,
  type SourceReading,
  sumOf,
} from "./source.ts";

/** After so long a counter may have wrapped more than once: it is only looked at anew. */
const GAP_MS_MAX = 120_000;

/** So short a time says little of a power. */
const GAP_MS_MIN = 500;

const ZONES_MAX = 64;

export interface RaplOptions {
  readonly files: SensorFiles;
  readonly clock: Clock;
  /** `/sys`, or a test's own. */
  readonly root: string;
}

interface Count {
  readonly microjoules: number;
  readonly at: number;
}

/** Remembers each counter, as only its growth says something. */
export class Rapl implements Source {
  readonly name = "rapl";
  readonly #options: RaplOptions;
  readonly #folder: string;
  #last = new Map<string, Count>();

  constructor(options: RaplOptions) {
    this.#options = options;
    this.#folder = `${options.root}/class/powercap`;
  }

  async read(): Promise<SourceReading> {
    const { files } = this.#options;
    const names = await files.list(this.#folder);
    if (names === "closed") {
      return {
        ...NOTHING,
        unusable:
          "The processor's power is not read, as Deno closes /sys: run with --allow-all",
      };
    }
    // Sub-domains (intel-rapl:0:0) are parts of their package.
    const zones = names.filter((name) => /^intel-rapl:\d+$/.test(name))
      .slice(0, ZONES_MAX);
    const packages: string[] = [];
    for (const zone of zones) {
      const path = `${this.#folder}/${zone}`;
      const name = await readText(files, `${path}/name`);
      // The other kind at this level is psys, which holds the packages.
      if (name?.startsWith("package-")) packages.push(path);
    }
    const last = this.#last;
    this.#last = new Map();
    const watts: (number | undefined)[] = [];
    for (const path of packages) {
      const found = await files.read(`${path}/energy_uj`);
      if (found.kind === "denied") {
        return { ...NOTHING, unusable: denied(path) };
      }
      const count = found.kind === "text" ? this.#count(found.text) : undefined;
      if (count !== undefined) this.#last.set(path, count);
      watts.push(await this.#watts(path, last.get(path), count));
    }
    return { ...NOTHING, powerW: sumOf(watts) };
  }

  #count(text: string): Count | undefined {
    if (!/^\d{1,18}$/.test(text)) return undefined;
    return { microjoules: Number(text), at: this.#options.clock.now() };
  }

  async #watts(
    path: string,
    from: Count | undefined,
    to: Count | undefined,
  ): Promise<number | undefined> {
    if (from === undefined || to === undefined) return undefined;
    const ms = to.at - from.at;
    if (ms < GAP_MS_MIN || ms > GAP_MS_MAX) return undefined;
    let grown = to.microjoules - from.microjoules;
    if (grown < 0) {
      const range = await readNumber(
        this.#options.files,
        `${path}/max_energy_range_uj`,
      );
      if (range === undefined || from.microjoules > range) return undefined;
      grown += range;
    }
    return plausibleWatts(grown / 1_000 / ms);
  }
}

function denied(path: string): string {
  return `The processor's power is not measured, as ${path}/energy_uj is for root alone: ` +
    `let this user read it, for example by a line "z ${path}/energy_uj 0444" in ` +
    `/etc/tmpfiles.d/kolikko.conf, or set watts of each command`;
}
