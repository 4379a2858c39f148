/** What to publish of hashrate, shares, power, energy and temperatures. Pure. */

import type { EnergyCount } from "./energy.ts";
import { isAlive } from "./guard.ts";
import { MACHINE_MS_MAX, type Power, powerOf, totalPower } from "./power.ts";
import { freshReading, provesHeat } from "./telemetry.ts";
import type { Counters, TelemetryFacts } from "./telemetry_types.ts";
import { hottest } from "./thermal.ts";
import type { Topics } from "./topics.ts";
import type { CommandFacts, CommandLimits, Observed } from "./types.ts";

/** Numbers for people and machines: null is unknown, 0 is stopped. */
export interface TelemetryNumbers {
  readonly "hashrate_khs": number | null;
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly stale: number | null;
  readonly "power_w": number | null;
  readonly "power_source": Power["source"] | null;
  readonly "temperature_c": number | null;
  readonly "energy_kwh": number;
  readonly "heat_hours": number;
  readonly starts: number;
}

/** What is told of one command, besides its state. */
export interface CommandNumbers extends TelemetryNumbers {
  /** Do hashes or watts really flow? Null if nothing tells. */
  readonly proven: "ON" | "OFF" | null;
  readonly algorithm: string | null;
  readonly pool: string | null;
  /** Dual mining: the algorithms besides the first. */
  readonly others: readonly {
    readonly algorithm: string | null;
    readonly "hashrate_khs": number;
  }[];
  /** Why nothing can be read, if so. */
  readonly "api_fault": string | null;
}

/** The numbers of each command, in order, and of all together. */
export interface Numbers {
  readonly commands: readonly CommandNumbers[];
  readonly total: TelemetryNumbers;
}

/** Puts all numbers together at one moment. */
export function numbersOf(
  observed: Observed,
  limits: readonly CommandLimits[],
  now: number,
): Numbers {
  const powers = powerOf(observed, limits, now);
  const commands = observed.commands.map((facts, index) =>
    numbersOfCommand(facts, {
      told: observed.telemetry[index],
      power: powers[index],
      energy: observed.energy.commands.get(facts.name),
      now,
    })
  );
  const read = commands.filter((_, index) =>
    observed.telemetry[index]?.isRead === true
  );
  const sum = (name: "hashrate_khs" | "accepted" | "rejected" | "stale") =>
    sumOrNull(read.map((one) => one[name]));
  const machine = hottest(observed.machine.sensors, {
    now,
    staleAfterMs: MACHINE_MS_MAX,
  });
  const total = totalPower(powers);
  const living = observed.commands.flatMap((facts, index) =>
    isAlive(facts) ? [observed.telemetry[index]?.isRead === true] : []
  );
  const isOff = living.length === 0;
  // Of a heater of which only that runs which nothing reads, nothing is known.
  const isKnown = isOff || living.includes(true);
  return {
    commands,
    total: {
      hashrate_khs: isOff ? 0 : isKnown ? sum("hashrate_khs") : null,
      accepted: sum("accepted"),
      rejected: sum("rejected"),
      stale: sum("stale"),
      ...powerNumbers(isOff ? OFF : total),
      temperature_c: maxOrNull([
        machine ?? null,
        ...commands.map((one) => one.temperature_c),
      ]),
      ...energyNumbers(observed.energy.total),
    },
  };
}

/** The payloads of the topics that hold numbers alone. */
export function numberPayloads(
  numbers: Numbers,
  options: { readonly topics: Topics; readonly names: readonly string[] },
): Map<string, string> {
  const { topics, names } = options;
  const payloads = new Map([
    [topics.hashrate, plain(numbers.total.hashrate_khs)],
    [topics.accepted, plain(numbers.total.accepted)],
  ]);
  for (const [index, name] of names.entries()) {
    const one = numbers.commands[index];
    if (one === undefined) continue;
    const topic = `${topics.commandBase}/${name}`;
    payloads.set(`${topic}/hashrate`, plain(one.hashrate_khs));
    payloads.set(`${topic}/accepted`, plain(one.accepted));
  }
  return payloads;
}

/** The topics that hold numbers, alone or among others. */
export function numberTopics(
  topics: Topics,
  names: readonly string[],
): readonly string[] {
  return [
    topics.hashrate,
    topics.accepted,
    topics.telemetry,
    ...names.flatMap((name) => {
      const topic = `${topics.commandBase}/${name}`;
      return [topic, `${topic}/hashrate`, `${topic}/accepted`];
    }),
  ];
}

/** Of these, the topics of sensors that Home Assistant calls unavailable when they are silent for long. */
export function expiringTopics(
  topics: Topics,
  names: readonly string[],
): readonly string[] {
  return [
    topics.hashrate,
    topics.telemetry,
    ...names.map((name) => `${topics.commandBase}/${name}`),
  ];
}

/** A number without an exponent, or null; what is read is far below 1e21. */
export function plain(value: number | null): string {
  if (value === null) return "null";
  return value.toFixed(6).replace(/\.?0+$/, "");
}

interface CommandParts {
  readonly told: TelemetryFacts | undefined;
  readonly power: Power | undefined;
  readonly energy: EnergyCount | undefined;
  readonly now: number;
}

function numbersOfCommand(
  facts: CommandFacts,
  { told, power, energy, now }: CommandParts,
): CommandNumbers {
  const lives = isAlive(facts);
  const own = lives && told?.runAt === facts.startedAt ? told : undefined;
  const reading = freshReading(own, now);
  const count = (name: keyof Counters) => countOf(name, { facts, told, now });
  const temperature = own &&
    hottest(own.sensors, { now, staleAfterMs: own.staleAfterMs });
  return {
    hashrate_khs: lives ? khs(reading?.hashrateHs) : 0,
    accepted: count("accepted"),
    rejected: count("rejected"),
    stale: count("stale"),
    ...powerNumbers(lives ? power : OFF),
    temperature_c: temperature ?? null,
    ...energyNumbers(energy),
    proven: !lives ? "OFF" : proofOf(reading, told),
    algorithm: reading?.algorithm ?? null,
    pool: reading?.pool ?? null,
    others: (reading?.others ?? []).map(({ algorithm, hashrateHs }) => ({
      algorithm: algorithm ?? null,
      hashrate_khs: rounded(hashrateHs / 1000, 6),
    })),
    api_fault: lives ? told?.fault ?? null : null,
  };
}

/**
 * A count as long as it is known: the count before a run stands for as long as a
 * reading would, and after a run for ever.
 */
function countOf(
  name: keyof Counters,
  { facts, told, now }: Omit<CommandParts, "power" | "energy"> & {
    readonly facts: CommandFacts;
  },
): number | null {
  if (told?.isRead !== true) return null;
  const { reading, readAt, runAt, staleAfterMs } = told;
  if (reading !== undefined && reading[name] === undefined) return null;
  if (!isAlive(facts)) return told[name];
  const knownAt = runAt === facts.startedAt ? readAt ?? runAt : undefined;
  const isFresh = knownAt !== undefined && now < knownAt + staleAfterMs;
  return isFresh ? told[name] : null;
}

function proofOf(
  reading: TelemetryFacts["reading"],
  told: TelemetryFacts | undefined,
): "ON" | "OFF" | null {
  if (reading === undefined || told?.isRead !== true) return null;
  if (provesHeat(reading)) return "ON";
  // A miner that tells neither proves nothing either way.
  return reading.hashrateHs === undefined ? null : "OFF";
}

/** By the proof of OFF: nothing measures that. */
const OFF = { watts: 0, source: null };

function powerNumbers(power: Power | typeof OFF | undefined) {
  return {
    power_w: power === undefined ? null : rounded(power.watts, 1),
    power_source: power === undefined ? null : power.source,
  };
}

function energyNumbers(energy: EnergyCount | undefined) {
  return {
    energy_kwh: rounded(energy?.kwh ?? 0, 3),
    heat_hours: rounded(energy?.heatHours ?? 0, 3),
    starts: energy?.starts ?? 0,
  };
}

function khs(hashrateHs: number | undefined): number | null {
  return hashrateHs === undefined ? null : rounded(hashrateHs / 1000, 6);
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || known.length < values.length) return null;
  return rounded(known.reduce((sum, one) => sum + one, 0), 6);
}

function maxOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
