/** A program on Linux: a session of its own, and a look at the system's processes for who left it. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { Exit, Remaining, StopSignal } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import type { Cgroups } from "./cgroup.ts";
import { drain, exitOf, refusal, startDetached } from "./child.ts";
import {
  errorCodeOf,
  isOfLauncher,
  launchFailure,
  mayBeOfLauncher,
} from "./launcher.ts";
import type { OsProcess, SpawnSpec } from "./os_process.ts";
import {
  identity,
  isLiving,
  type ProcessTable,
  TableRefused,
} from "./process_table.ts";
import { readStartTicks } from "./procfs_table.ts";
import type { Hold } from "./run_cgroup.ts";
import { groupExists, sendSignal } from "./signals.ts";
import { membersOf } from "./tree.ts";
import { killAll, livingOf, type Seen, signalAll } from "./tree_stopper.ts";

const log = getLogger(["kolikko", "process"]);

const LAST_LINES_MS = 500;

/** What a Linux process needs from around it. */
export interface LinuxDeps {
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly cgroups: Cgroups;
}

/**
 * Starts a program as a tree of its own.
 * @throws {StartError} if it cannot be started.
 */
export function spawnLinux(
  spec: SpawnSpec & { readonly path: string },
  deps: LinuxDeps,
): OsProcess {
  const hold = deps.cgroups.create(spec.mark);
  try {
    const child = startDetached(spec, spec.path, hold.path);
    // Until its end is waited for, which happens in a later turn, the pid is surely its own.
    const startTicks = readStartTicks(child.pid);
    return new LinuxProcess({ child, startTicks, spec, deps, hold });
  } catch (error) {
    void hold.remove(deps.clock);
    throw error;
  }
}

type Warning =
  | "Cannot look for processes to signal"
  | "Cannot look for processes to kill"
  | "Only the process group can be looked at";

interface LinuxProcessParts {
  readonly child: Deno.ChildProcess;
  readonly startTicks: number | undefined;
  readonly spec: SpawnSpec & { readonly path: string };
  readonly deps: LinuxDeps;
  readonly hold: Hold;
}

class LinuxProcess implements OsProcess {
  readonly pid: number;
  readonly killOnly = false;
  readonly exited: Promise<Exit>;
  readonly #parts: LinuxProcessParts;
  readonly #released = new AbortController();
  readonly #drained: Promise<unknown>;
  /** What the launcher said in place of the program, if it could not start that. */
  #launcherLine: string | undefined;
  #hasExited = false;
  #endTicks: number | undefined;
  #known: ReadonlySet<string> = new Set();
  /** Without a table: the group was seen empty, so its number may be another's by now. */
  #isGroupGone = false;
  #isBlindSaid = false;
  #signalling: Promise<unknown> = Promise.resolve();
  #killing: Promise<void> | undefined;

  constructor(parts: LinuxProcessParts) {
    this.#parts = parts;
    const { child, spec } = parts;
    this.pid = child.pid;
    const { signal } = this.#released;
    this.#drained = Promise.all([
      drain(child.stdout, spec.onLine, signal),
      drain(child.stderr, (line) => this.#take(line), signal),
    ]);
    this.exited = exitOf(child).then((exit) => {
      this.#hasExited = true;
      return this.#unlessLaunchFailed(exit);
    });
  }

  #take(line: string): void {
    const { hold, spec } = this.#parts;
    const isLaunched = hold.path !== undefined;
    if (isLaunched && isOfLauncher(line)) this.#launcherLine ??= line;
    else spec.onLine(line);
  }

  /** Inside of a cgroup the launcher is what is started; whether it became the program, its last words tell. */
  async #unlessLaunchFailed(exit: Exit): Promise<Exit> {
    const { hold, spec } = this.#parts;
    if (hold.path === undefined || exit.kind !== "code") return exit;
    if (!mayBeOfLauncher(exit.code)) return exit;
    await this.#lastLines();
    if (this.#launcherLine === undefined) return exit;
    const reason = launchFailure(this.#launcherLine);
    const words = { reason, code: errorCodeOf(reason, exit.code) };
    return { kind: "not_started", reason: refusal(spec, spec.path, words) };
  }

  signal(name: StopSignal): void {
    this.#signalGroup(name);
    const others = this.#signalOthers(name);
    this.#signalling = Promise.all([this.#signalling, others]);
  }

  kill(): Promise<void> {
    this.#parts.hold.kill();
    // Who is not in the cgroup yet has not become the program yet, and does not any more.
    this.#signalGroup("SIGKILL");
    this.#killing ??= this.#killOthers()
      .finally(() => this.#killing = undefined);
    return this.#killing;
  }

  async remaining(): Promise<readonly Remaining[]> {
    await this.#signalling;
    return await livingOf(this.#parts.spec.name, {
      clock: this.#parts.deps.clock,
      look: () => this.#lookForLiving(),
      afterAll: () => this.#remainingAfterAll(),
    });
  }

  /** No look was sharp enough: the hold knows, as the program was started inside of it. */
  #remainingAfterAll(): readonly Remaining[] | undefined {
    const isPopulated = this.#parts.hold.isPopulated();
    if (isPopulated === undefined) return undefined;
    return isPopulated || !this.#hasExited ? [this.#leader()] : [];
  }

  release(): void {
    void this.#parts.hold.remove(this.#parts.deps.clock);
    void this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#lastLines();
    this.#released.abort();
  }

  /** The last lines, which may say why the program ended, are still read; a stranger may hold the pipe. */
  async #lastLines(): Promise<void> {
    const done = new AbortController();
    void this.#drained.then(() => done.abort());
    await this.#parts.deps.clock.sleep(LAST_LINES_MS, done.signal);
  }

  /** Only while the leader has its pid is the group's number surely ours. */
  #signalGroup(name: Deno.Signal): void {
    if (this.#hasExited || sendSignal(-this.pid, name) !== "refused") return;
    try {
      this.#parts.child.kill(name);
    } catch (error) {
      // It has just ended.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Those that left the group, and those that the leader left behind. Never rejects. */
  async #signalOthers(name: StopSignal): Promise<void> {
    const hadExited = this.#hasExited;
    try {
      await signalAll(() => this.#look(), {
        name,
        hasGot: (entry) => !hadExited && entry.pgid === this.pid,
      });
    } catch (error) {
      if (error instanceof TableRefused) this.#signalGroupBlindly(name);
      else this.#warn("Cannot look for processes to signal", error);
    }
  }

  /** Never rejects: what could not be killed shows in `remaining()`. */
  async #killOthers(): Promise<void> {
    const hadExited = this.#hasExited;
    try {
      await killAll(
        () => this.#look(),
        // The group was killed as a whole, and nobody forks his way out of that.
        (entry) => !hadExited && entry.pgid === this.pid,
      );
    } catch (error) {
      if (error instanceof TableRefused) this.#signalGroupBlindly("SIGKILL");
      else this.#warn("Cannot look for processes to kill", error);
    }
  }

  async #lookForLiving(): Promise<{ living: Remaining[]; isSharp: boolean }> {
    try {
      const { members, isSharp } = await this.#look();
      const living = members.filter(isLiving)
        .map(({ pid, name }) => ({ pid, name }));
      const isLeaderSeen = members.some((entry) => entry.pid === this.pid);
      if (!this.#hasExited && !isLeaderSeen) living.push(this.#leader());
      const { hold } = this.#parts;
      if (living.length === 0 && hold.isPopulated() === true) {
        living.push(...hold.remaining());
      }
      return { living, isSharp: isSharp && hold.isPopulated() !== true };
    } catch (error) {
      if (!(error instanceof TableRefused)) throw error;
      return { living: await this.#remainingOfGroup(error), isSharp: true };
    }
  }

  /** Without a table the group is all that can be known. */
  async #remainingOfGroup(refusal: TableRefused): Promise<Remaining[]> {
    const isGroupThere = await groupExists(this.pid);
    if (isGroupThere === undefined) {
      throw new Error(
        `Cannot tell whether "${this.#parts.spec.name}" has ended as ${refusal.message}`,
        { cause: refusal },
      );
    }
    if (!this.#isBlindSaid) {
      this.#warn("Only the process group can be looked at", refusal);
      this.#isBlindSaid = true;
    }
    if (!this.#hasExited || (isGroupThere && !this.#isGroupGone)) {
      return [this.#leader()];
    }
    this.#isGroupGone = true;
    return [];
  }

  /** After the leader's end this is a guess, so it ends once the group was seen empty. */
  #signalGroupBlindly(name: Deno.Signal): void {
    if (this.#hasExited && !this.#isGroupGone) sendSignal(-this.pid, name);
  }

  /** The tree's members at this moment; remembers them. */
  async #look(): Promise<Seen> {
    const { deps, spec, startTicks, hold } = this.#parts;
    const hadExited = this.#hasExited;
    const heldBefore = hold.pids();
    const look = await deps.table.read(startTicks);
    const heldAfter = hold.pids();
    if (hadExited) this.#endTicks ??= look.ticks;
    const members = membersOf({
      pid: this.pid,
      startTicks,
      endTicks: this.#endTicks,
      mark: spec.mark,
      // In both lists, so it was the same process when the table was read in between.
      held: new Set([...heldBefore].filter((pid) => heldAfter.has(pid))),
      known: this.#known,
      controllerPid: Deno.pid,
    }, look.entries);
    this.#known = new Set(members.map(identity));
    return { members, isSharp: look.isSharp, groups: new Set([this.pid]) };
  }

  #leader(): Remaining {
    const name = this.#parts.spec.exec.split("/").at(-1) ?? "";
    return { pid: this.pid, name };
  }

  #warn(text: Warning, error: unknown): void {
    const reason = wordsOf(error);
    log.warn(text, { command: this.#parts.spec.name, error: reason });
  }
}
