/** Sensors, folders, disk, clock and permissions of this machine. */

import { statfs } from "node:fs/promises";
import { systemClock } from "../../clock.ts";
import type { Config } from "../../config.ts";
import { timeOfDay, wordsOf } from "../../core/words.ts";
import { capabilities } from "../../process/capabilities.ts";
import { Sensors, systemSources } from "../../telemetry/sensors/sensors.ts";
import type { Source } from "../../telemetry/sensors/source.ts";
import type { Finding } from "./finding.ts";

/** Less room than this and logs and counts are lost soon. */
const FREE_BYTES_MIN = 100 * 1024 * 1024;

/** Before this program was made no clock is right. */
const WALL_MS_MIN = Date.UTC(2026, 0, 1);

/** A counter tells power by its growth alone. */
const GROWTH_MS = 1_000;

/** All of it; `place` is ours unless a controller runs, whose folder is in use. */
export async function checkMachine(
  config: Config,
  place: {
    readonly dir: string | undefined;
    readonly missing: readonly string[];
  } | undefined,
): Promise<Finding[]> {
  const state: Finding[] = place === undefined
    ? [{
      level: "ok",
      what: "state",
      found: "not looked at, as the controller that runs has its own",
    }]
    : place.dir === undefined
    ? []
    : await checkFolder("state", place.dir);
  return [
    ...await checkSensors(),
    ...state,
    ...config.log.dir === undefined ? [] : [
      ...await checkFolder("log", config.log.dir),
      ...await checkLogFiles(config.log.dir, config.commands),
    ],
    checkClock(config),
    ...[...capabilities(), ...place?.missing ?? []].map((off): Finding => ({
      level: "note",
      what: "protection",
      found: `is off: ${off}`,
    })),
  ];
}

async function checkSensors(): Promise<Finding[]> {
  const sources = systemSources(systemClock).map(remembering);
  const sensors = new Sensors({
    clock: systemClock,
    sources,
    onReading: () => {},
  });
  await sensors.read();
  await systemClock.sleep(GROWTH_MS);
  const { temperatures, powerW, faults } = await sensors.read();
  const watts = Object.entries(powerW).filter(([, one]) => one !== undefined)
    .map(([name, one]) => `${name} ${Math.round(one ?? 0)} W`);
  const hot = temperatures.toSorted((a, b) => b.celsius - a.celsius)[0];
  const told = [
    hot === undefined
      ? "no temperature"
      : `${temperatures.length} temperatures, the hottest is ${hot.device} ` +
        `with ${Math.round(hot.celsius)} °C`,
    watts.length === 0 ? "no power" : watts.join(", "),
  ];
  return [
    { level: "ok", what: "sensors", found: told.join("; ") },
    ...faults.map((found): Finding => ({
      level: "wrong",
      what: "sensors",
      found,
    })),
    ...sources.flatMap(({ unusable }): Finding[] =>
      unusable === undefined
        ? []
        : [{ level: "note", what: "sensors", found: unusable }]
    ),
  ];
}

/** The same source, and why it cannot be used. */
function remembering(source: Source): Source & { unusable?: string } {
  const one: Source & { unusable?: string } = {
    name: source.name,
    async read() {
      const reading = await source.read();
      if (reading.unusable !== undefined) one.unusable = reading.unusable;
      return reading;
    },
  };
  return one;
}

async function checkFolder(what: string, dir: string): Promise<Finding[]> {
  try {
    await Deno.mkdir(dir, { recursive: true });
    const probe = await Deno.makeTempFile({ dir, prefix: ".try-" });
    await Deno.remove(probe);
    const { bavail, bsize } = await statfs(dir);
    const free = bavail * bsize;
    const found = `${dir}, ${Math.floor(free / 1024 / 1024)} MiB free`;
    if (free >= FREE_BYTES_MIN) return [{ level: "ok", what, found }];
    return [{ level: "wrong", what, found, advice: "make room on this disk" }];
  } catch (error) {
    return [{
      level: "wrong",
      what,
      found: `${dir} cannot be written: ${wordsOf(error)}`,
      advice: "let this user write to it",
    }];
  }
}

/** A FIFO, say, would never be written: that goes to the terminal alone. */
async function checkLogFiles(
  dir: string,
  commands: Config["commands"],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of ["kolikko", ...commands.map(({ name }) => name)]) {
    const path = `${dir}/${name}.log`;
    const isFile = await Deno.stat(path).then((it) => it.isFile, () => true);
    if (isFile) continue;
    findings.push({
      level: "wrong",
      what: "log",
      found: `"${path}" is not a file`,
      advice: "remove it, or set another dir below [log]",
    });
  }
  return findings;
}

function checkClock({ limits }: Config): Finding {
  const isQuiet = limits.commands.some(({ quietHours }) =>
    quietHours.length > 0
  );
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const found = `${timeOfDay(systemClock.local(), 0)} (${zone})` +
    (isQuiet ? ", by which quiet hours go" : "");
  if (systemClock.wall() >= WALL_MS_MIN) {
    return { level: "ok", what: "clock", found };
  }
  return {
    level: "wrong",
    what: "clock",
    found: `${found}, and the date is wrong`,
    advice: "set the clock; quiet hours and TLS go by it",
  };
}
