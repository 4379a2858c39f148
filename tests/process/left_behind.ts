/** Small programs that stand in for what a killed controller has left behind. */

import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import type { RecordedStart } from "../../lib/process/left_runs.ts";
import type { LeftoversFound } from "../../lib/process/leftover.ts";
import {
  findLeftovers,
  type FindLeftoversOptions,
} from "../../lib/process/leftovers.ts";
import { makeMark } from "../../lib/process/mark.ts";
import { bootId } from "../../lib/process/process_id.ts";
import type { Leftover } from "../../lib/process/os_process.ts";
import { readStartTicks } from "../../lib/process/procfs_table.ts";
import { createProcessTable } from "../../lib/process/spawn.ts";
import { until } from "../stand_in/stand_in.ts";

/** Nobody has started at this tick: such a controller is dead. */
export const DEAD = { pid: Deno.pid, startTicks: 1 };

/** Lives a minute at most, so that nothing of a broken test stays. */
export const STAY = "exec sleep 60";

export class LeftBehind implements AsyncDisposable {
  /** Unique, so that tests side by side do not see each other's. */
  readonly rig = `rig-${crypto.randomUUID().slice(0, 8)}`;
  readonly #dir = Deno.makeTempDirSync({ prefix: "kolikko_left_" });
  readonly #children: Deno.ChildProcess[] = [];

  mark(command: string, controller = DEAD, rig = this.rig): string {
    return makeMark({ rig, command, controller, run: crypto.randomUUID() });
  }

  /** Runs a shell script in a session of its own, as each program of ours; as another user if told so. */
  start(
    script: string,
    env: Record<string, string> = {},
    uid?: number,
  ): Deno.ChildProcess {
    const child = new Deno.Command("sh", {
      args: ["-c", script],
      ...uid === undefined ? {} : { uid },
      env: { ...env, PIDS: this.#dir },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    } as Deno.CommandOptions).spawn();
    this.#children.push(child);
    return child;
  }

  /** Waits for the process that said its pid by `echo $$ > $PIDS/name`. */
  async pidOf(name: string): Promise<number> {
    const path = `${this.#dir}/${name}`;
    const read = () => {
      try {
        return Number(Deno.readTextFileSync(path));
      } catch {
        return 0;
      }
    };
    await until(`${name} says its pid`, () => read() > 0);
    return read();
  }

  recordOf(
    command: string,
    pid: number,
    but: Partial<RecordedStart> = {},
  ): RecordedStart {
    return {
      command,
      mark: this.mark(command),
      pid,
      startTicks: readStartTicks(pid) ?? 0,
      boot: bootId() ?? "",
      ...but,
    };
  }

  find(but: Partial<FindLeftoversOptions> = {}): Promise<LeftoversFound> {
    return findLeftovers({
      rig: this.rig,
      commands: ["one", "two"],
      record: [],
      table: createProcessTable(systemClock),
      clock: systemClock,
      boot: bootId(),
      ...but,
    });
  }

  /** What was found of the only command of which anything was. */
  async findOne(but: Partial<FindLeftoversOptions> = {}): Promise<Leftover> {
    const { leftovers, rival, blind } = await this.find(but);
    assertEquals([leftovers.length, rival, blind], [1, undefined, undefined]);
    const [leftover] = leftovers;
    if (leftover === undefined) throw new Error("Nothing was found");
    return leftover;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { name } of Deno.readDirSync(this.#dir)) {
      kill(await this.pidOf(name));
    }
    for (const child of this.#children) {
      kill(child.pid);
      await child.status;
    }
    Deno.removeSync(this.#dir, { recursive: true });
  }
}

/** Does it run, and is it not only waiting to be buried? */
export function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

/** Kills a leftover and waits for the proof. */
export async function stopHard({ process }: Leftover): Promise<void> {
  await until("nothing is left", async () => {
    await process.kill();
    return (await process.remaining()).length === 0;
  });
  await process.exited;
  process.release();
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
