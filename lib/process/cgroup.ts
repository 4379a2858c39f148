/** The cgroups below our own: one for each run, and those that earlier runs left. */

import { getLogger } from "@logtape/logtape";
import { wordsOf } from "../core/words.ts";
import { type CgroupFiles, kernelFiles } from "./cgroup_files.ts";
import { findOwnCgroup } from "./own_cgroup.ts";
import { type Hold, NO_HOLD, RunCgroup } from "./run_cgroup.ts";

const log = getLogger(["kolikko", "process"]);

const PREFIX = "kolikko.";
/** The kernel takes 255 characters for a name. */
const NAME_LENGTH_MAX = 200;
const SAME_NAMES_MAX = 9;
/** Of the number of a run the first part tells runs apart. */
const RANDOM =
  /^([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A cgroup of a run that is not one of ours. */
export interface Leftover {
  readonly path: string;
  /** Who still lives in it. */
  readonly pids: readonly number[];
}

/** Makes a hold for each run. */
export interface Cgroups {
  /** For the run with this mark. Never throws: without a cgroup the looks do what they can. */
  create(mark: string): Hold;
  /** The cgroups of earlier runs, of one rig alone if its id is given. */
  leftovers(rigId?: string): Leftover[];
  /** Takes away the empty ones of earlier runs. */
  removeEmpty(): void;
  /** Who is beside the controller in a cgroup that is the controller's alone, and so got away from a run. */
  strays(): ReadonlySet<number>;
}

/** Where no cgroup is ours to divide. */
export const NO_CGROUPS: Cgroups = {
  create: () => NO_HOLD,
  leftovers: () => [],
  removeEmpty() {},
  strays: () => new Set(),
};

/** Those below our own cgroup, if it is ours to divide; says which proof that gives. */
export function openCgroups(files: CgroupFiles = kernelFiles): Cgroups {
  const own = findOwnCgroup(files);
  if (own.kind === "none") {
    log.info("A stop is proven by {proof}", {
      proof: "looks at the processes",
      noCgroup: own.reason,
    });
    return NO_CGROUPS;
  }
  log.info("A stop is proven by {proof}", { proof: "cgroup", at: own.path });
  const cgroups = new OwnCgroups(own.path, files, own.isAlone);
  cgroups.removeEmpty();
  return cgroups;
}

/** The cgroups in one folder. */
export class OwnCgroups implements Cgroups {
  readonly #path: string;
  readonly #files: CgroupFiles;
  readonly #isAlone: boolean;
  readonly #used = new Set<string>();

  constructor(
    path: string,
    files: CgroupFiles = kernelFiles,
    isAlone = false,
  ) {
    this.#path = path;
    this.#files = files;
    this.#isAlone = isAlone;
  }

  strays(): ReadonlySet<number> {
    if (!this.#isAlone) return new Set();
    return this.#open(this.#path).ownPids();
  }

  create(mark: string): Hold {
    try {
      const path = this.#makeFolder(`${this.#path}/${nameFor(mark)}`);
      this.#used.add(path);
      return this.#open(path);
    } catch (error) {
      log.warn("Cannot make a cgroup for a program", {
        cgroup: this.#path,
        error: wordsOf(error),
      });
      return NO_HOLD;
    }
  }

  leftovers(rigId?: string): Leftover[] {
    const prefix = rigId === undefined ? PREFIX : `${nameFor(rigId)}.`;
    try {
      return this.#files.folders(this.#path)
        .filter((name) => name.startsWith(prefix))
        .map((name) => `${this.#path}/${name}`)
        .filter((path) => !this.#used.has(path))
        .map((path) => ({ path, pids: [...this.#open(path).pids()] }));
    } catch (error) {
      log.warn("Cannot look for cgroups of earlier runs", {
        cgroup: this.#path,
        error: wordsOf(error),
      });
      return [];
    }
  }

  removeEmpty(): void {
    for (const { path } of this.leftovers()) {
      const hold = this.#open(path);
      if (hold.isPopulated() === false) hold.removeOnce();
    }
  }

  #open(path: string): RunCgroup {
    return new RunCgroup(path, this.#files, () => this.#used.delete(path));
  }

  /** Never one that is there already: a run does not share its cgroup. */
  #makeFolder(wanted: string): string {
    for (let number = 1;; number += 1) {
      const path = number === 1 ? wanted : `${wanted}.${number}`;
      try {
        this.#files.makeFolder(path);
        return path;
      } catch (error) {
        const isTaken = error instanceof Deno.errors.AlreadyExists;
        if (!isTaken || number === SAME_NAMES_MAX) throw error;
      }
    }
  }
}

/**
 * `rig/command/run` becomes `kolikko.rig.command.run`; a dot can be in none of
 * the parts. Everybody can read the name: the mark's random part is not in it
 * as a whole, as whoever knows it is believed to be ours.
 */
function nameFor(mark: string): string {
  const parts = mark.split("/").map((part) =>
    part.replaceAll(/[^A-Za-z0-9_-]/g, "_").replace(RANDOM, "$1")
  );
  return (PREFIX + parts.join(".")).slice(0, NAME_LENGTH_MAX);
}
