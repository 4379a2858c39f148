/** The cgroup that the controller itself is in, if it is ours to divide. */

import { wordsOf } from "../core/words.ts";
import type { CgroupFiles } from "./cgroup_files.ts";
import { tryLauncher } from "./launcher.ts";

/** The folder of our own cgroup, or why there is none to use and what would help. */
export type OwnCgroup =
  | {
    readonly kind: "ours";
    readonly path: string;
    /** Nobody but the controller belongs in it: systemd made it for this service, and started us in it. */
    readonly isAlone: boolean;
  }
  | { readonly kind: "none"; readonly reason: string };

/** Finds our own cgroup and tries whether it lets us make others below it, and start programs in them. */
export function findOwnCgroup(
  files: CgroupFiles,
  tryStart: (cgroup: string) => string | undefined = tryLauncher,
  // Where the files can be read, all else is allowed as well.
  mainPid: () => string | undefined = () => Deno.env.get("SYSTEMD_EXEC_PID"),
): OwnCgroup {
  let own: OwnCgroup;
  try {
    own = locateOwnCgroup({
      cgroup: files.read("/proc/self/cgroup"),
      mountinfo: files.read("/proc/self/mountinfo"),
    });
  } catch (error) {
    return none(
      error instanceof Deno.errors.NotCapable
        ? "Deno closes /proc and /sys/fs/cgroup: run with --allow-all"
        : wordsOf(error),
    );
  }
  if (own.kind === "none") return own;
  const probe = `${own.path}/kolikko.probe.${Deno.pid}`;
  try {
    files.makeFolder(probe);
  } catch (error) {
    return none(`${wordsOf(error)}${adviceFor(own.path)}`);
  }
  try {
    const problem = tryStart(probe);
    return problem === undefined
      ? { ...own, isAlone: isServiceOnly(own.path, mainPid()) }
      : none(`no program can be started in a cgroup: ${problem}`);
  } finally {
    removeProbe(files, probe);
  }
}

/** The kernel may still count who has just ended in it; it is empty, so it goes with those of earlier runs. */
function removeProbe(files: CgroupFiles, path: string): void {
  try {
    files.removeFolder(path);
  } catch {
    // It hinders nobody.
  }
}

/**
 * Reads the texts of `/proc/self/cgroup` and `/proc/self/mountinfo`. The root is
 * nobody's to divide: systemd, or a container's other programs, live there.
 */
export function locateOwnCgroup(
  texts: { readonly cgroup: string; readonly mountinfo: string },
): OwnCgroup {
  const line = texts.cgroup.split("\n").find((it) => it.startsWith("0::/"));
  if (line === undefined) return none("the system has no cgroup v2");
  const own = line.slice("0::".length);
  if (own === "/") return none("the controller is in the root cgroup");
  for (const { root, point } of cgroup2Mounts(texts.mountinfo)) {
    const below = pathBelow(root, own);
    if (below !== undefined) {
      return { kind: "ours", path: point + below, isAlone: false };
    }
  }
  return none(`no cgroup2 file system is mounted that shows "${own}"`);
}

/**
 * Is it the cgroup of a service whose main process we are? systemd tells that
 * process its own pid, from version 248 on. What a shell, a wrapper or cron has
 * started is in the cgroup of that one, and so are others, whoever its parent is.
 */
function isServiceOnly(path: string, mainPid: string | undefined): boolean {
  return path.endsWith(".service") && mainPid === `${Deno.pid}`;
}

function none(reason: string): OwnCgroup {
  return { kind: "none", reason };
}

/** `4 3 0:28 ROOT POINT options [more] - TYPE source options`, see proc(5). */
function cgroup2Mounts(
  mountinfo: string,
): { readonly root: string; readonly point: string }[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [mount = "", kind = ""] = line.split(" - ");
    const [, , , root, point] = mount.split(" ");
    const isCgroup2 = kind.startsWith("cgroup2 ");
    if (!isCgroup2 || root === undefined || point === undefined) return [];
    return [{ root: unescape(root), point: unescape(point) }];
  });
}

/** A space and the like stand there as `\040`. */
function unescape(text: string): string {
  return text.replaceAll(
    /\\([0-7]{3})/g,
    (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** What must be added to the mount point; undefined if the mount does not reach `path`. */
function pathBelow(root: string, path: string): string | undefined {
  // Outside of a container's own part of the tree: "/../other".
  if (path.split("/").includes("..")) return undefined;
  if (root === "/") return path;
  if (path === root) return "";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** A unit of systemd can hand its cgroup over; elsewhere there is nothing that an owner could easily do. */
function adviceFor(path: string): string {
  const unit = path.split("/").at(-1) ?? "";
  if (!unit.endsWith(".service")) return "";
  return `: write Delegate=yes, and no ProtectControlGroups=yes, into ${unit}`;
}
