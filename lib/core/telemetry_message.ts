/** Sentences on what the miners and the sensors tell, for `statusmsg` and `problem`. */

import { isAlive } from "./guard.ts";
import { MACHINE_MS_MAX } from "./power.ts";
import { freshReading } from "./telemetry.ts";
import type { TelemetryFacts } from "./telemetry_types.ts";
import { type Hot, hotCommand, hotMachine } from "./thermal.ts";
import type {
  Bark,
  CommandFacts,
  CommandLimits,
  Decision,
  Limits,
  Observed,
} from "./types.ts";
import { watch } from "./watchdog.ts";
import { counted, dayAndTime, span } from "./words.ts";

/** Heat that is asked for and not proven for so long is a failure of the heater. */
export const NO_HEAT_MS = 1_200_000;

/** Of a heater that is off, a single look may meet a miner that is just ending. */
export const BUSY_MS = 60_000;

/** Where nothing of ours runs is asked once a minute; older than three times that is unknown. */
export const BUSY_STALE_MS = 180_000;

/** What the sentences are made of. */
export interface TelemetryPicture {
  readonly observed: Observed;
  readonly decision: Decision;
  readonly limits: Limits;
  readonly now: number;
}

/** What is wrong by what is told; each of them is a problem. */
export function telemetryProblems(picture: TelemetryPicture): string[] {
  const { observed, decision, limits, now } = picture;
  const { safety } = limits;
  const machine = hotMachine(observed, safety, now);
  const sentences: string[] = [...busyMachineSentence(picture)];
  // What nobody wants is not held.
  if (machine && (decision.heat || observed.commands.some(isAlive))) {
    sentences.push(`All is held: ${hotInWords(machine, picture)}`);
  }
  for (const [index, facts] of observed.commands.entries()) {
    const told = observed.telemetry[index];
    const own = limits.commands[index];
    const kind = decision.verdicts[index]?.kind;
    if (told === undefined || own === undefined) continue;
    const hot = hotCommand(facts, told, { safety, now });
    const isHeld = kind === "too_hot" || isAlive(facts);
    if (hot !== undefined && machine === undefined && isHeld) {
      sentences.push(`${facts.name} is held: ${hotInWords(hot, picture)}`);
    }
    if (isAlive(facts) && kind === "running" && told.isRead) {
      sentences.push(...ofRun(facts, told, { own, now }));
    }
    sentences.push(...busySentence(facts.name, told, picture));
  }
  return sentences;
}

/** Since when hashes are told although nothing of ours runs, if that is so. */
export function busySince(
  { commands }: Pick<Observed, "commands">,
  { busy }: TelemetryFacts,
): number | undefined {
  // What runs may well be what answers there: two commands can share a port.
  if (busy === undefined || commands.some(isAlive)) return undefined;
  const restsSince = commands.map(({ emptyAt }) => emptyAt ?? -Infinity);
  return Math.max(busy.since, ...restsSince);
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

function ofRun(
  facts: CommandFacts,
  told: TelemetryFacts,
  { own, now }: { readonly own: CommandLimits; readonly now: number },
): string[] {
  const { spent } = watch(facts, told, { limits: own.watchdog, now });
  if (spent !== undefined) {
    return [
      `${facts.name} ${barkInWords(spent, own)}, and its ` +
      `${counted(own.watchdog.restartsADay, "restart")} of a day ` +
      `${own.watchdog.restartsADay === 1 ? "is" : "are"} spent: look after it`,
    ];
  }
  return noHeatSentence(facts.name, told, now);
}

function noHeatSentence(
  name: string,
  told: TelemetryFacts,
  now: number,
): string[] {
  const since = told.heatAt ?? told.runAt;
  if (since === undefined || now < since + NO_HEAT_MS) return [];
  const reading = freshReading(told, now);
  if (reading === undefined) {
    const silentMs = now - (told.readAt ?? since);
    const why = told.fault === undefined ? "" : ` (${told.fault})`;
    return [
      `${name} tells nothing for ${span(silentMs)}: ` +
      `nobody knows whether it heats${why}`,
    ];
  }
  const tells = reading.hashrateHs !== undefined ||
    reading.powerW !== undefined;
  if (!tells) return [];
  return [
    `The heater does not heat: ${name} shows neither hashes nor watts ` +
    `for ${span(now - since)}`,
  ];
}

function busySentence(
  name: string,
  told: TelemetryFacts,
  { observed, now }: TelemetryPicture,
): string[] {
  const { busy } = told;
  const since = busySince(observed, told);
  if (busy === undefined || since === undefined) return [];
  if (now < since + BUSY_MS || now >= busy.at + BUSY_STALE_MS) return [];
  return [
    `Something still heats: where ${name} would answer, ` +
    `${Math.round(busy.hashrateHs) / 1000} kH/s are told, and it is not ours`,
  ];
}

function busyMachineSentence({ observed, now }: TelemetryPicture): string[] {
  const { power } = observed.machine;
  if (power?.busySince === undefined || observed.commands.some(isAlive)) {
    return [];
  }
  const isTold = now >= power.busySince + BUSY_MS &&
    now < power.at + MACHINE_MS_MAX;
  if (!isTold) return [];
  return [
    `Something still heats: the machine takes ${Math.round(power.watts)} W, ` +
    `and nothing of this rig runs`,
  ];
}

function hotInWords(hot: Hot, picture: TelemetryPicture): string {
  const { limits: { safety }, observed, now } = picture;
  const rests = hot.until === undefined
    ? undefined
    : `rests until ${dayAndTime(observed.local, hot.until - now)}`;
  if (hot.kind === "silent") {
    const forMs = span(hot.forMs);
    return rests === undefined
      ? `the sensor "${hot.device}" tells nothing for ${forMs}, ` +
        `which counts as too hot`
      : `the sensor "${hot.device}" told nothing for ${forMs}, ` +
        `which counts as too hot; ${rests}`;
  }
  const tells = rests === undefined ? "has" : "had";
  return `"${hot.device}" ${tells} ${Math.round(hot.celsius)} °C, more than ` +
    `${safety.maxTemperatureC} °C is too hot; ` +
    (rests ?? `goes on below ${safety.resumeBelowC} °C`);
}
