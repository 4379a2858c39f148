/** How processes that belong together are signalled, killed and proven gone, by looks at the table. */

import type { Clock } from "../clock.ts";
import type { StopSignal } from "../core/types.ts";
import { identity, isLiving, type ProcessEntry } from "./process_table.ts";
import { sendSignal } from "./signals.ts";

/** So many looks must find nobody: whoever moves just then can be missed by one. */
const EMPTY_LOOKS = 2;
/** Uneven after the first, so that no program moves in step with them. */
const RESTS_MS = [20, 7, 13, 3, 17, 5, 11, 2, 19, 4, 8, 14, 6, 1, 9, 16];
const KILL_ROUNDS_MAX = 10;
const FREEZE_ROUNDS_MAX = 10;

/** What a look has shown of those that belong together. */
export interface Seen {
  /** Zombies included. */
  readonly members: readonly ProcessEntry[];
  readonly isSharp: boolean;
  /** Groups in which nobody else is: who forks meanwhile cannot slip through a signal to them. */
  readonly groups: ReadonlySet<number>;
}

/** Looks at the members as they are at this moment. */
export type Look = () => Promise<Seen>;

/** Sends a signal to the living members, except those that have got it already. */
export async function signalAll(
  look: Look,
  options: {
    readonly name: StopSignal;
    readonly hasGot: (entry: ProcessEntry) => boolean;
  },
): Promise<void> {
  const { name, hasGot } = options;
  const { members, groups } = await look();
  const targets = members.filter((it) => isLiving(it) && !hasGot(it));
  const whole = new Set(
    targets.map((it) => it.pgid).filter((pgid) => groups.has(pgid)),
  );
  const pids = targets.filter((it) => !whole.has(it.pgid)).map((it) => it.pid);
  const stopped = targets.some((it) => it.state === "T");
  for (const pid of [...[...whole].map((pgid) => -pgid), ...pids]) {
    sendSignal(pid, name);
    // Whoever is frozen would not hear of it before the kill.
    if (stopped) sendSignal(pid, "SIGCONT");
  }
}

/** Kills the members, until a look shows no further one. */
export async function killAll(
  look: Look,
  isKilled: (entry: ProcessEntry) => boolean,
): Promise<void> {
  const killed = new Set<string>();
  for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
    const { members, isSharp, groups } = await look();
    const found = members.filter((entry) =>
      isLiving(entry) && !killed.has(identity(entry)) && !isKilled(entry)
    );
    if (found.length === 0 && isSharp) return;
    // The look has just shown that these groups are still ours.
    for (const pgid of new Set(found.map((entry) => entry.pgid))) {
      if (groups.has(pgid)) sendSignal(-pgid, "SIGKILL");
    }
    for (const entry of await freeze(look, found)) {
      sendSignal(entry.pid, "SIGKILL");
      killed.add(identity(entry));
    }
  }
}

/** Stops them all before the first is killed, or one would start anew what another lost. */
async function freeze(
  look: Look,
  found: readonly ProcessEntry[],
): Promise<readonly ProcessEntry[]> {
  const frozen = new Map<string, ProcessEntry>();
  let fresh = found;
  let seen: Seen | undefined;
  for (let round = 0; round < FREEZE_ROUNDS_MAX; round += 1) {
    for (const entry of fresh) {
      sendSignal(entry.pid, "SIGSTOP");
      frozen.set(identity(entry), entry);
    }
    // Without another look at least these must not stay frozen: the next round meets the error.
    seen = await look().catch(() => undefined);
    fresh = (seen?.members ?? []).filter((entry) =>
      isLiving(entry) && !frozen.has(identity(entry))
    );
    if (fresh.length === 0) break;
  }
  if (seen === undefined) return [...frozen.values()];
  // Whoever is gone by now may have left its pid to a stranger.
  return seen.members.filter((entry) => frozen.has(identity(entry)));
}

/**
 * Who lives, after enough looks to be sure if it is nobody.
 * @throws if a look fails, or processes come and go too fast.
 */
export async function livingOf<T>(
  name: string,
  options: {
    readonly clock: Clock;
    readonly look: () => Promise<{ living: readonly T[]; isSharp: boolean }>;
    /** What another proof says where no look is sharp enough, if there is one. */
    readonly afterAll?: () => readonly T[] | undefined;
  },
): Promise<readonly T[]> {
  let empty = 0;
  for (const restMs of RESTS_MS) {
    const { living, isSharp } = await options.look();
    if (living.length > 0) return living;
    if (isSharp) empty += 1;
    if (empty === EMPTY_LOOKS) return [];
    await options.clock.sleep(restMs);
  }
  const proven = options.afterAll?.();
  if (proven !== undefined) return proven;
  throw new Error(
    `Cannot tell whether "${name}" has ended as processes come and go faster ` +
      `than they can be looked at: see with "top" which program starts so many`,
  );
}
