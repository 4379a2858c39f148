/** The mark of one run: whose it is. It stands in the environment of the whole tree. Pure. */

/** A process, told apart from whoever gets the same pid later. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in ticks since the boot, or Windows' own time; 0 where that is not known. */
  readonly startTicks: number;
}

/** What a mark says. */
export interface Mark {
  readonly rig: string;
  readonly command: string;
  /** Who started the run; undefined in marks of before this was part of them. */
  readonly controller: ProcessId | undefined;
  /** Unique to the run. */
  readonly run: string;
}

/** The text of a mark: `<rig>/<command>/<controller pid>.<controller start>/<run>`. */
export function makeMark(
  mark: Mark & { readonly controller: ProcessId },
): string {
  const { rig, command, controller, run } = mark;
  return `${rig}/${command}/${controller.pid}.${controller.startTicks}/${run}`;
}

/** Reads the text of a mark, also in its older form without a controller; undefined if it is none. */
export function readMark(text: string): Mark | undefined {
  const [rig, command, third, fourth, ...more] = text.split("/");
  if (!rig || !command || !third || more.length > 0) return undefined;
  if (fourth === undefined) {
    return { rig, command, controller: undefined, run: third };
  }
  const controller = readProcessId(third);
  if (controller === undefined || fourth === "") return undefined;
  return { rig, command, controller, run: fourth };
}

function readProcessId(text: string): ProcessId | undefined {
  const found = /^([1-9]\d*)\.(\d+)$/.exec(text);
  const pid = Number(found?.[1]);
  const startTicks = Number(found?.[2]);
  const isWhole = Number.isSafeInteger(pid) && Number.isSafeInteger(startTicks);
  return isWhole ? { pid, startTicks } : undefined;
}
