/** Kills all that this very process has started, when nothing else of it works any more. Not for Windows. */

import type { Clock } from "../clock.ts";
import { kernelFiles } from "./cgroup_files.ts";
import { LeftTrees } from "./left_trees.ts";
import { type ProcessId, readMark } from "./mark.ts";
import { locateOwnCgroup } from "./own_cgroup.ts";
import { ownersOf } from "./owners.ts";
import {
  identity,
  isLiving,
  type ProcessEntry,
  type ProcessTable,
} from "./process_table.ts";
import { RunCgroup } from "./run_cgroup.ts";
import { createProcessTable } from "./spawn.ts";
import { killAll, livingOf, type Seen } from "./tree_stopper.ts";

const ROUND_REST_MS = 50;

export interface SweepOptions {
  readonly rig: string;
  /** Ourselves, as our marks name us. */
  readonly controller: ProcessId;
  /** Children that we had before we started any: whoever was this process before has left them. */
  readonly strangers: readonly number[];
  readonly clock: Clock;
}

/** Kills until two looks find nobody; whoever calls gives it up when its time is over. */
export async function sweepOwn(options: SweepOptions): Promise<void> {
  const { rig, clock } = options;
  const table = createProcessTable(clock);
  const known = new Set<string>();
  const look = () => lookForOurs(table, { ...options, known });
  while (true) {
    for (const cgroup of cgroupsOf(rig)) cgroup.kill();
    try {
      await killAll(look, () => false);
      const living = await livingOf(rig, {
        clock,
        look: async () => {
          const { members, isSharp } = await look();
          return { living: members.filter(isLiving), isSharp };
        },
      });
      if (living.length === 0) return;
    } catch {
      // They come and go too fast for a look: once more.
    }
    await clock.sleep(ROUND_REST_MS);
  }
}

/** Ours is who carries a mark that we wrote, is our child, or was found to belong to one of these. */
async function lookForOurs(
  table: ProcessTable,
  options: SweepOptions & { readonly known: Set<string> },
): Promise<Seen> {
  const { controller, strangers, clock, known } = options;
  const look = await table.read();
  const marked = look.entries.filter((entry) => isMarked(entry, controller))
    .map(({ pid }) => pid);
  // Everybody can write a mark.
  const { own, of } = await ownersOf(marked, clock);
  const believed = new Set(
    marked.filter((pid) => own !== undefined && of.get(pid) === own),
  );
  // The first process of a container gets the orphans of strangers, too.
  const isChild = ({ pid, ppid }: ProcessEntry) =>
    ppid === controller.pid && ppid !== 1 && !strangers.includes(pid);
  const sure = look.entries.filter((entry) =>
    entry.pid !== controller.pid &&
    (isChild(entry) || believed.has(entry.pid) || known.has(identity(entry)))
  )
    .toSorted((one, other) => one.startTicks - other.startTicks);
  if (sure.length === 0) {
    return { members: [], isSharp: look.isSharp, groups: new Set() };
  }
  const run = { command: "", mark: undefined, sure };
  const trees = new LeftTrees([run], { look, controllerPid: controller.pid });
  const seen = trees.see(look);
  for (const member of seen.members) known.add(identity(member));
  return seen;
}

function isMarked(entry: ProcessEntry, controller: ProcessId): boolean {
  if (entry.mark === undefined) return false;
  const by = readMark(entry.mark)?.controller;
  return by?.pid === controller.pid && by.startTicks === controller.startTicks;
}

/** The cgroups of our runs, below or beside our own. */
function cgroupsOf(rig: string): { kill(): void }[] {
  try {
    const own = locateOwnCgroup({
      cgroup: kernelFiles.read("/proc/self/cgroup"),
      mountinfo: kernelFiles.read("/proc/self/mountinfo"),
    });
    if (own.kind === "none") return [];
    const above = own.path.replace(/\/[^/]*$/, "");
    return [own.path, above].flatMap((path) =>
      kernelFiles.folders(path)
        .filter((name) => name.startsWith(`kolikko.${rig}.`))
        .map((name) => new RunCgroup(`${path}/${name}`, kernelFiles, () => {}))
    );
  } catch {
    // Closed to us: the looks have to do.
    return [];
  }
}
