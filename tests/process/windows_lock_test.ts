/** What a lock on a file means on Windows; a second controller is kept out by it. */

import { assert, assertEquals } from "@std/assert";
import { drain } from "../../lib/process/child.ts";
import { elsewhere, lives, pidsIn, standIn, until } from "./windows_helpers.ts";

Deno.test({
  name:
    "FsFile.tryLockSync() keeps a second process out until the first is killed",
  ignore: elsewhere,
  async fn() {
    const path = Deno.makeTempFileSync({ prefix: "kolikko ä " });
    const holder = new Deno.Command(Deno.execPath(), {
      args: standIn("lock", path),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const lines: string[] = [];
    const { signal } = new AbortController();
    const push = (line: string) => lines.push(line);
    const drained = drain(holder.stdout, push, signal);
    await until("it holds the lock", () => lines.includes("locked true"));
    await until("its child speaks", () => pidsIn(lines).length === 1);
    const [child = 0] = pidsIn(lines);

    const file = Deno.openSync(path, { read: true, write: true });
    assertEquals(file.tryLockSync(true), false);
    holder.kill("SIGKILL");
    await holder.status;
    await until("the lock is free", () => file.tryLockSync(true));
    // A child that lives on does not hold it.
    assert(lives(child));
    Deno.kill(child, "SIGKILL");
    file.close();
    await drained;
    Deno.removeSync(path);
  },
});
