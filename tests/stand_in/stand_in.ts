/** Helps tests to start the stand-in and to see what of it is still there. */

import { systemClock } from "../../lib/clock.ts";
import type { OsProcess, SpawnSpec } from "../../lib/process/os_process.ts";

const PROGRAM = decodeURIComponent(
  new URL("./program.ts", import.meta.url).pathname,
).replace(/^\/([A-Za-z]:)/, "$1");

/** What runs the stand-in with these flags; see program.ts. */
export function standIn(flags: readonly string[]): {
  exec: string;
  args: string[];
} {
  const run = ["run", "-A", "--no-config", "--no-lock", PROGRAM];
  return { exec: Deno.execPath(), args: [...run, "--life", "30s", ...flags] };
}

/** A whole spec for `Spawn`. */
export function standInSpec(
  flags: readonly string[],
  but: Partial<SpawnSpec> = {},
): SpawnSpec {
  return {
    name: "stand-in",
    ...standIn(flags),
    cwd: Deno.cwd(),
    env: {},
    mark: crypto.randomUUID(),
    onLine: () => {},
    ...but,
  };
}

/** Waits until it is so; fails after a while. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const end = systemClock.now() + limitMs;
  while (!(await isSo())) {
    if (systemClock.now() > end) {
      throw new Error(`Waited ${limitMs} ms in vain until ${what}`);
    }
    await systemClock.sleep(10);
  }
}

/** Kills a tree, waits for the proof that nothing is left, lets go. */
export async function end(process: OsProcess): Promise<void> {
  await process.kill();
  await process.exited;
  await until("nothing is left", async () => {
    const remaining = await process.remaining();
    if (remaining.length > 0) await process.kill();
    return remaining.length === 0;
  });
  process.release();
}

/** The processes that the stand-ins of one tree wrote into their file. */
export class PidsFile {
  readonly path = Deno.makeTempFileSync({ prefix: "stand_in_" });

  all(): number[] {
    return this.#entries().map(({ pid }) => pid);
  }

  /** Those that still run: the same pid, started at the same moment; on Linux. */
  living(): number[] {
    return this.#entries().filter(({ pid, ticks }) => {
      const fields = statOf(pid);
      return fields !== undefined && !/[ZX]/.test(fields[0] ?? "") &&
        fields[19] === ticks;
    }).map(({ pid }) => pid);
  }

  /** Those that have ended and that nobody has asked for; on Linux. */
  childrenThatAreZombies(): number[] {
    const parents = this.all().map(String);
    return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
      .filter((pid) => {
        const fields = Number.isInteger(pid) ? statOf(pid) : undefined;
        return fields?.[0] === "Z" && parents.includes(fields[1] ?? "");
      });
  }

  #entries(): { pid: number; ticks: string }[] {
    return Deno.readTextFileSync(this.path).split("\n")
      .filter((line) => line !== "").map((line) => {
        const [pid, ticks = ""] = line.split(" ");
        return { pid: Number(pid), ticks };
      });
  }

  [Symbol.dispose](): void {
    for (const pid of this.living()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has just ended.
      }
    }
    Deno.removeSync(this.path);
  }
}

/** What stands behind a process's name: its state, its parent, ..., as 20th its start in ticks. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
