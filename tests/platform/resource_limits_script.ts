/**
 * `SOFT HARD`: sets its limits of open descriptors to these, calls
 * limitResources(), and prints what that could not do and the limits that a
 * child inherits.
 */

import { openLibc } from "../../lib/platform/libc.ts";
import { limitResources } from "../../lib/platform/resource_limits.ts";

const [soft = "", hard = ""] = Deno.args;
const opened = openLibc();
if (opened.kind === "open") {
  const wanted = BigUint64Array.of(BigInt(soft), BigInt(hard));
  opened.libc.setrlimit(7, new Uint8Array(wanted.buffer));
}
const missing = limitResources();
const script = "ulimit -Sc; ulimit -Hc; ulimit -Sn; ulimit -Hn";
const { stdout } = await new Deno.Command("sh", { args: ["-c", script] })
  .output();
const limits = new TextDecoder().decode(stdout).trim().split("\n");
// deno-lint-ignore no-console
console.log(JSON.stringify({ missing, limits }));
