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
import type { Family } from "./family.ts";
import type { OsProcess, SpawnSpec } from "./os_process.ts";
import {
  identity,
  isLiving,
  type ProcessLook,
  type ProcessTable,
  TableRefused,
} from "./process_table.ts";
import { readStartTicks } from "./procfs_table.ts";
import type { Hold } from "./run_cgroup.ts";
import { groupExists, sendSignal } from "./signals.ts";
import { membersOf, orphansOf, straysOf } from "./tree.ts";
import { killAll, livingOf, type Seen, signalAll } from "./tree_stopper.ts";

const log = getLogger(["kolikko", "process"]);

const LAST_LINES_MS = 500;

/** What a Linux process needs from around it. */
export interface LinuxDeps {
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly cgroups: Cgroups;
  readonly family: Family;
  readonly oomKills: () => number | undefined;
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
  const oomKillsBefore = deps.oomKills();
  try {
    const child = startDetached(spec, spec.path, hold.path);
    // Until its end is waited for, which happens in a later turn, the pid is surely its own.
    const startTicks = readStartTicks(child.pid);
    deps.family.leaders.add(child.pid);
    const parts = { child, startTicks, spec, deps, hold };
    return new LinuxProcess({ ...parts, oomKillsBefore });
  } catch (error) {
    void hold.remove(deps.clock);
    throw error;
  }
}

type Warning =
  | "Cannot look for processes to signal"
  | "Cannot look for processes to kill"
  | "Only the process group can be looked at";

type TreeLook = Seen & ProcessLook & {
  /** Our children, before the look and after it, if all who came back to us are orphans of ours. */
  readonly children: ReadonlySet<number> | undefined;
};

interface Living {
  readonly living: readonly Remaining[];
  readonly isSharp: boolean;
}

interface LinuxProcessParts {
  readonly child: Deno.ChildProcess;
  readonly startTicks: number | undefined;
  readonly spec: SpawnSpec & { readonly path: string };
  readonly deps: LinuxDeps;
  readonly hold: Hold;
  /** So often the kernel had killed for lack of memory before the start. */
  readonly oomKillsBefore: number | undefined;
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
  #isKilled = false;
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
      parts.deps.family.leaders.delete(child.pid);
      return this.#unlessLaunchFailed(this.#withReason(exit));
    });
  }

  /** What else kills hard, and unasked, is rare: the kernel counts when it was short of memory. */
  #withReason(exit: Exit): Exit {
    const { deps, oomKillsBefore } = this.#parts;
    const isStrange = exit.kind === "signal" && exit.signal === "SIGKILL" &&
      !this.#isKilled;
    if (!isStrange || oomKillsBefore === undefined) return exit;
    const kills = deps.oomKills() ?? 0;
    return kills > oomKillsBefore ? { ...exit, memoryWasShort: true } : exit;
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
    this.#isKilled = true;
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

  /** No look is sharp enough, or allowed: the hold knows, as the program was started inside of it. */
  #remainingAfterAll(): readonly Remaining[] | undefined {
    const { hold } = this.#parts;
    const isPopulated = hold.isPopulated();
    if (isPopulated === undefined) return undefined;
    const held = isPopulated ? hold.remaining() : [];
    if (held.length > 0) return held;
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

  async #lookForLiving(): Promise<Living> {
    const { hold } = this.#parts;
    try {
      const hadExited = this.#hasExited;
      const look = await this.#look();
      const living = look.members.filter(isLiving)
        .map(({ pid, name }) => ({ pid, name }));
      const isLeaderSeen = look.members.some((it) => it.pid === this.pid);
      if (!this.#hasExited && !isLeaderSeen) living.push(this.#leader());
      if (living.length > 0) return { living, isSharp: true };
      const isPopulated = hold.isPopulated();
      if (isPopulated === true) {
        return { living: hold.remaining(), isSharp: false };
      }
      if (look.hidden === undefined) return { living, isSharp: look.isSharp };
      const isProof = isPopulated === false && hadExited;
      return isProof ? { living, isSharp: true } : this.#livingUnseen(look);
    } catch (error) {
      if (!(error instanceof TableRefused)) throw error;
      return { living: await this.#remainingOfGroup(error), isSharp: true };
    }
  }

  /** The table hides some, but who came back to us is on a list of its own, even so. */
  #livingUnseen({ hidden, children, entries }: TreeLook): Living {
    const { family } = this.#parts.deps;
    if (children === undefined) {
      throw new Error(
        `Cannot tell whether "${this.#parts.spec.name}" has ended as ${hidden}: ` +
          `run the controller as a service with Delegate=yes, or as a user who sees all processes`,
      );
    }
    const seen = new Set(entries.map(({ pid }) => pid));
    const unseen = [...children.difference(seen)].filter((pid) =>
      !family.leaders.has(pid) && family.lives(pid)
    );
    const living = unseen.map((pid) => ({ pid, name: "?" }));
    return { living, isSharp: true };
  }

  /** Without a table the cgroup knows, and where there is none the group is all that can be known. */
  async #remainingOfGroup(
    refusal: TableRefused,
  ): Promise<readonly Remaining[]> {
    const held = this.#remainingAfterAll();
    if (held !== undefined) return held;
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
  async #look(): Promise<TreeLook> {
    const { deps, spec, startTicks, hold } = this.#parts;
    const hadExited = this.#hasExited;
    const heldBefore = hold.pids();
    const straysBefore = deps.cgroups.strays();
    const childrenBefore = deps.family.children();
    const look = await deps.table.read(startTicks);
    // In both lists, so it was the same process when the table was read in between.
    const held = hold.pids().intersection(heldBefore);
    const strays = deps.cgroups.strays().intersection(straysBefore);
    if (hadExited) this.#endTicks ??= look.ticks;
    const { leaders, orphans } = deps.family;
    const run = { pid: this.pid, leaders, orphans, controllerPid: Deno.pid };
    const members = membersOf({
      pid: this.pid,
      startTicks,
      endTicks: this.#endTicks,
      mark: spec.mark,
      held: new Set([...held, ...straysOf(strays, leaders, look.entries)]),
      orphans: orphansOf(run, look.entries),
      known: this.#known,
      controllerPid: Deno.pid,
    }, look.entries);
    this.#known = new Set(members.map(identity));
    const children = orphans === "ours" && childrenBefore !== undefined
      ? deps.family.children()?.intersection(childrenBefore)
      : undefined;
    const groups = new Set([this.pid]);
    return { ...look, members, groups, children };
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
