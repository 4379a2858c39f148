/** Writes a count into an AtomicFile, again and again, and says each that it has written. */

import { AtomicFile } from "../../lib/service/atomic_file.ts";

setTimeout(() => Deno.exit(99), 60_000);
const [path = "", from = "0"] = Deno.args;
const file = new AtomicFile({ path });
for (let count = Number(from) + 1;; count += 1) {
  await file.write(`${count} ${"x".repeat(count % 5_000)}`);
  await Deno.stdout.write(new TextEncoder().encode(`${count}\n`));
}
