/** A controller's place on its machine: the folder for its state, and the lock of its rig. */

import { systemClock } from "../clock.ts";
import { type Lock, takeLock, takenMessage } from "../service/lock.ts";
import { lockOfAllHint, takeLockOfAll } from "../service/machine_lock.ts";
import { makeStateDir } from "../service/state_dir.ts";
import { variable } from "./variable.ts";

const ANOTHER = "Another controller of this rig";

/** Ours, or another controller's. */
export type Place =
  | {
    readonly kind: "ours";
    /** The folder for state, if there is one. */
    readonly dir: string | undefined;
    /** The protections that are off, in words. */
    readonly missing: readonly string[];
    /** Lets another controller in. */
    readonly leave: () => void;
  }
  | { readonly kind: "taken"; readonly message: string };

/**
 * Takes the place of the one controller for a rig, on this machine and in this
 * user's folder for state; where that cannot be, the place is ours all the same.
 */
export async function takePlace(rig: string): Promise<Place> {
  const state = await makeStateDir(Deno.build.os, variable);
  const dir = state.kind === "dir" ? state.path : undefined;
  const ours: Lock = state.kind === "dir"
    ? await takeLock(`${state.path}/${rig}.lock`, systemClock)
    : { kind: "impossible", reason: state.reason };
  if (ours.kind === "taken") {
    return { kind: "taken", message: takenMessage(rig, ours.by) };
  }
  // Of this user's own the first tells more; this one knows those of all users.
  const all = await takeLockOfAll(rig, { clock: systemClock, variable });
  if (all.kind === "taken") {
    leave(ours);
    const message = takenMessage(rig, all.by, lockOfAllHint(rig));
    return { kind: "taken", message };
  }
  return {
    kind: "ours",
    dir,
    missing: missingOf(dir, ours, all),
    leave() {
      leave(ours);
      leave(all);
    },
  };
}

function leave(lock: Lock): void {
  if (lock.kind === "held") lock[Symbol.dispose]();
}

/** What is off where there is no folder, or one of the locks cannot be had. */
function missingOf(dir: string | undefined, ours: Lock, all: Lock): string[] {
  const missing: string[] = [];
  const unseen = (which: string, reason: string) =>
    missing.push(`${which} would not be noticed, as ${reason}`);
  if (ours.kind === "impossible") {
    const { reason } = ours;
    if (dir === undefined) {
      missing.push(
        `Runs are not recorded and energy is not kept, as ${reason}`,
      );
    }
    if (all.kind === "impossible") unseen(ANOTHER, reason);
    else if (dir !== undefined) unseen(`${ANOTHER} in a container`, reason);
  } else if (all.kind === "impossible") {
    unseen(`${ANOTHER} that another user starts`, all.reason);
  }
  return missing;
}
