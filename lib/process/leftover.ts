/** What a search for leftovers of an earlier controller comes to. */

import type { Rival } from "./left_runs.ts";
import type { Leftover } from "./os_process.ts";

/** What a search for leftovers came to. */
export interface LeftoversFound {
  /** At most one for each command. */
  readonly leftovers: readonly Leftover[];
  /** If there is one, nothing may be started, nor stopped: the rig is its. */
  readonly rival: Rival | undefined;
  /** Why nothing could be found out, if so; in words. */
  readonly blind: string | undefined;
}
