/** A pure model of a room: heat comes in, heat goes out. */

/** What a room is made of, as far as its warmth goes. */
export interface Room {
  /** What it takes to warm air, walls and furniture, as far as they follow within the hour. */
  readonly joulesPerK: number;
  /** What is lost through walls, windows and draught. */
  readonly lossWPerK: number;
  readonly outsideC: number;
}

/** An office of some 20 m² on a cold morning. */
export const OFFICE: Room = {
  joulesPerK: 800_000,
  lossWPerK: 28,
  outsideC: 2,
};

/** The temperature after `ms` of steady heat; exact, so the length of a step does not matter. */
export function temperatureAfter(
  room: Room,
  step: {
    readonly fromC: number;
    readonly heatW: number;
    readonly ms: number;
  },
): number {
  const { joulesPerK, lossWPerK, outsideC } = room;
  const steadyC = outsideC + step.heatW / lossWPerK;
  const timeConstantMs = 1_000 * joulesPerK / lossWPerK;
  return steadyC + (step.fromC - steadyC) * Math.exp(-step.ms / timeConstantMs);
}

/** What a usual room sensor shows. */
export function readingOf(temperatureC: number): number {
  return Math.round(temperatureC * 100) / 100;
}
