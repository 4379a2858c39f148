/** Starts a program inside of a cgroup: it is in there before its first instruction. Linux. */

import { wordsOf } from "../core/words.ts";

const SHELL = "/bin/sh";
/** Stands before what the shell has to say of a start that failed. */
const NAME = "kolikko-start";
const CANNOT_ENTER = "it cannot be put into its cgroup";

/**
 * The whole text, always: what is configured stands in the parameters alone,
 * and those are no text of the shell. The shell itself becomes the program, so
 * pid and start stay the same. Whoever cannot enter does not start.
 */
const TEXT = [
  // 0 is whoever writes it.
  '{ echo 0 >"$1"; } 2>/dev/null || ' +
  `{ echo "$0: ${CANNOT_ENTER}" >&2; exit 125; }`,
  "shift",
  // The shell made these for itself.
  "unset PWD OLDPWD SHLVL _",
  'exec "$@"',
].join("\n");

/** Variables that a shell makes for itself: the program gets them only if the owner says so. */
const OF_THE_SHELL = ["PWD", "OLDPWD", "SHLVL", "_"];

/** Exit codes of a shell that could not do what it was told; a program may have them, too. */
const FAILED_MIN = 125;
const FAILED_MAX = 127;

const ERRORS: readonly (readonly [RegExp, number])[] = [
  [/argument list too long/i, 7],
  [/exec format error|cannot execute binary/i, 8],
  [/cannot allocate|out of memory/i, 12],
  [/permission denied/i, 13],
  [/text file busy/i, 26],
];

/** A program, and what it gets. */
export interface Launch {
  readonly path: string;
  readonly args: readonly string[];
  /** Its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What starts it inside: the path of a program, and its arguments. */
export function launchedInto(
  cgroup: string,
  { path, args, env }: Launch,
): { readonly path: string; readonly args: string[] } {
  const lost = Object.entries(env).filter(([name]) =>
    OF_THE_SHELL.includes(name) || !/^[A-Za-z_]\w*$/.test(name)
  ).map(([name, value]) => `${name}=${value}`);
  // env takes what has a "=" for one more variable, and would start the first argument.
  const named = path.includes("=") ? ["/usr/bin/nice", "-n", "0"] : [];
  const through = lost.length === 0 ? [] : ["/usr/bin/env", ...lost, ...named];
  const inside = [`${cgroup}/cgroup.procs`, ...through, path, ...args];
  return { path: SHELL, args: ["-c", TEXT, NAME, ...inside] };
}

/** Starts a program that does nothing; says why that does not work, if it does not. */
export function tryLauncher(cgroup: string): string | undefined {
  const nothing = { path: SHELL, args: ["-c", ":"], env: {} };
  const { path, args } = launchedInto(cgroup, nothing);
  try {
    const { success, stderr } = new Deno.Command(path, {
      args,
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).outputSync();
    if (success) return undefined;
    const said = new TextDecoder().decode(stderr).trim().split("\n")[0] ?? "";
    return isOfLauncher(said) ? launchFailure(said) : said;
  } catch (error) {
    return wordsOf(error);
  }
}

/** Is this line the launcher's, and not the program's? */
export function isOfLauncher(line: string): boolean {
  return line.startsWith(`${NAME}: `);
}

/** May a launcher have ended so? */
export function mayBeOfLauncher(code: number): boolean {
  return code >= FAILED_MIN && code <= FAILED_MAX;
}

/** Why the program was not started, in the words of the shell, from its line. */
export function launchFailure(line: string): string {
  return line.slice(NAME.length + 2).replace(/^(?:line )?\d+: /, "")
    .replace(/^exec: /, "");
}

/** The system's number for an error that a shell has told in words. */
export function errorCodeOf(words: string, exitCode: number): number {
  const told = ERRORS.find(([pattern]) => pattern.test(words))?.[1];
  if (told !== undefined) return told;
  if (exitCode === FAILED_MAX) return 2;
  return exitCode === FAILED_MIN ? NaN : 13;
}
