/** Strangers that look like ours in all but one point: nobody may touch them. */

const LAST_PID = "/proc/sys/kernel/ns_last_pid";
const TRIES_MAX = 30;

export class Decoys implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];
  readonly #ended = new Set<number>();

  /** Starts one that lives long enough, in a session of its own like each program of ours. */
  start(env: Record<string, string> = {}): Deno.ChildProcess {
    const child = new Deno.Command("sh", {
      args: ["-c", "sleep 900 & exec sleep 900"],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    } as Deno.CommandOptions).spawn();
    this.#children.push(child);
    void child.status.then(() => this.#ended.add(child.pid));
    return child;
  }

  /** Gives a free pid to a stranger; false where that cannot be done. */
  async takePid(pid: number): Promise<boolean> {
    for (let count = 0; count < TRIES_MAX; count += 1) {
      try {
        Deno.writeTextFileSync(LAST_PID, String(pid - 1));
      } catch {
        return false;
      }
      const child = this.start();
      if (child.pid === pid) return true;
      await this.#end(child);
    }
    return false;
  }

  /** Those that somebody has ended. */
  lost(): number[] {
    return [...this.#ended];
  }

  get count(): number {
    return this.#children.length;
  }

  async #end(child: Deno.ChildProcess): Promise<void> {
    this.#children.splice(this.#children.indexOf(child), 1);
    Deno.kill(-child.pid, "SIGKILL");
    await child.status;
    this.#ended.delete(child.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [...this.#children]) {
      if (!this.#ended.has(child.pid)) await this.#end(child);
    }
  }
}
