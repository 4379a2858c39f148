/** What an earlier run of the controller left on this machine, and what this one will leave to the next. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { World } from "../controller.ts";
import type { RunEntry } from "../core/run_entry.ts";
import { type Cgroups, NO_CGROUPS, openCgroups } from "../process/cgroup.ts";
import { findLeftovers } from "../process/leftovers.ts";
import type { Leftover, OsProcess } from "../process/os_process.ts";
import { isOwnFolder } from "../process/owners.ts";
import { bootId } from "../process/process_id.ts";
import { createProcessTable } from "../process/spawn.ts";
import { AtomicFile } from "../service/atomic_file.ts";
import { RunRecord } from "../service/run_record.ts";

const log = getLogger(["kolikko", "leftovers"]);

/** The record of runs has so long to reach the disk at the end. */
const LAST_WRITE_MS = 1_000;

/** When a process started, in the platform's own units; undefined if that cannot be told. */
export type StartTicksOf = (pid: number) => number | undefined;

/** What is known of the runs before this one. */
export interface Runs extends AsyncDisposable {
  /** Why nothing may be started, in words for the owner. */
  readonly rival: string | undefined;
  readonly cgroups: Cgroups;
  /** The same world, with what is to be stopped; it remembers each run until that is proven gone. */
  readonly watch: (world: World, startTicksOf: StartTicksOf) => World;
}

/** Looks what an earlier controller left; `stateDir` is where runs are recorded, if anywhere. */
export async function recallRuns(
  config: Config,
  stateDir: string | undefined,
): Promise<Runs> {
  const { id } = config.rig;
  const record = stateDir === undefined ? undefined : new RunRecord({
    file: new AtomicFile({ path: `${stateDir}/${id}.runs.json` }),
    clock: systemClock,
    log,
  });
  await record?.load();
  const boot = bootId();
  const before = record?.entries() ?? [];
  const cgroups = Deno.build.os === "linux" ? openCgroups() : NO_CGROUPS;
  const { leftovers, rival, blind } = await findLeftovers({
    rig: id,
    commands: config.commands.map(({ name }) => name),
    record: before.map((entry) => ({
      ...entry,
      startTicks: Number(entry.startTicks),
    })),
    caught: [
      ...cgroups.leftovers(id).filter(({ path }) => isOwnFolder(path))
        .flatMap(({ path, pids }) =>
          pids.map((pid) => ({ pid, command: commandOf(path) }))
        ),
      // Nothing was started yet, so whose they are cannot be told.
      ...[...cgroups.strays()].map((pid) => ({ pid, command: "" })),
    ],
    table: createProcessTable(systemClock),
    clock: systemClock,
    boot,
  });
  if (blind !== undefined) {
    log.warn("Cannot see whether an earlier run left programs running", {
      reason: blind,
    });
  }
  const kept = new Keeper({ record, before, boot: boot ?? "", leftovers });
  return {
    rival: rival === undefined ? undefined : rivalInWords(id, rival),
    cgroups,
    watch: (world, startTicksOf) => kept.watch(world, startTicksOf),
    [Symbol.asyncDispose]: async () => await record?.close(LAST_WRITE_MS),
  };
}

interface KeeperParts {
  readonly record: RunRecord | undefined;
  /** What an earlier controller had recorded. */
  readonly before: readonly RunEntry[];
  readonly boot: string;
  readonly leftovers: readonly Leftover[];
}

/** Keeps the record: a run stands in it from its start to the proof that nothing is left of it. */
class Keeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  watch(world: World, startTicksOf: StartTicksOf): World {
    const { leftovers } = this.#parts;
    const left = new Set(leftovers);
    // What belongs to no command went to the first, so the marks tell of none alone.
    if (left.size === 0) this.#forgetBefore();
    return {
      ...world,
      spawn: (spec) => {
        const process = world.spawn(spec);
        const startTicks = startTicksOf(process.pid);
        if (startTicks !== undefined) {
          this.#remember(spec, { pid: process.pid, startTicks });
        }
        return onRelease(process, () => this.#forget(spec.mark));
      },
      leftovers: leftovers.map((leftover) => ({
        ...leftover,
        process: onRelease(leftover.process, () => {
          left.delete(leftover);
          if (left.size === 0) this.#forgetBefore();
        }),
      })),
    };
  }

  #remember(
    { name, mark }: { readonly name: string; readonly mark: string },
    id: { readonly pid: number; readonly startTicks: number },
  ): void {
    const { record, boot } = this.#parts;
    const at = systemClock.wall();
    record?.put({ command: name, mark, ...id, boot, at });
  }

  #forgetBefore(): void {
    for (const { mark } of this.#parts.before) this.#forget(mark);
  }

  #forget(mark: string): void {
    this.#parts.record?.remove(mark);
  }
}

/** The same process; tells when nothing is left of it. */
function onRelease(process: OsProcess, then: () => void): OsProcess {
  return {
    pid: process.pid,
    killOnly: process.killOnly,
    exited: process.exited,
    signal: (name) => process.signal(name),
    kill: () => process.kill(),
    remaining: () => process.remaining(),
    release() {
      process.release();
      then();
    },
  };
}

/** The command in the name of a cgroup: `kolikko.<rig>.<command>.<run>`. */
function commandOf(path: string): string {
  return path.split("/").at(-1)?.split(".")[2] ?? "";
}

function rivalInWords(
  rig: string,
  rival: { readonly pid: number; readonly command: string },
): string {
  log.error("Another controller runs already", { rig, ...rival });
  return `Cannot start as another controller of rig "${rig}" runs already, ` +
    `process ${rival.pid}, and has started "${rival.command}": end that one, ` +
    `or give this one an "id" of its own in [rig]`;
}
