/** One run of a command, as it is remembered beyond the controller's own life. */

/** Enough to know a process again, and to tell it from a stranger with the same pid. */
export interface RunEntry {
  readonly command: string;
  /** Ours alone; every process of the run carries it in its environment. */
  readonly mark: string;
  /** 0 until the process is started. */
  readonly pid: number;
  /** Linux: field 22 of `/proc/PID/stat`; Windows: the creation time. */
  readonly startTicks: string | number;
  /** The boot it belongs to; empty where the system has no such name. */
  readonly boot: string;
  /** Wall clock milliseconds, for people alone. */
  readonly at: number;
}
