/** Can each command be read the way that the file says? */

import { wayOf } from "../telemetry/way.ts";
import type { Complaint } from "./complaints.ts";
import type { Draft } from "./draft.ts";
import { quoted } from "./quote.ts";
import type { Settings } from "./schema.ts";

type Commands = Draft<Settings>["command"];
type Command = NonNullable<Commands>[number];

/** Complains of an API that was asked for and has no port, and of two at one place. */
export function checkReaders(commands: Commands): Complaint[] {
  const taken = new Map<string, number>();
  return (commands ?? []).flatMap((command, index) => [
    ...hasty(command, ["command", index]),
    ...unreadable(command, { index, taken }),
  ]);
}

/** How many intervals a reading holds; less than that is no silence. */
const INTERVALS_MIN = 3;

/** A miner would be restarted between two readings. */
function hasty(command: Command, path: Complaint["path"]): Complaint[] {
  const interval = command?.telemetry?.interval;
  const silent = command?.watchdog?.silent_for;
  if (interval === undefined || silent === undefined) return [];
  if (silent >= INTERVALS_MIN * interval) return [];
  return [{
    path: [...path, "watchdog", "silent_for"],
    message: `found less than ${INTERVALS_MIN} times the interval of ` +
      `[command.telemetry], wanted at least ${
        INTERVALS_MIN * interval / 1000
      }s`,
    other: [...path, "telemetry", "interval"],
  }];
}

function unreadable(
  command: Command,
  { index, taken }: {
    readonly index: number;
    /** Which command is read at a place. */
    readonly taken: Map<string, number>;
  },
): Complaint[] {
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
}

/** "auto" may fall back to the output; a family that was asked for by name may not. */
function unheard(
  command: Command,
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
