/** Durations as the configuration writes them: "90s", "5m", "1h30m", "never". */

const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1000, 1];

const DURATION =
  /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** Longer ones are slips of the keyboard; whoever means for ever says "never". */
const DURATION_MS_MAX = 3650 * 86_400_000;

/** What a duration looks like, for complaints. */
export const DURATION_EXAMPLES = `"90s", "5m", "1h30m" or "1d"`;

/**
 * Milliseconds; `Infinity` for "never".
 * @throws {SyntaxError} with what a duration must look like.
 */
export function parseDuration(text: string): number {
  if (text === "never") return Infinity;
  const parts = DURATION.exec(text)?.slice(1);
  if (parts === undefined || text === "") {
    throw new SyntaxError(
      `it must look like ${DURATION_EXAMPLES} (units: ms, s, m, h, d)`,
    );
  }
  const ms = UNITS_MS.reduce(
    (sum, unitMs, index) => sum + Number(parts[index] ?? 0) * unitMs,
    0,
  );
  if (ms > DURATION_MS_MAX) {
    throw new SyntaxError(`it must be 3650d at most, or "never"`);
  }
  return ms;
}
