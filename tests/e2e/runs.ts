/** Which runs of a rig live, as their marks say; and whether two are of one command. */

import { type Mark, readMark } from "../../lib/process/mark.ts";

/** A living process that carries a mark of the rig. */
export interface Marked {
  readonly pid: number;
  readonly mark: Mark;
}

/** The living processes with a mark of this rig. */
export function markedOf(rig: string): Marked[] {
  const found: Marked[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environ = Deno.readTextFileSync(`/proc/${name}/environ`);
      const text = /(?:^|\0)KOLIKKO_MARK=([^\0]*)/.exec(environ)?.[1] ?? "";
      const mark = readMark(text);
      if (mark?.rig !== rig || !livesAs(Number(name))) continue;
      found.push({ pid: Number(name), mark });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** Does it run, and is it not only waiting to be buried? */
export function livesAs(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^[ZX] /.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Looks all the while whether two runs of one command live at once. */
export class RunWatch implements AsyncDisposable {
  /** What was seen that must not be; in words. */
  readonly violations: string[] = [];
  looks = 0;
  readonly #rig: string;
  readonly #over = Promise.withResolvers<void>();
  readonly #watching: Promise<void>;
  #isOver = false;

  constructor(rig: string, everyMs = 25) {
    this.#rig = rig;
    this.#watching = this.#watch(everyMs);
  }

  look(): Marked[] {
    const all = markedOf(this.#rig);
    this.looks += 1;
    const runs = new Map<string, Set<string>>();
    for (const { mark } of all) {
      const ofCommand = runs.get(mark.command) ?? new Set();
      runs.set(mark.command, ofCommand.add(mark.run));
    }
    for (const [command, ofCommand] of runs) {
      if (ofCommand.size < 2) continue;
      // A look takes its time: whoever is seen first may be gone before the last is born.
      const pids = all.filter((it) => it.mark.command === command);
      const still = pids.filter((it) => livesAs(it.pid));
      if (new Set(still.map((it) => it.mark.run)).size < 2) continue;
      this.violations.push(
        `two runs of ${command}: ${still.map((it) => it.pid).join(", ")}`,
      );
    }
    return all;
  }

  async #watch(everyMs: number): Promise<void> {
    while (!this.#isOver) {
      this.look();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, everyMs);
      await Promise.race([promise, this.#over.promise]);
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#over.resolve();
    await this.#watching;
  }
}
