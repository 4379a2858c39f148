/** Is a file or folder of ours alone? What others can write may be forged, and is not believed. */

import { userInWords } from "../platform/users.ts";

/** What is looked at; Windows has no owner and no mode. */
export type Facts = Pick<
  Deno.FileInfo,
  "isFile" | "isDirectory" | "isSymlink" | "uid" | "mode" | "nlink"
>;

const WRITE_OTHER = 0o002;
const WRITE_GROUP_OR_OTHER = 0o022;
/** In such a folder nobody can move or remove what is another's. */
const STICKY = 0o1000;

/** Why a file is not believed and how to mend it; undefined if it may be. `uid` is who we are. */
export function fileDoubt(
  path: string,
  info: Facts,
  uid: number | null,
): string | undefined {
  const remove = `look at it, and remove it: rm '${path}'`;
  if (info.isSymlink) return `"${path}" is a symbolic link: ${remove}`;
  if (!info.isFile) return `"${path}" is no file: ${remove}`;
  // Another name of it may lie where others find it.
  if ((info.nlink ?? 1) > 1) return `"${path}" has a second name: ${remove}`;
  return ownerDoubt(path, info, uid, `rm '${path}'`) ??
    writableDoubt(path, info, `chmod 600 '${path}'`);
}

/** The same of the folder that the files lie in. */
export function folderDoubt(
  path: string,
  info: Facts,
  uid: number | null,
): string | undefined {
  if (!info.isDirectory) return `"${path}" is no folder`;
  return ownerDoubt(path, info, uid, `chown ${uid} '${path}'`) ??
    writableDoubt(path, info, `chmod go-w '${path}'`);
}

/** The same of a folder above it: whoever can write there can put another in its place. */
export function aboveDoubt(
  path: string,
  info: Facts,
  uid: number | null,
): string | undefined {
  const doubt = ownerDoubt(path, info, uid, undefined);
  if (doubt !== undefined) return doubt;
  const mode = info.mode ?? 0;
  if ((mode & WRITE_OTHER) === 0 || (mode & STICKY) !== 0) return undefined;
  return `"${path}" can be written by everybody: chmod o-w '${path}'`;
}

/** Rejects unless the file is missing or may be believed. */
export async function demandOwnFile(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    // Opening it tells better what is wrong.
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
  // The folder is ours: that was found out when it was made.
  const { uid } = await Deno.stat(path.replace(/[^\\/]*$/, "") || ".");
  const doubt = fileDoubt(path, info, uid);
  if (doubt !== undefined) throw new Error(doubt);
}

/** Why a folder is not believed, looked at up to the root; undefined if it may be. */
export async function untrustedFolder(
  path: string,
  uid: number | null,
): Promise<string | undefined> {
  const real = await Deno.realPath(path);
  const doubt = folderDoubt(real, await Deno.lstat(real), uid);
  if (doubt !== undefined) return doubt;
  const parts = real.split("/");
  for (let count = parts.length - 1; count > 0; count -= 1) {
    const above = parts.slice(0, count).join("/") || "/";
    const found = aboveDoubt(above, await Deno.lstat(above), uid);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Root may do all that we can, so what is root's is as good as ours. */
function ownerDoubt(
  path: string,
  { uid: owner }: Facts,
  uid: number | null,
  mend: string | undefined,
): string | undefined {
  if (owner === null || uid === null) return undefined;
  if (owner === uid || owner === 0) return undefined;
  return `"${path}" belongs to ${userInWords(owner)} and not to ` +
    userInWords(uid) + (mend === undefined ? "" : `: ${mend}`);
}

function writableDoubt(
  path: string,
  { uid, mode }: Facts,
  mend: string,
): string | undefined {
  // Windows makes up a mode that everybody could write.
  if (uid === null || mode === null || (mode & WRITE_GROUP_OR_OTHER) === 0) {
    return undefined;
  }
  const octal = (mode & 0o7777).toString(8);
  return `"${path}" can be written by others (mode ${octal}), who may have ` +
    `forged what it tells: ${mend}`;
}
