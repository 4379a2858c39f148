/** How well the thermostat could be heard: gaps, and a fight over our place on the broker. */

import type { Desired, Gap, Input, LocalMoment } from "./types.ts";
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
export function heardChangesAt({ deaf, rival }: Heard, now: number): number {
  if (deaf?.to === undefined) return Infinity;
  const remarkEndsAt = deaf.to + REMARK_MS;
  const steadyAt = rival === undefined ? Infinity : deaf.to + STEADY_MS;
  const ahead = [remarkEndsAt, steadyAt].filter((at) => at > now);
  return Math.min(Infinity, ...ahead);
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
