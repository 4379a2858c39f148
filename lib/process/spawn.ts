/** How programs are started on the platform that we are on. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { type Cgroups, NO_CGROUPS, openCgroups } from "./cgroup.ts";
import { childEnvironment, drain } from "./child.ts";
import { type Family, strangersToOrphans } from "./family.ts";
import { HelperTable } from "./helper_table.ts";
import { spawnLinux } from "./linux_process.ts";
import type { CommandSpec } from "./command_spec.ts";
import { type Spawn, StartError } from "./os_process.ts";
import { oomKills } from "./oom_kills.ts";
import { FirstAllowedTable, type ProcessTable } from "./process_table.ts";
import { ProcfsTable } from "./procfs_table.ts";
import { HEADER_BYTES, headerFault } from "./program_header.ts";
import { type ExecPlace, type Found, resolveExec } from "./resolve_exec.ts";
import type { ControllerGuard } from "./windows_job.ts";
import { spawnWindows } from "./windows_process.ts";

const log = getLogger(["kolikko", "process"]);

export interface SpawnOptions {
  readonly clock: Clock;
  /** Where the processes are looked up; the machine's own by default. Not for Windows. */
  readonly table?: ProcessTable;
  /** Where each run gets a cgroup of its own; below the controller's own by default. Not for Windows. */
  readonly cgroups?: Cgroups;
  /** How often the kernel has killed for lack of memory; asks the kernel by default. Linux alone. */
  readonly oomKills?: () => number | undefined;
  /** From `openFamily()`, called once at the controller's start; Linux alone. */
  readonly family?: Family;
  /** From `guardController()`, called once at the controller's start; Windows alone. */
  readonly guard?: ControllerGuard;
}

/** Everything is prepared here, so that a start costs little more than the system's own work. */
export function createSpawn(options: SpawnOptions): Spawn {
  const { clock } = options;
  if (Deno.build.os === "windows") {
    const guard: ControllerGuard = options.guard ??
      { kind: "unguarded", reason: "the controller is not in a job object" };
    const systemRoot = ownVariable("SystemRoot");
    return (spec) =>
      spawnWindows({ ...spec, path: findProgram(spec) }, {
        guard,
        systemRoot,
        environment: childEnvironment,
        drain,
        clock,
        onUnguarded: (reason) =>
          log.warn("Only the first process of {command} can be proven gone", {
            command: spec.name,
            reason,
          }),
      });
  }
  const table = options.table ?? createProcessTable(clock);
  const cgroups = options.cgroups ??
    (Deno.build.os === "linux" ? openCgroups() : NO_CGROUPS);
  const family = options.family ?? strangersToOrphans();
  const deps = {
    table,
    clock,
    cgroups,
    family,
    oomKills: options.oomKills ?? oomKills,
  };
  return (spec) => spawnLinux({ ...spec, path: findProgram(spec) }, deps);
}

/** The processes of this machine, in the first way that the permissions allow. */
export function createProcessTable(clock: Clock): ProcessTable {
  return new FirstAllowedTable([
    new ProcfsTable(clock),
    new HelperTable(clock),
  ]);
}

/**
 * The path of the program that a command starts.
 * @throws {StartError} that says where it was looked for, or why what is there cannot be started.
 */
export function findProgram(spec: CommandSpec): string {
  const variable = (name: string) => spec.env[name] ?? ownVariable(name);
  const place: ExecPlace = {
    os: Deno.build.os === "windows" ? "windows" : "unix",
    path: variable("PATH"),
    pathExt: variable("PATHEXT") ?? "",
    look,
  };
  const path = resolveExec(spec, place);
  const fault = Deno.build.os === "linux" ? faultOf(path, place) : undefined;
  if (fault === undefined) return path;
  throw new StartError(`Cannot start "${spec.name}" as "${path}" ${fault}`);
}

/** Why a command cannot be started as things are, in words; undefined if it can. */
export function startRefusal(spec: CommandSpec): string | undefined {
  try {
    findProgram(spec);
    return undefined;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return error.message;
  }
}

function faultOf(path: string, place: ExecPlace): string | undefined {
  let bytes: Uint8Array;
  try {
    using file = Deno.openSync(path, { read: true });
    const buffer = new Uint8Array(HEADER_BYTES);
    bytes = buffer.subarray(0, file.readSync(buffer) ?? 0);
  } catch {
    // It can be run without being read; the start itself will tell.
    return undefined;
  }
  return headerFault(bytes, {
    arch: Deno.build.arch,
    runsOthers: runsOthers(),
    exists: (it) => look(it) !== "missing",
    isInPath: (name) =>
      place.path?.split(":").some((folder) =>
        !folder.startsWith("/") ||
        ["program", "unknown"].includes(look(`${folder}/${name}`))
      ) ?? true,
  });
}

/** Where binfmt_misc is; Deno shows what is below /proc with all permissions alone. */
const BINFMT = "/proc/sys/fs/binfmt_misc";

function runsOthers(): boolean {
  try {
    const entries = [...Deno.readDirSync(BINFMT)];
    return entries.some(({ name }) => name !== "register" && name !== "status");
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function ownVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

function look(path: string): Found {
  try {
    const info = Deno.statSync(path);
    if (info.isDirectory) return "folder";
    if (Deno.build.os === "windows" || info.mode === null) return "program";
    return (info.mode & 0o111) === 0 ? "not_executable" : "program";
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "unknown";
    // What cannot be reached, or is no path at all, is missing for us.
    return "missing";
  }
}
