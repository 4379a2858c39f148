/** A connection of a subcommand, beside that of the rig, wherever that runs. */

import { getLogger } from "@logtape/logtape";
import type { Config } from "../config.ts";
import { createConnect } from "../mqtt/connect.ts";
import type { Link } from "../mqtt/link.ts";

/**
 * With an id of its own and without a will: the rig is neither to be thrown out
 * nor, if the subcommand is broken off, to be called offline.
 * @throws {ConnectError} with what was tried and what to do.
 */
export function connectBeside(
  { broker }: Pick<Config, "broker">,
  subcommand: "check" | "forget",
): Promise<Link> {
  const connect = createConnect({
    ...broker,
    clientId: `${broker.clientId}-${subcommand}`,
    sessionMs: 0,
    willTopic: undefined,
  }, { log: getLogger(["kolikko", subcommand]) });
  return connect(new AbortController().signal);
}

/**
 * Ends the session that the broker keeps for the rig itself, in which words may
 * wait for years; the rig must not run, as it would lose its place.
 * @throws {ConnectError} with what was tried and what to do.
 */
export async function endSession(
  { broker }: Pick<Config, "broker">,
): Promise<void> {
  const connect = createConnect(
    { ...broker, sessionMs: 0, willTopic: undefined },
    { log: getLogger(["kolikko", "forget"]) },
  );
  const link = await connect(new AbortController().signal);
  await link.close();
}
