/** A cgroup for one test, where this machine lets us make one. */

import { systemClock } from "../../lib/clock.ts";
import {
  type CgroupFiles,
  kernelFiles,
} from "../../lib/process/cgroup_files.ts";
import { OwnCgroups } from "../../lib/process/cgroup.ts";
import { locateOwnCgroup } from "../../lib/process/own_cgroup.ts";
import type { Spawn, SpawnSpec } from "../../lib/process/os_process.ts";
import type { ProcessTable } from "../../lib/process/process_table.ts";
import { RunCgroup } from "../../lib/process/run_cgroup.ts";
import { createSpawn } from "../../lib/process/spawn.ts";
import { standInSpec } from "../stand_in/stand_in.ts";

/** Where tests may make cgroups, or why they may not. */
type Place =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "none"; readonly reason: string };

function findPlace(): Place {
  if (Deno.build.os !== "linux") return { kind: "none", reason: "not Linux" };
  const mountinfo = kernelFiles.read("/proc/self/mountinfo");
  const cgroup = kernelFiles.read("/proc/self/cgroup");
  // Whoever runs the tests as root may divide the root as well.
  const isRoot = /^0::\/$/m.test(cgroup);
  const own = locateOwnCgroup({
    cgroup: isRoot ? "0::/kolikko" : cgroup,
    mountinfo,
  });
  if (own.kind === "none") return own;
  const path = isRoot ? own.path.slice(0, -"/kolikko".length) : own.path;
  const probe = `${path}/kolikko-test-${crypto.randomUUID()}`;
  try {
    kernelFiles.makeFolder(probe);
    kernelFiles.removeFolder(probe);
    return { kind: "folder", path };
  } catch (error) {
    return { kind: "none", reason: `${error}` };
  }
}

const place = findPlace();

/** For `ignore` of a test. */
export const isWithoutCgroup = place.kind === "none";

/** A name that says why the test is skipped, if it is. */
export function named(name: string): string {
  return place.kind === "none" ? `${name} (skipped: ${place.reason})` : name;
}

/** A cgroup that stands for the controller's own; takes all with it at the end. */
export class TestCgroup {
  readonly path: string;

  constructor() {
    if (place.kind === "none") throw new Error(place.reason);
    this.path = `${place.path}/kolikko-test-${crypto.randomUUID()}`;
    kernelFiles.makeFolder(this.path);
  }

  /** The names of the cgroups in it. */
  names(): string[] {
    return kernelFiles.folders(this.path).sort();
  }

  /** All processes in it and below. */
  pids(): ReadonlySet<number> {
    return this.#asRun().pids();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#asRun().kill();
    await this.#asRun().remove(systemClock);
  }

  #asRun(): RunCgroup {
    return new RunCgroup(this.path, kernelFiles, () => {});
  }
}

/** The kernel's files, some calls of which fail. */
export function filesBut(but: Partial<CgroupFiles>): CgroupFiles {
  return { ...kernelFiles, ...but };
}

/** A kernel that cannot kill a cgroup as a whole: before 5.14. */
export const oldKernel: CgroupFiles = filesBut({
  write(path, text) {
    if (path.endsWith("/cgroup.kill")) {
      throw new Deno.errors.NotFound(`No such file: ${path}`);
    }
    kernelFiles.write(path, text);
  },
});

interface Around {
  readonly files?: CgroupFiles;
  readonly table?: ProcessTable;
}

/** Starts programs as a controller in this cgroup would. */
export function spawnIn(cgroup: TestCgroup, around: Around = {}): Spawn {
  const cgroups = new OwnCgroups(cgroup.path, around.files);
  return createSpawn({ clock: systemClock, cgroups, ...around });
}

/** A script for `sh`, with its arguments. */
export function shell(script: string, ...args: string[]): SpawnSpec {
  return {
    ...standInSpec([]),
    exec: "sh",
    args: ["-c", script, "sh", ...args],
  };
}
