/** Windows' creation times as numbers that are exact, which its own units are too fine for. */

const UNITS_PER_TICK = 100n;

/** In steps of ten microseconds: with the pid, a process's identity, over all boots. */
export function createdTicks(created: bigint): number {
  return Number(created / UNITS_PER_TICK);
}
