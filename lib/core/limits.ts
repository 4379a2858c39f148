/** Limits to what miners and sensors tell; the other limits stand in `types.ts`. */

/** When a program that runs does not work; see `kolikko.toml`, `[command.watchdog]`. */
export interface WatchdogLimits {
  /** 0: no minimum. */
  readonly minHashrateHs: number;
  readonly lowForMs: number;
  readonly noShareForMs: number;
  readonly silentForMs: number;
  /** Nothing counts before a run has lasted so long. */
  readonly warmUpMs: number;
  /** So many restarts within 24 hours, then no more. */
  readonly restartsADay: number;
}

/** When something is too hot, in degrees Celsius; see `kolikko.toml`, `[safety]`. */
export interface SafetyLimits {
  /** `Infinity`: no limit. */
  readonly maxTemperatureC: number;
  readonly resumeBelowC: number;
}
