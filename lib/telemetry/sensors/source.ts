/** A source of machine readings, and what all of them share. */

/** One temperature; the device's name stays the same while the machine runs. */
export interface Temperature {
  readonly device: string;
  readonly celsius: number;
}

/** What one source gave this time. */
export interface SourceReading {
  readonly temperatures: readonly Temperature[];
  /** Of all its devices together; undefined if one of them does not tell. */
  readonly powerW: number | undefined;
  /** What should have worked and did not, in words. */
  readonly faults: readonly string[];
  /** Why it cannot be used here and what would help; said once. */
  readonly unusable?: string;
}

/** Something that measures the machine. */
export interface Source {
  readonly name: SourceName;
  read(): Promise<SourceReading>;
}

/** Where a reading comes from. */
export type SourceName = "nvidia" | "hwmon" | "rapl";

/** A machine without this source: nothing to read, nothing to complain of. */
export const NOTHING: SourceReading = {
  temperatures: [],
  powerW: undefined,
  faults: [],
};

/** What an open sensor input reads: full scale, not a temperature. */
const OPEN_C = [127, 127.5, 128];

/** The value if a device in a room can have it; unused inputs read 0 or an end of their scale. */
export function plausibleCelsius(celsius: number): number | undefined {
  const is = celsius > -40 && celsius < 150 && celsius !== 0 &&
    !OPEN_C.includes(celsius);
  return is ? celsius : undefined;
}

/** The value if one device can take it. */
export function plausibleWatts(watts: number): number | undefined {
  return watts >= 0 && watts < 2_000 ? watts : undefined;
}

/** The sum, or undefined if there is nothing, or something unknown. */
export function sumOf(
  values: readonly (number | undefined)[],
): number | undefined {
  if (values.length === 0) return undefined;
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
