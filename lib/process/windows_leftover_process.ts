/** What an earlier controller left behind on Windows, as one tree: there only to be killed. */

import type { Clock } from "../clock.ts";
import type { Exit, Remaining } from "../core/types.ts";
import { createdAt, hasEnded, openProcess } from "./job_object.ts";
import type { Handle, Kernel32 } from "./kernel32.ts";
import type { OsProcess } from "./os_process.ts";
import { KILLED_CODE } from "./windows_job.ts";
import { processTable } from "./windows_process_table.ts";

const KILL_ROUNDS_MAX = 10;
const KILL_REST_MS = 5;

/** A process that is held open: until it is closed, no other gets its pid. */
export interface Held {
  readonly handle: Handle;
  /** In Windows' own units. */
  readonly created: bigint;
}

/** Opens a process that lives; the caller closes it. */
export function holdProcess(kernel32: Kernel32, pid: number): Held | undefined {
  const handle = openProcess(kernel32, pid);
  if (handle === undefined) return undefined;
  // Asked now that the pid cannot change hands any more.
  const created = createdAt(kernel32, pid);
  if (created !== undefined && !hasEnded(kernel32, handle)) {
    return { handle, created };
  }
  kernel32.CloseHandle(handle);
  return undefined;
}

interface WindowsLeftoverParts {
  readonly kernel32: Kernel32;
  /** By pid; never empty. */
  readonly held: ReadonlyMap<number, Held>;
  readonly clock: Clock;
}

/** Known by handles that stay open, and by the parents of what was born later. */
export class WindowsLeftover implements OsProcess {
  readonly pid: number;
  readonly killOnly = true;
  readonly exited: Promise<Exit>;
  readonly #parts: WindowsLeftoverParts;
  readonly #held: Map<number, Held>;
  readonly #exit = Promise.withResolvers<Exit>();
  #killed = false;
  #closed = false;

  constructor(parts: WindowsLeftoverParts) {
    this.#parts = parts;
    this.#held = new Map(parts.held);
    this.pid = [...this.#held.keys()][0] ?? 0;
    this.exited = this.#exit.promise;
    this.#takeDescendants();
  }

  /** Does nothing: see WindowsProcess. */
  signal(): void {}

  async kill(): Promise<void> {
    const { kernel32, clock } = this.#parts;
    this.#killed = true;
    for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
      this.#takeDescendants();
      const living = this.living();
      if (living.length === 0) break;
      for (const pid of living) {
        const held = this.#held.get(pid);
        if (held !== undefined) {
          kernel32.TerminateProcess(held.handle, KILLED_CODE);
        }
      }
      await clock.sleep(KILL_REST_MS);
    }
    this.#tellEnd();
  }

  // deno-lint-ignore require-await -- so that what Windows refuses rejects instead of throwing
  async remaining(): Promise<readonly Remaining[]> {
    // Whoever has ended before the table is read has all its children in it.
    const before = this.living();
    const isNew = this.#takeDescendants();
    this.#tellEnd();
    if (before.length === 0 && !isNew) return [];
    const living = this.living();
    const table = processTable(this.#parts.kernel32);
    return (living.length > 0 ? living : [this.pid])
      .map((pid) => ({ pid, name: table.get(pid)?.name ?? "unknown" }));
  }

  release(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { handle } of this.#held.values()) {
      this.#parts.kernel32.CloseHandle(handle);
    }
  }

  /** The pids of those that still run. */
  living(): number[] {
    return [...this.#held]
      .filter(([, { handle }]) => !hasEnded(this.#parts.kernel32, handle))
      .map(([pid]) => pid);
  }

  #tellEnd(): void {
    if (this.living().includes(this.pid)) return;
    this.#exit.resolve(
      this.#killed
        ? { kind: "signal", signal: "SIGKILL" }
        : { kind: "code", code: -1 },
    );
  }

  /** Opens what descends from those that are held; says whether there was any. */
  #takeDescendants(): boolean {
    const { kernel32 } = this.#parts;
    const table = processTable(kernel32);
    let isNew = false;
    // A map goes on to what is added while it is walked through.
    for (const [parent, { created }] of this.#held) {
      for (const [pid, entry] of table) {
        const isChild = entry.parent === parent && pid !== Deno.pid &&
          !this.#held.has(pid);
        const held = isChild ? holdProcess(kernel32, pid) : undefined;
        if (held === undefined) continue;
        // A child that is older than its parent is of another, who had that pid before.
        if (held.created < created) kernel32.CloseHandle(held.handle);
        else {
          this.#held.set(pid, held);
          isNew = true;
        }
      }
    }
    return isNew;
  }
}
