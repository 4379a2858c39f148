/** Which processes belong to the tree of one run. Pure: a stranger must never be among them. */

import { HELPER_ENV, identity, type ProcessEntry } from "./process_table.ts";

/** What is known of a tree. */
export interface Tree {
  /** The first process: also the number of the tree's group and session. */
  readonly pid: number;
  /** When it started; undefined if that could not be read. */
  readonly startTicks: number | undefined;
  /** Its end was seen when the table stood at so many ticks; undefined while it was not. */
  readonly endTicks: number | undefined;
  /** Undefined: nobody is known by a mark. */
  readonly mark: string | undefined;
  /** The pids in the cgroup of the run, if it has one. */
  readonly held: ReadonlySet<number>;
  /** The pids of orphans that came back to us and are of no other run, as far as that can be told. */
  readonly orphans?: ReadonlySet<number>;
  /** Identities of members that earlier looks found. */
  readonly known: ReadonlySet<string>;
  /** The controller: never a member. */
  readonly controllerPid: number;
}

/** The members of a tree, zombies included, in the table's order. */
export function membersOf(
  tree: Tree,
  entries: readonly ProcessEntry[],
): ProcessEntry[] {
  const candidates = entries.filter((entry) => mayBelong(tree, entry));
  const members = new Set(
    candidates.filter((entry) =>
      isLeader(tree, entry) || hasMark(tree, entry) ||
      tree.held.has(entry.pid) || tree.known.has(identity(entry)) ||
      tree.orphans?.has(entry.pid)
    ),
  );
  const group = groupOf(tree, candidates, members);
  for (const entry of group) members.add(entry);
  addDescendants(members, candidates);
  return candidates.filter((entry) => members.has(entry));
}

/**
 * The orphans that came back to the controller. What it started itself is none:
 * a leader, or a helper program, which has a mark of its own. Whose run an
 * unmarked one was can be told only while it stays in a session or group.
 */
export function orphansOf(
  run: {
    readonly pid: number;
    readonly leaders: ReadonlySet<number>;
    /** `bare`: those of strangers come to us as well, and those have an environment. */
    readonly orphans: "ours" | "bare" | "none";
    readonly controllerPid: number;
  },
  entries: readonly ProcessEntry[],
): ReadonlySet<number> {
  if (run.orphans === "none") return new Set();
  const isOther = (pid: number) => pid !== run.pid && run.leaders.has(pid);
  return new Set(
    entries.filter((entry) =>
      entry.ppid === run.controllerPid && entry.mark === undefined &&
      (entry.isBare || run.orphans === "ours") &&
      !run.leaders.has(entry.pid) && !isOther(entry.sid) && !isOther(entry.pgid)
    ).map(({ pid }) => pid),
  );
}

/**
 * Those of the controller's own cgroup that got away from a run: no leader that
 * is about to enter its own, and no helper program nor what that starts.
 */
export function straysOf(
  pids: ReadonlySet<number>,
  leaders: ReadonlySet<number>,
  entries: readonly ProcessEntry[],
): number[] {
  if (pids.size === 0) return [];
  const helpers = new Set(
    entries.filter(({ mark }) => mark === HELPER_ENV.KOLIKKO_MARK)
      .map(({ pid }) => pid),
  );
  return entries.filter((entry) =>
    pids.has(entry.pid) && !leaders.has(entry.pid) &&
    entry.mark === undefined &&
    lineOf(entry.pid, entries).isDisjointFrom(helpers)
  ).map(({ pid }) => pid);
}

/** Nobody in a tree is older than its first process. */
function mayBelong(tree: Tree, entry: ProcessEntry): boolean {
  return entry.pid !== tree.controllerPid && entry.pid > 1 && !entry.kernel &&
    entry.startTicks >= (tree.startTicks ?? 0);
}

function hasMark(tree: Tree, entry: ProcessEntry): boolean {
  return tree.mark !== undefined && entry.mark === tree.mark;
}

/** Before its end was seen nobody else can have its pid; after that, whoever has it is a stranger. */
function isLeader(tree: Tree, entry: ProcessEntry): boolean {
  return entry.pid === tree.pid && tree.endTicks === undefined &&
    (tree.startTicks === undefined || entry.startTicks === tree.startTicks);
}

/**
 * Those of the leader's group or session. The system gives a number anew only
 * when no process, group or session has it any more. So while one member that
 * we are sure of has it, all who have it are ours; else those are who started
 * before the leader's end was seen.
 */
function groupOf(
  tree: Tree,
  candidates: readonly ProcessEntry[],
  sure: ReadonlySet<ProcessEntry>,
): ProcessEntry[] {
  const { pid, endTicks } = tree;
  const inGroup = candidates.filter((it) => it.pgid === pid || it.sid === pid);
  if (inGroup.some((entry) => sure.has(entry))) return inGroup;
  const isReused = candidates.some((entry) => entry.pid === pid);
  if (isReused || endTicks === undefined) return [];
  return inGroup.filter((entry) => entry.startTicks <= endTicks);
}

function addDescendants(
  members: Set<ProcessEntry>,
  candidates: readonly ProcessEntry[],
): void {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of candidates) {
    const siblings = children.get(entry.ppid);
    if (siblings === undefined) children.set(entry.ppid, [entry]);
    else siblings.push(entry);
  }
  // A set goes on to what is added while it is walked through.
  for (const parent of members) {
    for (const child of children.get(parent.pid) ?? []) {
      if (child.startTicks >= parent.startTicks) members.add(child);
    }
  }
}

/** A process and those that it came from, up to the first of all. */
export function lineOf(
  pid: number,
  entries: readonly ProcessEntry[],
): ReadonlySet<number> {
  const parents = new Map(entries.map((entry) => [entry.pid, entry.ppid]));
  const line = new Set<number>();
  let next: number | undefined = pid;
  while (next !== undefined && !line.has(next)) {
    line.add(next);
    next = parents.get(next);
  }
  return line;
}
