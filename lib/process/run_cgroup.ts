/** The cgroup of one run: holds the tree together whatever its processes do. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { Remaining } from "../core/types.ts";
import { wordsOf } from "../core/words.ts";
import type { CgroupFiles } from "./cgroup_files.ts";
import { sendSignal } from "./signals.ts";

const log = getLogger(["kolikko", "process"]);

/** A program may divide its cgroup further; only so many parts are looked into. */
const FOLDERS_MAX = 200;
/** Where the kernel cannot kill a cgroup as a whole: so often the list is gone through. */
const KILL_ROUNDS_MAX = 100;
const REMOVE_RESTS_MS = [5, 20, 80, 300, 1000];

/** What holds the processes of one run. */
export interface Hold {
  /** The folder that the program is started inside of; undefined where nothing holds it. */
  readonly path: string | undefined;
  /** Who is in it; nobody if that cannot be told. */
  pids(): ReadonlySet<number>;
  /** The same, with names. */
  remaining(): Remaining[];
  /** Does anybody in it live? Undefined if that cannot be told. */
  isPopulated(): boolean | undefined;
  /** Kills all who are in it, in one stroke where the kernel can do that. */
  kill(): void;
  /** Takes it away once it is empty. Never rejects. */
  remove(clock: Clock): Promise<void>;
}

/** Where there is no cgroup for us: everything is left to the looks. */
export const NO_HOLD: Hold = {
  path: undefined,
  pids: () => new Set(),
  remaining: () => [],
  isPopulated: () => undefined,
  kill() {},
  remove: () => Promise.resolve(),
};

/** A cgroup that was made for one run. */
export class RunCgroup implements Hold {
  readonly path: string;
  readonly #files: CgroupFiles;
  readonly #onRemoved: () => void;

  constructor(path: string, files: CgroupFiles, onRemoved: () => void) {
    this.path = path;
    this.#files = files;
    this.#onRemoved = onRemoved;
  }

  pids(): ReadonlySet<number> {
    try {
      return new Set(this.#folders().flatMap((path) => this.#listed(path)));
    } catch {
      return new Set();
    }
  }

  /** Who is in it, but in no part of it; without the process that systemd adds where PAM is asked. */
  ownPids(): ReadonlySet<number> {
    const pids = this.#listed(this.path);
    return new Set(pids.filter((pid) => this.#nameOf(pid) !== "(sd-pam)"));
  }

  remaining(): Remaining[] {
    return [...this.pids()].map((pid) => ({ pid, name: this.#nameOf(pid) }));
  }

  isPopulated(): boolean | undefined {
    try {
      const events = this.#files.read(`${this.path}/cgroup.events`);
      const value = /^populated ([01])$/m.exec(events)?.[1];
      return value === undefined ? undefined : value === "1";
    } catch {
      return undefined;
    }
  }

  kill(): void {
    try {
      this.#files.write(`${this.path}/cgroup.kill`, "1");
    } catch (error) {
      log.debug("Kills the processes of a cgroup one by one", {
        cgroup: this.path,
        error: wordsOf(error),
      });
      this.#killEach();
    }
  }

  async remove(clock: Clock): Promise<void> {
    let problem = this.removeOnce();
    for (const restMs of REMOVE_RESTS_MS) {
      if (problem === undefined) break;
      await clock.sleep(restMs);
      problem = this.removeOnce();
    }
    if (problem !== undefined) {
      log.info("Left a cgroup behind; the next start takes it away", {
        cgroup: this.path,
        error: problem,
      });
    }
    this.#onRemoved();
  }

  /** Freezes all, so that none can start another meanwhile; a frozen process can be killed. */
  #killEach(): void {
    this.#freeze("1");
    const killed = new Set<number>();
    for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
      const found = [...this.pids()].filter((pid) => !killed.has(pid));
      for (const pid of found) {
        sendSignal(pid, "SIGKILL");
        killed.add(pid);
      }
      if (found.length === 0 && this.#isFrozen()) break;
    }
    this.#freeze("0");
  }

  #freeze(value: "0" | "1"): void {
    try {
      this.#files.write(`${this.path}/cgroup.freeze`, value);
    } catch (error) {
      log.debug("Cannot freeze a cgroup", {
        cgroup: this.path,
        error: wordsOf(error),
      });
    }
  }

  /** Nobody in it can start another any more. Older kernels cannot tell. */
  #isFrozen(): boolean {
    try {
      const events = this.#files.read(`${this.path}/cgroup.events`);
      return !events.includes("frozen 0") || events.includes("populated 0");
    } catch {
      return true;
    }
  }

  /** Its own folder first, then those that the program made in it, the parents before the children. */
  #folders(): string[] {
    const paths = [this.path];
    for (const path of paths) {
      for (const name of this.#files.folders(path)) {
        if (paths.length < FOLDERS_MAX) paths.push(`${path}/${name}`);
      }
    }
    return paths;
  }

  #listed(path: string): number[] {
    try {
      // 0 is a process of another pid namespace, which has no number here.
      return numbersIn(this.#files.read(`${path}/cgroup.procs`))
        .filter((pid) => pid > 0 && pid !== Deno.pid);
    } catch {
      // Just removed, or a threaded part: its processes are in the list of the part above.
      return [];
    }
  }

  #nameOf(pid: number): string {
    try {
      return this.#files.read(`/proc/${pid}/comm`).trim();
    } catch {
      return "?";
    }
  }

  /** Tries to take it away; says what hinders. */
  removeOnce(): string | undefined {
    try {
      for (const path of this.#folders().reverse()) {
        this.#files.removeFolder(path);
      }
      return undefined;
    } catch (error) {
      return error instanceof Deno.errors.NotFound ? undefined : wordsOf(error);
    }
  }
}

function numbersIn(text: string): number[] {
  return text.split(/\s+/).filter((it) => it !== "").map(Number)
    .filter(Number.isSafeInteger);
}
