/** What the tests of the Windows edge share. */

import { AssertionError } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { drain } from "../../lib/process/child.ts";
import { openKernel32 } from "../../lib/process/kernel32.ts";
import { processTable } from "../../lib/process/windows_process_table.ts";

/** Tests that start processes, or call Windows, run there alone. */
export const elsewhere = Deno.build.os !== "windows";

const WAIT_MS_MAX = 20_000;
const opened = openKernel32();

/** Does Windows show a process with this pid? */
export function lives(pid: number): boolean {
  if (opened.kind === "refused") throw new AssertionError(opened.reason);
  return processTable(opened.kernel32).has(pid);
}

/** Waits until something holds; fails when it takes too long. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = systemClock.now() + WAIT_MS_MAX;
  while (!await holds()) {
    if (systemClock.now() > deadline) {
      throw new AssertionError(`Waited too long until ${what}`);
    }
    await systemClock.sleep(20);
  }
}

/** Starts Deno with these arguments in a console of its own; see windows_console.ts. */
export function startInConsole(
  press: string,
  args: readonly string[],
): Deno.ChildProcess {
  const script = new URL("./windows_console.ts", import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", script, press, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** The arguments that make Deno run the stand-in. */
export function standIn(...args: string[]): string[] {
  const script = new URL("./windows_stand_in.ts", import.meta.url).href;
  return ["run", "-A", "--no-config", script, ...args];
}

/** Starts the stand-in outside every job of ours, as a controller without foreign functions would. */
export function start(lines: string[], ...args: string[]): {
  child: Deno.ChildProcess;
  drained: Promise<void>;
} {
  const child = new Deno.Command(Deno.execPath(), {
    args: standIn(...args),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const { signal } = new AbortController();
  const drained = drain(child.stdout, (line) => lines.push(line), signal);
  return { child, drained };
}

/** The pids in lines of the form `pid 4711`. */
export function pidsIn(lines: readonly string[]): number[] {
  return lines.flatMap((line) => {
    const pid = /^pid (\d+)$/.exec(line)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });
}
