/** `kolikko acl`: the lines of the broker's access list for this rig. */

import { type AclBroker, brokerAclText } from "../mqtt/broker_acl.ts";
import { configured, topicOwner } from "./configured.ts";

export interface AclOptions {
  readonly config: string | undefined;
  readonly broker: AclBroker;
  readonly stdout: { readonly write: (text: string) => void };
  readonly stderr: (text: string) => void;
}

/** Prints them; returns the exit code. */
export async function acl(options: AclOptions): Promise<number> {
  const config = await configured(options.config, options.stderr);
  if (config === undefined) return 2;
  const { broker, stdout } = options;
  const { username } = config.broker;
  stdout.write(brokerAclText(broker, topicOwner(config), username));
  return 0;
}
