/** Whose a process is: an environment, and so a mark, is what whoever started it says. */

import type { Clock } from "../clock.ts";
import { runHelper } from "./helper_table.ts";

/** The user who started each process, and ourselves. */
export interface Owners {
  readonly own: number | undefined;
  readonly of: ReadonlyMap<number, number>;
}

/** A process of nobody known is missing. */
export async function ownersOf(
  pids: readonly number[],
  clock: Clock,
): Promise<Owners> {
  try {
    const of = new Map<number, number>();
    for (const pid of pids) {
      const owner = statusOf(`${pid}`);
      if (owner !== undefined) of.set(pid, owner);
    }
    return { own: statusOf("self"), of };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return await askHelper(clock);
  }
}

function statusOf(name: string): number | undefined {
  try {
    return parseOwner(Deno.readTextFileSync(`/proc/${name}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    // It has ended, or is hidden.
    return undefined;
  }
}

/** The first of the four numbers, the real user: a setuid program cannot hide by it who called it. */
export function parseOwner(text: string): number | undefined {
  const found = /^(?:\/proc\/\w+\/status:)?Uid:\t(\d+)\t/m.exec(text);
  return found === null ? undefined : Number(found[1]);
}

/** Where Deno closes `/proc`. */
async function askHelper(clock: Clock): Promise<Owners> {
  const script = "grep -s '^Uid:' /proc/self/status /proc/[0-9]*/status";
  const { output } = await runHelper(script, clock);
  const of = new Map<number, number>();
  let own: number | undefined;
  for (const line of output.split("\n")) {
    const name = /^\/proc\/(\w+)\//.exec(line)?.[1];
    const owner = parseOwner(line);
    if (owner === undefined) continue;
    if (name === "self") own = owner;
    else of.set(Number(name), owner);
  }
  return { own, of };
}

/** Does a folder of the kernel's belong to us or to root, so that nobody else can put processes there? */
export function isOwnFolder(path: string): boolean {
  const { uid } = Deno.statSync(path);
  return uid === 0 || uid === null || uid === statusOf("self");
}
