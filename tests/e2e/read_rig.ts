/** Commands whose stand-ins speak a miner's API, for end-to-end tests. */

import { standIn } from "./rig.ts";

export interface MinerOptions {
  /** As `api` of `[command.telemetry]` calls it. */
  readonly api: string;
  readonly port: number;
  /** Flags of the stand-in besides; see lib/demo/miner_api/stand_in.ts. */
  readonly flags?: readonly string[];
  /** Lines of `[[command]]` besides. */
  readonly lines?: readonly string[];
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A command that is read every two seconds, which is as often as can be. */
export function miner(name: string, options: MinerOptions): string {
  const { api, port, flags = [], lines = [] } = options;
  const speaks = ["--api", api, "--api-port", `${port}`, "--wobble", "0"];
  return standIn(name, ["--life", "60s", ...speaks, ...flags], [
    'restart_backoff = ["500ms", "1s"]',
    ...lines,
    `telemetry = { api = "${api}", port = ${port}, interval = "2s" }`,
  ]);
}

/** A value of a JSON text; undefined if there is none. */
export function valueIn(text: string | undefined, key: string): unknown {
  const value: unknown = JSON.parse(text ?? "{}");
  return typeof value === "object" && value !== null
    ? Reflect.get(value, key)
    : undefined;
}
