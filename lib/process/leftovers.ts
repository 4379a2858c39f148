/** What an earlier controller left behind, so that it can be stopped before anything is started. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
import { openKernel32 } from "./kernel32.ts";
import {
  type CaughtProcess,
  type LeftRun,
  leftRuns,
  type RecordedStart,
} from "./left_runs.ts";
import type { LeftoversFound } from "./leftover.ts";
import type { Leftover } from "./os_process.ts";
import { LeftTrees } from "./left_trees.ts";
import { LeftoverProcess } from "./leftover_process.ts";
import { readMark } from "./mark.ts";
import { ownersOf } from "./owners.ts";
import {
  isLiving,
  type ProcessLook,
  type ProcessTable,
  TableRefused,
} from "./process_table.ts";
import { findWindowsLeftovers } from "./windows_leftovers.ts";

const log = getLogger(["kolikko", "leftovers"]);

/** Looks that may fail or be blurred before the last one has to do; and the rests between them. */
const LOOKS_MAX = 5;
const LOOK_REST_MS = 20;
/** So many pids fit into a line that somebody reads. */
const TOLD_MAX = 10;

export interface FindLeftoversOptions {
  readonly rig: string;
  /** Configured names, in order; what belongs to none of them goes to the first. */
  readonly commands: readonly string[];
  readonly record: readonly RecordedStart[];
  /** Processes that are surely ours, as they are in cgroups of ours. */
  readonly caught?: readonly CaughtProcess[];
  readonly table: ProcessTable;
  readonly clock: Clock;
  /** Which boot of the machine this is; undefined if that cannot be told. */
  readonly boot: string | undefined;
}

/** Finds them on the platform that we are on. Never rejects. */
export async function findLeftovers(
  options: FindLeftoversOptions,
): Promise<LeftoversFound> {
  return Deno.build.os === "windows"
    ? findWindowsLeftovers({ ...options, opened: openKernel32() })
    : await findInTable(options);
}

async function findInTable(
  options: FindLeftoversOptions,
): Promise<LeftoversFound> {
  const { table, clock } = options;
  let look: ProcessLook | undefined;
  let blind: string | undefined;
  for (let count = 0; count < LOOKS_MAX; count += 1) {
    if (count > 0) await clock.sleep(LOOK_REST_MS);
    try {
      look = await table.read();
      if (look.isSharp) break;
    } catch (error) {
      blind = wordsOf(error);
      if (error instanceof TableRefused) break;
    }
  }
  if (look === undefined) return { leftovers: [], rival: undefined, blind };
  const foreign = await foreignAmong(look, options);
  return { ...sortOut(look, { ...options, foreign }), blind: undefined };
}

/** The processes with a mark of this rig that another user has started; root alone can read their marks. */
async function foreignAmong(
  look: ProcessLook,
  { rig, record, clock }: FindLeftoversOptions,
): Promise<ReadonlySet<number>> {
  const recorded = new Set(record.map(({ mark }) => mark));
  const marked = look.entries.filter(({ mark }) =>
    mark !== undefined && !recorded.has(mark) && readMark(mark)?.rig === rig
  ).map(({ pid }) => pid);
  if (marked.length === 0) return new Set();
  const { own, of } = await ownersOf(marked, clock);
  const foreign = marked.filter((pid) =>
    own === undefined || of.get(pid) !== own
  );
  const known = foreign.filter((pid) => of.has(pid));
  if (known.length > 0) {
    log.warn(
      "Processes of other users carry the mark of this rig and are left alone, as everybody can write " +
        "one: if they are yours, end them",
      { pids: known.slice(0, TOLD_MAX).join(", "), count: known.length },
    );
  }
  return new Set(foreign);
}

function sortOut(
  look: ProcessLook,
  options: FindLeftoversOptions & { readonly foreign: ReadonlySet<number> },
): Omit<LeftoversFound, "blind"> {
  const controllerPid = Deno.pid;
  const signs = { caught: [], ...options, controllerPid };
  const { runs, rival } = leftRuns(signs, look.entries);
  const byCommand = Map.groupBy(runs, ({ command }) => command);
  const leftovers = [...byCommand].map(([command, ofCommand]) =>
    leftoverOf(ofCommand, { ...options, command, look, controllerPid })
  );
  return { leftovers, rival };
}

function leftoverOf(
  runs: readonly LeftRun[],
  options: FindLeftoversOptions & {
    readonly command: string;
    readonly look: ProcessLook;
    readonly controllerPid: number;
  },
): Leftover {
  const { command, look, table, clock } = options;
  const trees = new LeftTrees(runs, options);
  const { members } = trees.see(look);
  const oldest = runs.flatMap(({ sure }) => sure)
    .toSorted((one, other) => one.startTicks - other.startTicks)[0];
  if (oldest === undefined) throw new Error(`No run of "${command}"`);
  return {
    command,
    process: new LeftoverProcess({
      command,
      leader: oldest,
      trees,
      table,
      clock,
    }),
    count: members.filter(isLiving).length,
  };
}
