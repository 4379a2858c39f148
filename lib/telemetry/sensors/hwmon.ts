/** Hwmon: the temperatures that Linux shows in /sys/class/hwmon, and the power of AMD and Intel cards. */

import { readNumber, readText, type SensorFiles } from "./sensor_files.ts";
import {
  NOTHING,
  plausibleCelsius,
  plausibleWatts,
  type Source,
  type SourceReading,
  sumOf,
  type Temperature,
} from "./source.ts";

/**
 * Drivers whose power is that of a card. Others count what is counted already:
 * a battery, a power supply, each of its rails.
 */
const CARDS = ["amdgpu", "radeon", "nouveau", "i915", "xe"];

/**
 * Drivers whose temperatures are those of what heats. Drives, boards, batteries
 * and networks have limits of their own, and boards show inputs with no sensor.
 */
const HEATERS = [
  ...CARDS,
  "coretemp",
  "k10temp",
  "zenpower",
  "k8temp",
  "fam15h_power",
  "via_cputemp",
  "cpu_thermal",
  "soc_thermal",
];

/** Parts of a card that its maker lets run at up to 110 °C; its driver guards them. */
const OWN_LIMITS = ["junction", "mem"];

const CHIPS_MAX = 64;
const INPUTS_MAX = 64;

export interface HwmonOptions {
  readonly files: SensorFiles;
  /** `/sys`, or a test's own. */
  readonly root: string;
}

/** Reads all chips afresh each time: their numbers change when a driver is loaded again. */
export class Hwmon implements Source {
  readonly name = "hwmon";
  readonly #files: SensorFiles;
  readonly #folder: string;

  constructor({ files, root }: HwmonOptions) {
    this.#files = files;
    this.#folder = `${root}/class/hwmon`;
  }

  async read(): Promise<SourceReading> {
    const chips = await this.#files.list(this.#folder);
    if (chips === "closed") {
      return {
        ...NOTHING,
        unusable:
          "The machine's own temperatures are not read, as Deno closes /sys: run with --allow-all",
      };
    }
    const found = await Promise.all(
      chips.slice(0, CHIPS_MAX).map((chip) => this.#chip(chip)),
    );
    return {
      temperatures: found.flatMap(({ temperatures }) => temperatures),
      powerW: sumOf(found.flatMap(({ powers }) => powers)),
      faults: [],
    };
  }

  async #chip(chip: string): Promise<{
    temperatures: Temperature[];
    /** Undefined inside: a card that does not tell. */
    powers: (number | undefined)[];
  }> {
    const path = `${this.#folder}/${chip}`;
    const files = await this.#files.list(path);
    const name = await readText(this.#files, `${path}/name`);
    if (
      files === "closed" || name === undefined || !HEATERS.includes(name)
    ) {
      return { temperatures: [], powers: [] };
    }
    const device = await this.#files.link(`${path}/device`) ?? chip;
    const chipName = device.startsWith(name) ? device : `${name} ${device}`;
    const inputs = files.flatMap((file) =>
      /^(temp\d+)_input$/.exec(file)?.[1] ?? []
    )
      .slice(0, INPUTS_MAX);
    const temperatures = await Promise.all(inputs.map(async (input) => {
      const celsius = await this.#celsius(`${path}/${input}`);
      if (celsius === undefined) return [];
      const label = await readText(this.#files, `${path}/${input}_label`);
      if (OWN_LIMITS.includes(label ?? "")) return [];
      return [{ device: `${chipName} ${label ?? input}`, celsius }];
    }));
    return {
      temperatures: temperatures.flat(),
      powers: isCard(name, files) ? await this.#watts(path, files) : [],
    };
  }

  async #celsius(path: string): Promise<number | undefined> {
    const milli = await readNumber(this.#files, `${path}_input`);
    if (milli === undefined) return undefined;
    // What the chip itself calls broken.
    if (await readNumber(this.#files, `${path}_fault`) === 1) return undefined;
    return plausibleCelsius(milli / 1_000);
  }

  /** The first of a card's powers: more of them are parts of it. */
  async #watts(
    path: string,
    files: readonly string[],
  ): Promise<(number | undefined)[]> {
    const file = ["power1_average", "power1_input"]
      .find((one) => files.includes(one));
    if (file === undefined) return [];
    const micro = await readNumber(this.#files, `${path}/${file}`);
    return [micro === undefined ? undefined : plausibleWatts(micro / 1e6)];
  }
}

/** A part of the processor has no power limit of its own, and its watts are counted there. */
function isCard(name: string, files: readonly string[]): boolean {
  return name === "amdgpu"
    ? files.includes("power1_cap")
    : CARDS.includes(name);
}
