/** Sentences on what the miners and the sensors tell, for `statusmsg` and `problem`. */

import { isAlive } from "./guard.ts";
import { freshReading, provesHeat } from "./telemetry.ts";
import type { TelemetryFacts } from "./telemetry_types.ts";
import { type Hot, hotCommand, hotOf } from "./thermal.ts";
import type {
  Bark,
  CommandFacts,
  CommandLimits,
  Decision,
  Limits,
  Observed,
} from "./types.ts";
import { watch } from "./watchdog.ts";
import { span } from "./words.ts";

/** Heat that is asked for and not proven for so long is a failure of the heater. */
const NO_HEAT_MS = 1_200_000;

/** Of a machine that is off, a single look may meet a miner that is just ending. */
const BUSY_MS = 60_000;

/** What the sentences are made of. */
export interface TelemetryPicture {
  readonly observed: Observed;
  readonly decision: Decision;
  readonly limits: Limits;
  readonly now: number;
}

/** What is wrong by what is told; each of them is a problem. */
export function telemetryProblems(picture: TelemetryPicture): string[] {
  const { observed, limits, now } = picture;
  const machine = hotOf(observed.machine.sensors, now);
  const sentences = machine === undefined
    ? []
    : [`All is held: ${hotInWords(machine, limits)}`];
  for (const [index, facts] of observed.commands.entries()) {
    const told = observed.telemetry[index];
    const own = limits.commands[index];
    if (told === undefined || own === undefined) continue;
    const hot = hotCommand(facts, told, now);
    const isHeld = picture.decision.verdicts[index]?.kind === "too_hot" ||
      isAlive(facts);
    if (hot !== undefined && machine === undefined && isHeld) {
      sentences.push(`${facts.name} is held: ${hotInWords(hot, limits)}`);
    }
    sentences.push(...ofCommand(facts, told, { own, now }));
  }
  return sentences;
}

/** Why the watchdog ended a run, or would if it might. */
export function barkInWords(bark: Bark, own: CommandLimits): string {
  const forMs = span(bark.forMs);
  switch (bark.kind) {
    case "low_hashrate":
      return `hashed less than ${own.watchdog.minHashrateHs / 1000} kH/s ` +
        `for ${forMs}`;
    case "no_share":
      return `had no accepted share for ${forMs}`;
    case "silent":
      return `did not answer for ${forMs}`;
  }
}

function ofCommand(
  facts: CommandFacts,
  told: TelemetryFacts,
  { own, now }: { readonly own: CommandLimits; readonly now: number },
): string[] {
  const { name } = facts;
  if (!isAlive(facts)) return busySentence(name, told, now);
  const isUntouched = facts.signalledAt === undefined &&
    facts.exitedAt === undefined && facts.leftover === 0;
  if (!isUntouched || !told.isRead) return [];
  const { bark, isSpent } = watch(facts, told, { limits: own.watchdog, now });
  if (bark !== undefined && isSpent) {
    return [
      `${name} ${
        barkInWords(bark, own)
      }, and its ${own.watchdog.restartsADay} ` +
      `restarts of a day are spent: look after it`,
    ];
  }
  return noHeatSentence(facts, told, now);
}

function noHeatSentence(
  facts: CommandFacts,
  told: TelemetryFacts,
  now: number,
): string[] {
  const since = Math.max(facts.startedAt ?? now, told.heatAt ?? 0);
  if (now - since < NO_HEAT_MS) return [];
  const reading = freshReading(told, now);
  if (reading === undefined) {
    const why = told.fault === undefined ? "" : ` (${told.fault})`;
    return [
      `${facts.name} tells nothing for ${span(now - since)}: ` +
      `nobody knows whether it heats${why}`,
    ];
  }
  const tells = reading.hashrateHs !== undefined ||
    reading.powerW !== undefined;
  if (!tells || provesHeat(reading)) return [];
  return [
    `The heater does not heat: ${facts.name} shows neither hashes nor watts ` +
    `for ${span(now - since)}`,
  ];
}

function busySentence(
  name: string,
  told: TelemetryFacts,
  now: number,
): string[] {
  const { busy } = told;
  if (busy === undefined || now - busy.since < BUSY_MS) return [];
  return [
    `Something still heats: where ${name} would answer, ` +
    `${Math.round(busy.hashrateHs) / 1000} kH/s are told, and it is not ours`,
  ];
}

function hotInWords(hot: Hot, limits: Limits): string {
  const { maxTemperatureC, resumeBelowC } = limits.safety;
  if (hot.kind === "silent") {
    return `the sensor "${hot.device}" tells nothing for ${span(hot.forMs)}, ` +
      `which counts as too hot`;
  }
  return `"${hot.device}" has ${Math.round(hot.celsius)} °C, ` +
    `more than ${maxTemperatureC} °C is too hot, goes on below ${resumeBelowC} °C`;
}
