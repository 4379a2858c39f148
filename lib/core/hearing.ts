/** How well the thermostat could be heard: gaps, and a fight over our place on the broker. */

import type {
  CommandFacts,
  Desired,
  Gap,
  Input,
  LocalMoment,
  Word,
} from "./types.ts";
import { span, timeOfDay } from "./words.ts";

/** A connection that stands for so long has no rival any more: in a fight each side holds it for a minute or so. */
export const STEADY_MS = 300_000;

/** A gap that was longer is worth a remark. */
const REMARKABLE_MS = 10_000;

/** What is over, but worth knowing, is told for so long. */
export const REMARK_MS = 300_000;

type Heard = Pick<Input, "deaf" | "rival">;

/** The stretch in which the connection broke again and again; open until one stood for long. */
export function unsteadyGap(
  { deaf, rival }: Heard,
  now: number,
): Gap | undefined {
  if (rival === undefined) return undefined;
  const steadyAt = deaf?.to === undefined ? Infinity : deaf.to + STEADY_MS;
  return { from: rival.since, to: steadyAt <= now ? steadyAt : undefined };
}

/** The stretch in which a word may have been lost; open until the next one. */
export function missedGap(
  { missedSince }: Pick<Input, "missedSince">,
): Gap | undefined {
  return missedSince === undefined
    ? undefined
    : { from: missedSince, to: undefined };
}

/** That a word may have been lost, and when heat ends for that. */
export function missedInWords(
  { missedSince, word }: Pick<Input, "missedSince"> & {
    readonly word: Word | undefined;
  },
  { limitMs, now, local }: {
    readonly limitMs: number;
    readonly now: number;
    readonly local: LocalMoment;
  },
): string | undefined {
  if (missedSince === undefined || word?.demand !== "on") return undefined;
  const aheadMs = Math.max(missedSince, word.at) + limitMs - now;
  if (aheadMs <= 0) return undefined;
  const until = Number.isFinite(aheadMs)
    ? `heat ends at ${timeOfDay(local, aheadMs)}, unless the thermostat speaks`
    : `waiting for the thermostat's next word`;
  return `A command may have been lost with the connection: ${until}`;
}

/** For how long this program stood still, and until when; said for a while afterwards. */
export function asleepInWords(
  { asleep }: Pick<Input, "asleep">,
  { now, local }: { readonly now: number; readonly local: LocalMoment },
): string | undefined {
  if (asleep?.to === undefined) return undefined;
  const lastedMs = asleep.to - asleep.from;
  if (lastedMs <= REMARKABLE_MS || now >= asleep.to + REMARK_MS) {
    return undefined;
  }
  return `Stood still for ${span(lastedMs)}, until ${
    timeOfDay(local, asleep.to - now)
  }`;
}

/** Who or what throws us out, while that lasts. */
export function rivalInWords(heard: Heard, now: number): string | undefined {
  const gap = unsteadyGap(heard, now);
  return gap === undefined || gap.to !== undefined
    ? undefined
    : heard.rival?.reason;
}

/** For how long nothing could be heard, and until when; said for a while afterwards. */
export function deafInWords(
  { deaf }: Heard,
  { now, local }: { readonly now: number; readonly local: LocalMoment },
): string | undefined {
  if (deaf?.to === undefined) return undefined;
  const lastedMs = deaf.to - deaf.from;
  if (lastedMs <= REMARKABLE_MS || now >= deaf.to + REMARK_MS) return undefined;
  return `Was without the broker for ${span(lastedMs)}, until ${
    timeOfDay(local, deaf.to - now)
  }`;
}

/** When one of these words has to go; Infinity if there is none. */
export function heardChangesAt(
  { deaf, rival, asleep }: Heard & Pick<Input, "asleep">,
  now: number,
): number {
  const deafTo = deaf?.to ?? Infinity;
  const steadyAt = rival === undefined ? Infinity : deafTo + STEADY_MS;
  const remarksEndAt = [deafTo, asleep?.to ?? Infinity]
    .map((to) => to + REMARK_MS);
  const ahead = [...remarksEndAt, steadyAt].filter((at) => at > now);
  return Math.min(Infinity, ...ahead);
}

/** When the remark on what an earlier run left has to go; Infinity if there is none. */
export function clearedChangesAt(
  commands: readonly Pick<CommandFacts, "cleared">[],
  now: number,
): number {
  const ends = commands.flatMap(({ cleared }) =>
    cleared === undefined ? [] : cleared.at + REMARK_MS
  );
  return Math.min(Infinity, ...ends.filter((at) => at > now));
}

/** While it heats: whoever could switch it off in Home Assistant cannot any more. */
export function deletedInWords(
  { deletedAt, word, limits }: Desired,
): string | undefined {
  if (deletedAt === undefined || word?.demand !== "on") return undefined;
  const { thermostatOfflineAfterMs: afterMs } = limits.heat;
  const end = Number.isFinite(afterMs)
    ? `; without one within ${span(afterMs)} heat goes off`
    : "";
  return `Somebody removed this rig from Home Assistant: the thermostat's ` +
    `next word announces it again${end}`;
}

/** A rig that cannot read is deaf; a home sees an old state of what it cannot write. */
export function deniedInWords(
  { denied }: Pick<Input, "denied">,
): string | undefined {
  const topics = (right: "read" | "write") => {
    const [first, ...others] = denied[right];
    return others.length === 0 ? first : `${first} and ${others.length} more`;
  };
  const [unheard, unsaid] = [topics("read"), topics("write")];
  const sentences = [
    unheard && `What is said on ${unheard} does not reach this rig: ` +
      `allow it to read and write there`,
    unsaid && `The broker does not let this rig write ${unsaid}: allow it`,
  ].filter((sentence) => sentence !== undefined);
  if (sentences.length === 0) return undefined;
  return `${sentences.join("; ")} (kolikko acl prints the lines)`;
}
