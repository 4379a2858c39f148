/** The families of miner APIs; what `api` of `[command.telemetry]` may say. */

/** All families that are asked. */
export const FAMILIES = [
  "xmrig",
  "cgminer",
  "teamredminer",
  "claymore",
  "ccminer",
  "trex",
  "lolminer",
  "gminer",
  "nbminer",
  "srbminer",
  "rigel",
  "bzminer",
  "miniz",
  "wildrig",
  "onezerominer",
  "nanominer",
  "axeos",
] as const;

/** A family that is asked. */
export type Family = (typeof FAMILIES)[number];
