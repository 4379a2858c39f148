/** Which of the owner's files others can read or write that should not. */

import type { Config } from "../config.ts";

/** Who we are; undefined where the permissions hide it. */
export interface Who {
  readonly uid: number;
  readonly gid: number;
}

/** What is looked at of a file. */
export type Facts = Pick<Deno.FileInfo, "uid" | "gid" | "mode">;

/** A file, and what of it is nobody else's business. */
interface Kept {
  readonly path: string;
  /** What stands in it that is secret, if anything does. */
  readonly secret: string | undefined;
  /** It says which programs are run. */
  readonly rules: boolean;
}

const READ_OTHER = 0o004;
const READ_GROUP = 0o040;
const WRITE_GROUP_OR_OTHER = 0o022;
const ENTER_GROUP_OR_OTHER = 0o011;

/** One sentence for each, with the command that mends it; none on Windows, which has no modes. */
export async function exposures(config: Config): Promise<string[]> {
  if (Deno.build.os === "windows") return [];
  const who = whoAmI();
  const found: string[] = [];
  for (const kept of keptFiles(config)) {
    let facts: Deno.FileInfo;
    try {
      if (await isShutIn(kept.path)) continue;
      facts = await Deno.stat(kept.path);
      // Nor is a folder closed, in which others live.
      if (!facts.isFile) continue;
    } catch {
      // Whoever needs the file tells why it cannot be read.
      continue;
    }
    found.push(...exposureOf(kept, facts, who));
  }
  return found;
}

/** What is wrong with one file. */
export function exposureOf(
  { path, secret, rules }: Kept,
  facts: Facts,
  who: Who | undefined,
): string[] {
  const { mode } = facts;
  if (mode === null) return [];
  const octal = (mode & 0o777).toString(8);
  const found: string[] = [];
  const file = `'${path}'`;
  if (secret !== undefined && canOthersRead(facts, mode, who)) {
    found.push(
      `${secret} stands in "${path}", which others can read (mode ${octal}): ` +
        closing(file, facts, who),
    );
  }
  if (rules && (mode & WRITE_GROUP_OR_OTHER) !== 0) {
    found.push(
      `"${path}" says which programs are run, and others can write it ` +
        `(mode ${octal}): chmod go-w ${file}`,
    );
  }
  return found;
}

function keptFiles({ file, hasSecrets, broker }: Config): Kept[] {
  const more = [
    ["The password", broker.passwordFile],
    ["The private key", broker.keyFile],
  ] as const;
  return [
    {
      path: file,
      secret: hasSecrets ? "A password or token" : undefined,
      rules: true,
    },
    ...more.flatMap(([secret, path]) =>
      path === undefined ? [] : [{ path, secret, rules: false }]
    ),
  ];
}

/** Of a file that is root's or another's the group may be how we read it. */
function canOthersRead(
  { uid, gid }: Facts,
  mode: number,
  who: Who | undefined,
): boolean {
  if ((mode & READ_OTHER) !== 0) return true;
  if ((mode & READ_GROUP) === 0 || who === undefined) return false;
  return uid === who.uid || gid !== who.gid;
}

/** The command after which we can still read it, and nobody else can. */
function closing(file: string, { uid }: Facts, who: Who | undefined): string {
  if (who === undefined) return `chmod o-rwx ${file}`;
  if (uid === who.uid) return `chmod 600 ${file}`;
  if (who.uid === 0) return `chmod go-rwx ${file}`;
  return `sudo chgrp ${who.gid} ${file} && sudo chmod 640 ${file}`;
}

/** A folder above it lets nobody but its owner in. */
async function isShutIn(path: string): Promise<boolean> {
  const parts = (await Deno.realPath(path)).split("/");
  for (let count = parts.length - 1; count > 1; count -= 1) {
    const { mode } = await Deno.stat(parts.slice(0, count).join("/"));
    if (mode !== null && (mode & ENTER_GROUP_OR_OTHER) === 0) return true;
  }
  return false;
}

function whoAmI(): Who | undefined {
  try {
    const [uid, gid] = [Deno.uid(), Deno.gid()];
    return uid === null || gid === null ? undefined : { uid, gid };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
