/** Finds the program that `exec` means; never through a shell. */

import { posix, win32 } from "node:path";
import { StartError } from "./os_process.ts";

/** What stands at a path; `unknown` where reading is not allowed. */
export type Found =
  | "program"
  | "missing"
  | "folder"
  | "not_executable"
  | "unknown";

/** What of the machine the search depends on. */
export interface ExecPlace {
  readonly os: "windows" | "unix";
  /** The PATH that the program itself will see; undefined if the environment cannot be read. */
  readonly path: string | undefined;
  /** PATHEXT; Windows alone. */
  readonly pathExt: string;
  /** What stands at this path, links followed. */
  readonly look: (path: string) => Found;
}

/** What is to be found, and from which folder. */
export interface ExecRequest {
  /** The command's name, for messages. */
  readonly name: string;
  readonly exec: string;
  /** Absolute. */
  readonly cwd: string;
}

/** What Windows can start by itself; PATHEXT names scripts as well. */
const WINDOWS_PROGRAMS = [".com", ".exe", ".bat", ".cmd"];
const PLACES_SHOWN = 4;

/**
 * The path of the program: `exec` with a separator is taken relative to `cwd`,
 * else it is looked up in `cwd`, then in PATH.
 * @throws {StartError} that says where it was looked for.
 */
export function resolveExec(request: ExecRequest, place: ExecPlace): string {
  const { exec, cwd } = request;
  checkCwd(request, place);
  if (exec === "") {
    throw refusal(request, `"exec" is empty: name the program to run`);
  }
  const isPath = (place.os === "windows" ? /[\\/:]/ : /\//).test(exec);
  const folders = isPath
    ? [place.os === "unix" && posix.isAbsolute(exec) ? "" : cwd]
    : [cwd, ...pathFolders(place, cwd)];
  const seen = new Map<string, Found>();
  for (const folder of folders) {
    for (const file of fileNames(exec, place)) {
      const path = folder === "" ? file : join(folder, file, place.os);
      const found = place.look(path);
      if (found === "program") return path;
      seen.set(path, found);
    }
  }
  if (!isPath && place.path === undefined) return exec;
  if ([...seen.values()].includes("unknown")) {
    // Reading is not allowed: the operating system looks for itself.
    return folders[0] === "" || folders.length > 1
      ? exec
      : join(cwd, exec, place.os);
  }
  throw notFound(request, { isPath, folders, seen, place });
}

function checkCwd(request: ExecRequest, place: ExecPlace): void {
  const found = place.look(request.cwd);
  if (found === "folder" || found === "unknown") return;
  const state = found === "missing" ? "does not exist" : "is not a folder";
  throw refusal(
    request,
    `its working directory "${request.cwd}" ${state}: create it or correct "cwd"`,
  );
}

interface Search {
  readonly isPath: boolean;
  readonly folders: readonly string[];
  readonly seen: ReadonlyMap<string, Found>;
  readonly place: ExecPlace;
}

function notFound(request: ExecRequest, search: Search): StartError {
  const { isPath, folders, seen, place } = search;
  for (const [path, found] of seen) {
    if (found === "not_executable") {
      return refusal(
        request,
        place.os === "windows"
          ? `"${path}" is not a program: give the path of an .exe file`
          : `"${path}" is not executable: run chmod +x on it, or correct "exec"`,
      );
    }
    if (found === "folder") {
      return refusal(
        request,
        `"${path}" is a folder: give the path of the program in it`,
      );
    }
  }
  const paths = [...seen.keys()];
  if (isPath) {
    return refusal(
      request,
      `there is no ${quoted(paths)}: correct "exec" or install the program` +
        quarantine(place),
    );
  }
  const [cwd, ...others] = folders;
  const names = fileNames(request.exec, place).slice(0, PLACES_SHOWN);
  const inPath = others.length === 0
    ? "PATH, which is empty"
    : `PATH (${quoted(others)})`;
  return refusal(
    request,
    `"${request.exec}"${
      place.os === "windows" ? ` (${names.join(", ")})` : ""
    } is neither in the working directory "${cwd}" nor in ${inPath}: ` +
      `install it, or set "exec" to its full path${quarantine(place)}`,
  );
}

/** Most miners are taken for harmful; then their file vanishes without a word. */
function quarantine({ os }: ExecPlace): string {
  if (os !== "windows") return "";
  return "; if it was there before, a virus scanner took it: restore it and except its folder";
}

function refusal(request: ExecRequest, why: string): StartError {
  return new StartError(`Cannot start "${request.name}" as ${why}`);
}

function quoted(places: readonly string[]): string {
  const shown = places.slice(0, PLACES_SHOWN).map((place) => `"${place}"`);
  const more = places.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function pathFolders(place: ExecPlace, cwd: string): string[] {
  const path = place.path ?? "";
  const folders = place.os === "windows"
    ? path.split(";").map((folder) => folder.replaceAll('"', ""))
    : path.split(":");
  const absolute = folders.filter((folder) => folder !== "")
    .map((folder) =>
      isAbsolute(folder, place.os) ? folder : join(cwd, folder, place.os)
    );
  return [...new Set(absolute)].filter((folder) => folder !== cwd);
}

function fileNames(exec: string, place: ExecPlace): string[] {
  if (place.os !== "windows") return [exec];
  const lower = exec.toLowerCase();
  if (WINDOWS_PROGRAMS.some((ending) => lower.endsWith(ending))) return [exec];
  const endings = place.pathExt.toLowerCase().split(";")
    .filter((ending) => WINDOWS_PROGRAMS.includes(ending));
  return (endings.length > 0 ? endings : WINDOWS_PROGRAMS)
    .map((ending) => exec + ending);
}

function isAbsolute(path: string, os: ExecPlace["os"]): boolean {
  return (os === "windows" ? win32 : posix).isAbsolute(path);
}

/** On Windows a path without a drive, as in `\\miners\\x.exe`, is on that of the folder. */
function join(folder: string, file: string, os: ExecPlace["os"]): string {
  if (os === "windows") return win32.resolve(folder, file);
  // Not normalised: behind a link `..` is elsewhere.
  const bare = file.startsWith("./") ? file.slice(2) : file;
  return folder.endsWith("/") ? folder + bare : `${folder}/${bare}`;
}
