/** Can each command be read the way that the file says? */

import { wayOf } from "../telemetry/way.ts";
import type { Complaint } from "./complaints.ts";
import type { Draft } from "./draft.ts";
import { quoted } from "./quote.ts";
import type { Settings } from "./schema.ts";

type Commands = Draft<Settings>["command"];

/** Complains of an API that was asked for and has no port, and of two at one place. */
export function checkReaders(commands: Commands): Complaint[] {
  const taken = new Map<string, number>();
  return (commands ?? []).flatMap((command, index) => {
    const { api, host, port } = command?.telemetry ?? {};
    const path = ["command", index, "telemetry"];
    if (api === undefined || host === undefined || port === undefined) {
      return [];
    }
    if (port === 0) return unheard(command, api, path);
    const place = `${host}:${port}`;
    const other = taken.get(place);
    if (other === undefined) {
      taken.set(place, index);
      return [];
    }
    return [{
      path: [...path, "port"],
      message: `found ${port}, where command[${other}] is read already; ` +
        `give each miner's API a port of its own`,
      other: ["command", other, "telemetry", "port"],
    }];
  });
}

/** "auto" may fall back to the output; a family that was asked for by name may not. */
function unheard(
  command: NonNullable<Commands>[number],
  api: string,
  path: Complaint["path"],
): Complaint[] {
  const { exec, args, telemetry } = command ?? {};
  const isNamed = !["auto", "none", "stdout"].includes(api);
  if (!isNamed || telemetry?.api === undefined || exec === undefined) return [];
  const way = wayOf({
    api: telemetry.api,
    host: "127.0.0.1",
    port: undefined,
    token: undefined,
    intervalMs: 0,
    patterns: [],
  }, {
    name: "",
    exec,
    args: (args ?? []).filter((arg) => arg !== undefined),
  });
  if (way.kind !== "stdout") return [];
  return [{
    path: [...path, "api"],
    message: `found ${quoted(api)}, and no port of its API; set port, or ` +
      `${way.advice ?? ""}`,
  }];
}
