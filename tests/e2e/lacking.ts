/** Rigs whose broker gives them one right less than they need. */

import { topicOwner } from "../../lib/cli/configured.ts";
import { type Config, parseConfig } from "../../lib/config.ts";
import { aclText, rightsOf } from "../../lib/mqtt/acl.ts";

export const PASSWORD = "s3cret";

/** A rig of this name, which is its user's as well. */
export function configFor(name: string, port: number): Promise<Config> {
  return parseConfig(
    `[rig]
id = "${name}"
[mqtt]
url = "mqtt://127.0.0.1:${port}"
username = "${name}"
password = "${PASSWORD}"
[topics]
base = "/${name}/heat"
[[command]]
name = "cpu"
exec = "sleep"
`,
    { file: "/etc/kolikko/kolikko.toml", env: {} },
  );
}

/** Rigs that lack one right each; the last one has all. */
export async function lacking(): Promise<
  { readonly name: string; readonly lacks: string; readonly acl: string }[]
> {
  const owner = topicOwner(await configFor("rig", 1));
  const count = rightsOf(owner).length;
  const rigs = [];
  for (let index = 0; index <= count; index += 1) {
    const name = `rig${index}`;
    const own = topicOwner(await configFor(name, 1));
    const lacks = rightsOf(own)[index];
    const line = `topic ${lacks?.access} ${lacks?.filter}`;
    const acl = aclText(own, name).split("\n").filter((one) => one !== line);
    rigs.push({ name, lacks: lacks?.filter ?? "", acl: acl.join("\n") });
  }
  return rigs;
}
