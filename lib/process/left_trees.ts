/** The members of runs that were left behind, from look to look. Pure but for what it remembers. */

import type { LeftRun } from "./left_runs.ts";
import {
  identity,
  isLiving,
  type ProcessEntry,
  type ProcessLook,
} from "./process_table.ts";
import { lineOf, membersOf, type Tree } from "./tree.ts";
import type { Seen } from "./tree_stopper.ts";

/** Follows the trees of one command's leftovers. */
export class LeftTrees {
  readonly #controllerPid: number;
  #trees: readonly Tree[];
  #lastTicks = 0;

  constructor(
    runs: readonly LeftRun[],
    options: { readonly look: ProcessLook; readonly controllerPid: number },
  ) {
    const { look, controllerPid } = options;
    this.#controllerPid = controllerPid;
    this.#lastTicks = look.ticks;
    const own = look.entries.find((it) => it.pid === controllerPid);
    this.#trees = runs.flatMap((run) =>
      treesOf(run, { look, controllerPid, ownSession: own?.sid ?? 0 })
    );
  }

  /** The members at this moment; remembers them. */
  see(look: ProcessLook): Seen {
    const own = lineOf(this.#controllerPid, look.entries);
    const entries = look.entries.filter((it) => !own.has(it.pid));
    const all = new Set<ProcessEntry>();
    this.#trees = this.#trees.map((tree) => {
      const { startTicks } = tree;
      const hasLeader = look.entries.some((it) =>
        it.pid === tree.pid && it.startTicks === startTicks
      );
      // Who was in the group when the leader was last seen is ours; later ones may be of another's group.
      const endTicks = tree.endTicks ??
        (hasLeader ? undefined : this.#lastTicks);
      const members = membersOf({ ...tree, endTicks }, entries);
      for (const member of members) all.add(member);
      return { ...tree, endTicks, known: new Set(members.map(identity)) };
    });
    this.#lastTicks = look.ticks;
    const members = [...all];
    return {
      members,
      isSharp: look.isSharp,
      groups: wholeGroups(members, look.entries),
    };
  }
}

/**
 * A tree for each session of the run. A session belongs to whoever made it, and
 * that is somebody of the run, unless a stranger that lives leads it.
 */
function treesOf(
  run: LeftRun,
  options: {
    readonly look: ProcessLook;
    readonly controllerPid: number;
    readonly ownSession: number;
  },
): Tree[] {
  const { look, controllerPid, ownSession } = options;
  const sure = new Map(run.sure.map((it) => [it.pid, it]));
  const known = new Set(run.sure.map(identity));
  const isForeign = (sid: number) =>
    sid <= 1 || sid === ownSession || (!sure.has(sid) &&
      look.entries.some((it) => it.pid === sid && isLiving(it)));
  const sids = new Set(
    run.sure.map((it) => isForeign(it.sid) ? it.pid : it.sid),
  );
  const held = new Set<number>();
  return [...sids].map((pid) => {
    const one = sure.get(pid);
    const isOldest = run.sure.every((it) =>
      it.sid !== pid || it.startTicks >= (one?.startTicks ?? 0)
    );
    // Nobody is older than who leads him: such a leader only has the leader's pid.
    const leader = isOldest ? one : undefined;
    return {
      pid,
      startTicks: leader?.startTicks,
      endTicks: leader === undefined ? 0 : undefined,
      held,
      mark: run.mark,
      known,
      controllerPid,
    };
  });
}

function wholeGroups(
  members: readonly ProcessEntry[],
  entries: readonly ProcessEntry[],
): ReadonlySet<number> {
  const groups = new Set(members.map((it) => it.pgid));
  const ours = new Set(members.map(identity));
  for (const entry of entries) {
    if (!ours.has(identity(entry))) groups.delete(entry.pgid);
  }
  groups.delete(0);
  groups.delete(1);
  return groups;
}
