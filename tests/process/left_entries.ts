/** Processes and signs that the tests of leftovers share. */

import type { Signs } from "../../lib/process/left_runs.ts";
import type { ProcessEntry } from "../../lib/process/process_table.ts";

export const OWN = 500;
export const SIGNS: Signs = {
  rig: "rig",
  commands: ["one", "two"],
  record: [],
  caught: [],
  boot: "b1",
  controllerPid: OWN,
  foreign: new Set(),
};
export const START = {
  command: "two",
  mark: "rig/two/60.600/r1",
  pid: 100,
  startTicks: 1000,
  boot: "b1",
};

/** A stranger, unless told otherwise. */
export function process(
  pid: number,
  but: Partial<ProcessEntry> = {},
): ProcessEntry {
  return {
    pid,
    ppid: 1,
    pgid: pid,
    sid: pid,
    state: "S",
    threads: 1,
    startTicks: 1000,
    name: "it",
    kernel: false,
    mark: undefined,
    ...but,
  };
}

export const SELF = process(OWN, { ppid: 400, startTicks: 5000 });
