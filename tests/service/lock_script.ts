/** Takes a lock and says what became of it; holds it, with a child of its own, until it is killed. */

import { systemClock } from "../../lib/clock.ts";
import { takeLock } from "../../lib/service/lock.ts";

setTimeout(() => Deno.exit(99), 60_000);
const [path = "", way] = Deno.args;
if (way === "older") Reflect.deleteProperty(Deno.FsFile.prototype, "tryLock");
const lock = await takeLock(path, systemClock);
if (lock.kind !== "held") {
  await say(JSON.stringify(lock));
  Deno.exit(3);
}
const child = new Deno.Command("sleep", {
  args: ["60"],
  stdin: "null",
  stdout: "null",
  stderr: "null",
}).spawn();
await say(JSON.stringify({ kind: lock.kind, child: child.pid }));
await child.status;

async function say(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}
