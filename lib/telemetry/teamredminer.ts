/** TeamRedMiner: as sgminer; with two algorithms it tells of the second in `summary2`. */

import { readCgminer } from "./cgminer.ts";
import type { Reader } from "./reader.ts";

/** Asks for both algorithms at once. */
export const teamredminer: Reader = {
  family: "teamredminer",
  program: "TeamRedMiner",
  defaultPort: 4028,
  advice:
    "start it with --api_listen=127.0.0.1:PORT and set port of [command.telemetry] to the same",
  read: (ask, where) => readCgminer(ask, where, "summary+devs+pools+summary2"),
};
