/** A controller's place on its machine: the folder for its state, and the lock of its rig. */

import { systemClock } from "../clock.ts";
import { takeLock, takenMessage } from "../service/lock.ts";
import { makeStateDir } from "../service/state_dir.ts";
import { variable } from "./variable.ts";

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

/** Takes the place of the one controller for a rig; where that cannot be, the place is ours all the same. */
export async function takePlace(rig: string): Promise<Place> {
  const state = await makeStateDir(Deno.build.os, variable);
  if (state.kind === "none") return unlocked(undefined, state.reason);
  const dir = state.path;
  const lock = await takeLock(`${dir}/${rig}.lock`, systemClock);
  switch (lock.kind) {
    case "taken":
      return { kind: "taken", message: takenMessage(rig, lock.by) };
    case "impossible":
      return unlocked(dir, lock.reason);
    case "held": {
      const leave = () => lock[Symbol.dispose]();
      return { kind: "ours", dir, missing: [], leave };
    }
  }
}

function unlocked(dir: string | undefined, reason: string): Place {
  const missing = [
    `Another controller of this rig would not be noticed, as ${reason}`,
  ];
  return { kind: "ours", dir, missing, leave: () => {} };
}
