/** Where the controller keeps what must outlive it: the lock, the record of runs. */
import { wordsOf } from "../core/words.ts";
import { untrustedFolder } from "./trust.ts";

/** A folder for state, or why there is none and what to set. */
export type StateDir =
  | { readonly kind: "dir"; readonly path: string }
  | { readonly kind: "none"; readonly reason: string };

/** One variable of the environment; undefined if it is not set or may not be read. */
export type Variable = (name: string) => string | undefined;

const ADVICE =
  "set STATE_DIRECTORY to a folder that this user may write to, such as /var/lib/kolikko";
const ADVICE_WINDOWS =
  "set LOCALAPPDATA to a folder that this user may write to";

/** Where state lives: the first variable that names a whole path decides, and is never passed over. */
export function stateDirOf(os: string, variable: Variable): StateDir {
  if (os === "windows") {
    const base = [variable("LOCALAPPDATA"), variable("ProgramData")]
      .find((path) => /^([A-Za-z]:[\\/]|\\\\)/.test(path ?? ""));
    if (base !== undefined) {
      return { kind: "dir", path: `${ending(base)}\\KolikkoControl` };
    }
    const reason = "neither LOCALAPPDATA nor ProgramData names a folder";
    return { kind: "none", reason: `${reason}: ${ADVICE_WINDOWS}` };
  }
  // systemd joins several of them with colons.
  const own = variable("STATE_DIRECTORY")?.split(":")[0];
  if (isWhole(own)) return { kind: "dir", path: ending(own) };
  const state = variable("XDG_STATE_HOME");
  if (isWhole(state)) {
    return { kind: "dir", path: `${ending(state)}/kolikko` };
  }
  const home = variable("HOME");
  if (isWhole(home)) {
    return { kind: "dir", path: `${ending(home)}/.local/state/kolikko` };
  }
  const reason =
    "none of STATE_DIRECTORY, XDG_STATE_HOME and HOME names a folder, or they may not be read (--allow-env)";
  return { kind: "none", reason: `${reason}: ${ADVICE}` };
}

/** Finds the folder, makes it for this user alone, and tries whether it can be written, and by nobody else. */
export async function makeStateDir(
  os: string,
  variable: Variable,
): Promise<StateDir> {
  const dir = stateDirOf(os, variable);
  if (dir.kind === "none") return dir;
  try {
    await Deno.mkdir(dir.path, { recursive: true, mode: 0o700 });
    const probe = await Deno.makeTempFile({ dir: dir.path, prefix: ".try-" });
    // Who we are stands there, whatever the permissions hide.
    const { uid } = await Deno.lstat(probe);
    await Deno.remove(probe);
    if (os === "windows") return dir;
    const doubt = await untrustedFolder(dir.path, uid);
    if (doubt === undefined) return dir;
    return {
      kind: "none",
      reason: `the folder is not used, as ${doubt}; or ${ADVICE}`,
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      return {
        kind: "none",
        reason: `the permissions close the folder "${dir.path}": ` +
          "run with --allow-read and --allow-write",
      };
    }
    const why = wordsOf(error);
    const advice = os === "windows" ? ADVICE_WINDOWS : ADVICE;
    const reason = `the folder "${dir.path}" cannot be written (${why})`;
    return { kind: "none", reason: `${reason}: ${advice}` };
  }
}

/** A path that means the same wherever the program is started. */
function isWhole(path: string | undefined): path is string {
  return path?.startsWith("/") === true;
}

function ending(path: string): string {
  return path.replace(/(?<=.)[\\/]+$/, "");
}
