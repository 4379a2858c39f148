/** What Deno lets the program do, settled before anything depends on it. */

import process from "node:process";
import { variable } from "./variable.ts";

/** What each permission is for, in the order in which it is asked for. */
const USES = {
  read: "the configuration, programs and sensors",
  write: "log files, the record of runs, and energy",
  env: "PATH, KOLIKKO_MQTT_PASSWORD, and where state is kept",
  run: "the programs that heat",
  net: "the broker, and the miners' APIs",
  sys: "to notice that the machine slept",
  ffi: "a stricter proof of OFF",
} as const;

/** A "no" to all of them is not remembered for each. */
const SYSTEM = ["osUptime", "hostname", "uid", "gid"] as const;

type Name = keyof typeof USES;

/**
 * On a terminal Deno asks for what its flags do not grant, and stands still
 * until it is answered: later that would hold up an OFF. So all is asked for
 * now, once; what is denied here is never asked for again.
 */
export async function settlePermissions(
  tell: (text: string) => Promise<void>,
): Promise<void> {
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return;
  const open = (Object.keys(USES) as Name[]).filter((name) =>
    Deno.permissions.querySync({ name }).state === "prompt"
  );
  if (open.length === 0) return;
  await tell(
    "Deno asks once for each permission that no flag grants (--no-prompt: it does not):\n" +
      open.map((name) => `  --allow-${name.padEnd(6)} ${USES[name]}`)
        .join("\n"),
  );
  for (const name of open) {
    const wanted: Deno.PermissionDescriptor[] = name === "sys"
      ? SYSTEM.map((kind) => ({ name, kind }))
      : [{ name }];
    for (const each of wanted) Deno.permissions.requestSync(each);
  }
}

/**
 * Where not all of the environment may be read, a library that looks at a
 * variable of its own is told that it is not set, instead of ending the
 * program. Call it before such a library is loaded.
 */
export function shieldEnvironment(): void {
  if (Deno.permissions.querySync({ name: "env" }).state === "granted") return;
  process.env = new Proxy<Record<string, string>>({}, {
    get: (_, name) => typeof name === "string" ? variable(name) : undefined,
  });
}
