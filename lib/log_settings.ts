/** What is logged, and where to; see `kolikko.toml`, `[log]`. */

/** The least that is logged. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Where the log goes, and how large it may grow. */
export interface LogSettings {
  readonly level: LogLevel;
  /** Absolute; undefined: standard output alone. */
  readonly dir: string | undefined;
  /** A file that grows beyond this is put aside, and a new one begun. */
  readonly maxSizeBytes: number;
  /** How many files are kept, the current one included. */
  readonly keep: number;
}
