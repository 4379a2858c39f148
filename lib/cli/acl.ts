/** `kolikko acl`: the lines of Mosquitto's access list for this rig. */

import { aclText } from "../mqtt/acl.ts";
import { configured, topicOwner } from "./configured.ts";

export interface AclOptions {
  readonly config: string | undefined;
  readonly stdout: { readonly write: (text: string) => void };
  readonly stderr: (text: string) => void;
}

/** Prints them; returns the exit code. */
export async function acl(options: AclOptions): Promise<number> {
  const config = await configured(options.config, options.stderr);
  if (config === undefined) return 2;
  options.stdout.write(aclText(topicOwner(config), config.broker.username));
  return 0;
}
