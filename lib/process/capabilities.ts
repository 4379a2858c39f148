/** Which protections the present permissions leave off, in words, for the start message. */

import { openLibc } from "../platform/libc.ts";
import { kernelFiles } from "./cgroup_files.ts";
import { hiddenProcesses } from "./hidden_processes.ts";
import { findOwnCgroup } from "./own_cgroup.ts";

/** What was granted, as far as the protections depend on it. */
export interface Granted {
  readonly os: "linux" | "windows" | "other";
  /** Any program may be run, not just those of a list. */
  readonly run: boolean;
  readonly env: boolean;
  readonly ffi: boolean;
  /** The machine's uptime can be read. */
  readonly uptime: boolean;
  /** `/proc` can be read: Deno opens it only with all permissions. */
  readonly proc: boolean;
  /** There is a `/proc` at all, with all that a look needs; Linux alone. */
  readonly hasProc: boolean;
  /** What hides processes from us, if anything does. */
  readonly hidden: string | undefined;
  /** Each run gets a cgroup of its own. */
  readonly cgroup: boolean;
}

/** One sentence for each protection that is off, with the flag that brings it. */
export function missingProtections(granted: Granted): string[] {
  const missing: string[] = [];
  if (!granted.run) {
    missing.push(
      "Only the first process of a program can be signalled, not what it starts, and what it leaves " +
        "behind is not found: run with --allow-run, without a list of programs",
    );
  }
  missing.push(...missingProof(granted));
  if (
    granted.os === "linux" && granted.run && granted.hasProc && !granted.proc
  ) {
    missing.push(
      "Processes are found through the helper programs sh, cat and grep, as Deno closes /proc: " +
        "run with --allow-all",
    );
  }
  if (granted.os === "windows" && !granted.ffi) {
    missing.push(
      "Programs are not held in job objects: what they start may outlive them and the controller, and " +
        "cannot be proven gone: run with --allow-ffi",
    );
  }
  if (!granted.uptime) {
    missing.push(
      "A machine that was suspended is not noticed: run with --allow-sys=osUptime",
    );
  }
  if (!granted.env) {
    missing.push(
      "KOLIKKO_MQTT_PASSWORD is not looked at, and programs inherit the controller's environment with its " +
        "secrets emptied instead of removed: run with --allow-env",
    );
  }
  return missing;
}

/** What the proof of OFF cannot show. */
function missingProof(granted: Granted): string[] {
  const { os, ffi, cgroup, hidden, hasProc } = granted;
  if (os === "windows" || cgroup) return [];
  const service = os === "linux"
    ? ": run the controller as a service with Delegate=yes"
    : "";
  if (os === "other" || !hasProc) {
    return [
      "Programs are proven gone by their process group alone, as this system shows no processes in /proc: " +
      `what leaves its group is not found${service}`,
    ];
  }
  if (hidden !== undefined) {
    return [
      `${hidden}: a look at it is no proof of OFF, ` +
      (ffi
        ? "so what comes back to the controller as an orphan is counted instead"
        : "so OFF cannot be told at all") +
      service,
    ];
  }
  if (ffi) return [];
  return [
    "What empties its environment, or has more rights than the controller, and then leaves its parents " +
    `is not found${service}, or with --allow-ffi`,
  ];
}

/** The protections that are off in this very process. */
export function capabilities(): string[] {
  const { os } = Deno.build;
  const isGranted = (name: "run" | "env" | "ffi") =>
    Deno.permissions.querySync({ name }).state === "granted";
  const ffi = os === "linux" ? openLibc().kind === "open" : isGranted("ffi");
  return missingProtections({
    os: os === "linux" || os === "windows" ? os : "other",
    run: isGranted("run"),
    env: isGranted("env"),
    ffi,
    uptime: Deno.permissions.querySync({ name: "sys", kind: "osUptime" })
      .state === "granted",
    ...linuxView(ffi),
  });
}

function linuxView(
  ffi: boolean,
): Pick<Granted, "proc" | "hasProc" | "hidden" | "cgroup"> {
  if (Deno.build.os !== "linux") {
    return { proc: false, hasProc: false, hidden: undefined, cgroup: false };
  }
  // Whether there is something that Deno does not open cannot be told.
  const hasProc = openingOf("/proc/uptime") !== "missing";
  const hidden = hiddenProcesses();
  // Trying it takes a while, and where nothing lacks it makes no difference.
  const isWhole = ffi && hasProc && hidden === undefined;
  return {
    proc: openingOf("/proc/self/stat") === "open",
    hasProc,
    hidden,
    cgroup: !isWhole && findOwnCgroup(kernelFiles).kind === "ours",
  };
}

function openingOf(path: string): "open" | "closed" | "missing" {
  try {
    Deno.readTextFileSync(path);
    return "open";
  } catch (error) {
    return error instanceof Deno.errors.NotCapable ? "closed" : "missing";
  }
}
