/** Whether `/proc` hides processes from us: then no look at it is a proof. Linux. */

/** What is wrong where it does. */
export const HIDES =
  "/proc hides processes of other users (hidepid, or ProtectProc in the unit)";

/** What the answer depends on. */
export interface ProcView {
  /** The text of `/proc/self/mountinfo`. */
  readonly mountinfo: string;
  /** The first process of all can be read; undefined if there is no `/proc`. */
  readonly isFirstSeen: boolean;
  /** The first process belongs to our own user, who sees it in any case. */
  readonly isFirstOurs: boolean;
  readonly isRoot: boolean;
}

/** In words, what hides processes; undefined if nothing does. */
export function hidingIn(view: ProcView): string | undefined {
  const { mountinfo, isFirstSeen, isFirstOurs, isRoot } = view;
  const option = /^\S+ \S+ \S+ \/ \/proc .* - proc \S+ (?:.*,)?hidepid=(\w+)/m
    .exec(mountinfo)?.[1];
  const isMounted = option !== undefined && !/^(?:0|off)$/.test(option);
  // Who is in the group that is excepted sees the first process, like root.
  const hides = !isFirstSeen || (isMounted && isFirstOurs && !isRoot);
  return hides ? HIDES : undefined;
}

/** The same, for this very process. Never throws. */
export function hiddenProcesses(): string | undefined {
  if (!canRead("/proc/self/stat")) return undefined;
  return hidingIn({
    mountinfo: read("/proc/self/mountinfo") ?? "",
    isFirstSeen: canRead("/proc/1/stat"),
    isFirstOurs: ownerOf("/proc/1") === Deno.uid(),
    isRoot: Deno.uid() === 0,
  });
}

function canRead(path: string): boolean {
  return read(path) !== undefined;
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).uid ?? undefined;
  } catch {
    return undefined;
  }
}
