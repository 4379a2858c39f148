/** Which API is whose. */

import { ccminer, cpuminer } from "./ccminer.ts";
import { cgminer, teamredminer } from "./cgminer.ts";
import { claymore, ethminer, phoenix, ttminer } from "./claymore.ts";
import type { Family } from "./family.ts";
import { gminer, lolminer, nbminer, rigel } from "./gpu_miners.ts";
import {
  axeos,
  bzminer,
  miniz,
  nanominer,
  onezero,
  srbminer,
} from "./other_miners.ts";
import { trex } from "./trex.ts";
import { wildrig, xmrig } from "./xmrig.ts";

/** By the name that `--api` takes. */
export const FAMILIES = {
  xmrig,
  wildrig,
  cgminer,
  teamredminer,
  claymore,
  phoenix,
  ethminer,
  ttminer,
  ccminer,
  cpuminer,
  trex,
  gminer,
  lolminer,
  nbminer,
  srbminer,
  rigel,
  bzminer,
  miniz,
  onezero,
  nanominer,
  axeos,
} satisfies Readonly<Record<string, Family>>;

/** One of them. */
export type FamilyName = keyof typeof FAMILIES;

/**
 * The name, if it is one of them.
 * @throws {SyntaxError} that lists them.
 */
export function familyName(text: string): FamilyName {
  const names = Object.keys(FAMILIES) as FamilyName[];
  const found = names.find((one) => one === text);
  if (found !== undefined) return found;
  throw new SyntaxError(
    `Cannot use --api "${text}", wanted ${names.join(", ")}`,
  );
}
