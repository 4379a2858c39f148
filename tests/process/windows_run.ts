/** Starts programs through the Windows edge, for its tests. */

import { systemClock } from "../../lib/clock.ts";
import { childEnvironment, drain } from "../../lib/process/child.ts";
import type { OsProcess } from "../../lib/process/os_process.ts";
import {
  type ControllerGuard,
  guardController,
} from "../../lib/process/windows_job.ts";
import { spawnWindows } from "../../lib/process/windows_process.ts";
import { until } from "./windows_helpers.ts";

const guarded = guardController();

/** As where job objects cannot be used. */
export const unguarded: ControllerGuard = {
  kind: "unguarded",
  reason: "for a test",
};

/** What has been started, what it printed, and what was said of its guard. */
export interface Run {
  readonly process: OsProcess;
  readonly lines: string[];
  /** So many lines were printed, those that were left out included. */
  readonly printed: () => number;
  readonly said: string[];
}

export interface RunOptions {
  readonly guard?: ControllerGuard;
  readonly path?: string;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Starts Deno, or what stands at `path`, with these arguments. */
export function run(args: string[], options: RunOptions = {}): Run {
  const lines: string[] = [];
  const said: string[] = [];
  let leftOut = 0;
  const path = options.path ?? Deno.execPath();
  const process = spawnWindows({
    name: "miner",
    exec: path,
    path,
    args,
    cwd: options.cwd ?? Deno.cwd(),
    env: options.env ?? {},
    mark: "mark-1",
    onLine(line, before = 0) {
      lines.push(line);
      leftOut += before;
    },
  }, {
    guard: options.guard ?? guarded,
    drain,
    environment: childEnvironment,
    clock: systemClock,
    systemRoot: Deno.env.get("SystemRoot"),
    onUnguarded: (reason) => said.push(reason),
  });
  return { process, lines, printed: () => lines.length + leftOut, said };
}

/** Waits for the proof that nothing is left, and lets go. */
export async function gone({ process }: Run): Promise<void> {
  const empty = async () => (await process.remaining()).length === 0;
  await until("nothing is left", empty);
  await process.exited;
  process.release();
}
