/**
 * Orphans of what we start come back to us: Linux hands them to the nearest
 * process above that asks for it. So they can be counted, and must be reaped.
 */

import type { Clock } from "../clock.ts";
import { type Libc, openLibc } from "../platform/libc.ts";
import { identity, isLiving, type ProcessEntry } from "./process_table.ts";
import { readEntry } from "./procfs_table.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
/**
 * What Deno started itself it reaps at its next turn. Who was a zombie in so
 * many looks, with so long a rest between them, is an orphan.
 */
const ZOMBIE_LOOKS = 3;
const ZOMBIE_REST_MS = 200;

/** Who came from us, as far as the system tells. */
export interface Family {
  /**
   * `ours`: all children of ours that we did not start are orphans of what we started. `bare`: they
   * come to us, but those of strangers do as well. `none`: they do not come to us.
   */
  readonly orphans: "ours" | "bare" | "none";
  /** The first processes of the runs that have not ended. */
  readonly leaders: Set<number>;
  /** All our children, as the kernel lists them, whoever else may not see them; undefined if it does not. */
  children(): ReadonlySet<number> | undefined;
  /** Does a child of ours that Deno has not started live? One that has ended is reaped. */
  lives(pid: number): boolean;
}

/** Where orphans go to the first process of the system. */
export function strangersToOrphans(): Family {
  return {
    orphans: "none",
    leaders: new Set(),
    children: () => undefined,
    lives: () => false,
  };
}

/** The family of this process; reaps until it is disposed. */
export class OwnFamily implements Family, Disposable {
  readonly orphans: "ours" | "bare";
  readonly leaders = new Set<number>();
  readonly #clock: Clock;
  readonly #libc: Libc;
  readonly #closed = new AbortController();
  readonly #onChild = () => void this.#reapSoon();
  #isWaiting = false;

  constructor(
    options: {
      readonly clock: Clock;
      readonly libc: Libc;
      readonly orphans: "ours" | "bare";
    },
  ) {
    this.#clock = options.clock;
    this.#libc = options.libc;
    this.orphans = options.orphans;
    Deno.addSignalListener("SIGCHLD", this.#onChild);
  }

  children(): ReadonlySet<number> | undefined {
    const children = listChildren();
    return children === undefined ? undefined : new Set(children);
  }

  lives(pid: number): boolean {
    return this.#wait(pid) === 0;
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGCHLD", this.#onChild);
    this.#closed.abort();
  }

  /** Each by its pid: whoever waits for any would take the news of Deno's own children from it. */
  async #reapSoon(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    let seen = new Map<string, number>();
    while (!this.#closed.signal.aborted) {
      const looks = new Map<string, number>();
      for (const zombie of this.#zombies()) {
        const key = identity(zombie);
        const count = (seen.get(key) ?? 0) + 1;
        if (count >= ZOMBIE_LOOKS) this.#wait(zombie.pid);
        else looks.set(key, count);
      }
      if (looks.size === 0) break;
      seen = looks;
      await this.#clock.sleep(ZOMBIE_REST_MS, this.#closed.signal);
    }
    this.#isWaiting = false;
  }

  /** Never throws: who cannot be read, for lack of descriptors, has time. */
  #zombies(): ProcessEntry[] {
    try {
      return (listChildren() ?? []).filter((pid) => !this.leaders.has(pid))
        .flatMap((pid) => readEntry(pid) ?? [])
        .filter((entry) => !isLiving(entry));
    } catch {
      return [];
    }
  }

  /** 0 while it lives; reaps it if it does not. */
  #wait(pid: number): number {
    return this.#libc.waitpid(pid, new Uint8Array(4), WNOHANG);
  }
}

/**
 * The family of this process. Where a cgroup holds every run nobody is lost,
 * so orphans need not come to us; the first process of a container gets them anyway.
 */
export function openFamily(
  options: { readonly clock: Clock; readonly isHeld: boolean },
): OwnFamily | undefined {
  const isFirst = Deno.pid === 1;
  if (options.isHeld && !isFirst) return undefined;
  const opened = openLibc();
  if (opened.kind === "refused" || listChildren() === undefined) {
    return undefined;
  }
  const { libc } = opened;
  if (isFirst) {
    return new OwnFamily({ ...options, libc, orphans: "bare" });
  }
  if (libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) !== 0) {
    return undefined;
  }
  return new OwnFamily({ ...options, libc, orphans: "ours" });
}

/** Of all our threads; undefined if this kernel has no such list, or Deno closes it. */
export function listChildren(): number[] | undefined {
  try {
    const tasks = [...Deno.readDirSync("/proc/self/task")];
    return tasks.flatMap(({ name }) => {
      const path = `/proc/self/task/${name}/children`;
      return Deno.readTextFileSync(path).split(" ").filter((it) => it !== "")
        .map(Number);
    });
  } catch {
    return undefined;
  }
}
