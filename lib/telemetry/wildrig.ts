/** WildRig Multi: HTTP, nearly as XMRig, but at `/`. */

import { httpReader } from "./reader.ts";
import { parseXmrig } from "./xmrig.ts";

/** Reads `/`. */
export const wildrig = httpReader({
  family: "wildrig",
  program: "WildRig",
  advice:
    "start it with --api-port PORT and set port of [command.telemetry] to the same",
  path: "/",
  parse: parseXmrig,
});
