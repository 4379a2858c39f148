/** Which protections the present permissions leave off, in words, for the start message. */

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
  if (granted.os === "linux" && granted.run && !granted.proc) {
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
      "Programs inherit the controller's environment with its secrets emptied instead of removed: " +
        "run with --allow-env",
    );
  }
  return missing;
}

/** The protections that are off in this very process. */
export function capabilities(): string[] {
  const { os } = Deno.build;
  const isGranted = (name: "run" | "env" | "ffi") =>
    Deno.permissions.querySync({ name }).state === "granted";
  return missingProtections({
    os: os === "linux" || os === "windows" ? os : "other",
    run: isGranted("run"),
    env: isGranted("env"),
    ffi: isGranted("ffi"),
    uptime: Deno.permissions.querySync({ name: "sys", kind: "osUptime" })
      .state === "granted",
    proc: os === "linux" && isProcOpen(),
  });
}

function isProcOpen(): boolean {
  try {
    return Deno.readTextFileSync("/proc/self/stat") !== "";
  } catch {
    return false;
  }
}
