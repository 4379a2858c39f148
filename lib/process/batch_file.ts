/** Windows' batch files: only cmd.exe can run them, and it may take an argument for a command. */

import { StartError } from "./os_process.ts";

/** What is to be started. */
export interface BatchFile {
  /** The command's name, for messages. */
  readonly name: string;
  /** Where the batch file was found, absolute. */
  readonly path: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
}

/** How to start it: the parts after the program are not to be quoted any further. */
export interface BatchCommand {
  readonly program: string;
  readonly rawArgs: readonly string[];
}

/** Windows passes over dots and spaces at the end of a file name. */
const BATCH_FILE = /^(.*\.(?:bat|cmd))[. ]*$/is;
/**
 * No command is run before the file's own (/d), the quotes around the whole go
 * and all others stay (/s), and "!" is no variable (/v:off).
 */
const SWITCHES = ["/e:on", "/v:off", "/d", "/s", "/c"];
/**
 * What cmd.exe reads as more than text. Quotes hold some of them, but a batch
 * file that uses `%~1` takes the quotes off, so that none is let through.
 */
// deno-lint-ignore no-control-regex -- a newline ends a command
const SPECIAL = /["%!^&|<>()\u0000-\u001f\u007f]/;
/** What may stand without quotes; all else, commas included, parts arguments. */
const PLAIN = /^[\p{L}\p{N}#$*+\-./:?@\\_~]+$/u;

/** Does Windows run this file through cmd.exe? */
export function isBatchFile(path: string): boolean {
  return BATCH_FILE.test(path);
}

/**
 * The call of cmd.exe that runs a batch file, such that no argument can be
 * taken for a command.
 * @param systemRoot where Windows is; cmd.exe is never looked for elsewhere.
 * @throws {StartError} if an argument or a path could mean more than its text.
 */
export function batchCommand(
  batch: BatchFile,
  systemRoot: string | undefined,
): BatchCommand {
  const path = BATCH_FILE.exec(batch.path)?.[1] ?? batch.path;
  if (systemRoot === undefined || !/^[a-z]:\\/i.test(systemRoot)) {
    throw refusal(
      batch,
      `the environment variable SystemRoot does not say where cmd.exe is: ` +
        `allow to read it, or set exec to the program that the batch file starts`,
    );
  }
  if (/[%"]/.test(path)) {
    throw refusal(
      batch,
      `cmd.exe would read the "%" in its path as a variable: rename its folder or the file`,
    );
  }
  if (/^[\\/]{2}/.test(batch.cwd)) {
    throw refusal(
      batch,
      `cmd.exe cannot work in "${batch.cwd}": set cwd to a folder with a drive letter`,
    );
  }
  batch.args.forEach((arg, index) => checkArgument(batch, arg, index));
  const line = [`"${path}"`, ...batch.args.map(quoted)].join(" ");
  return {
    program: `${systemRoot.replace(/\\+$/, "")}\\System32\\cmd.exe`,
    rawArgs: [...SWITCHES, `"${line}"`],
  };
}

/** The argument is told by its number: it may be a wallet or a password. */
function checkArgument(batch: BatchFile, arg: string, index: number): void {
  const [special] = SPECIAL.exec(arg) ?? [];
  if (special === undefined) return;
  const what = special < " " || special === "\u007f"
    ? "a control character"
    : `the character ${special}`;
  throw refusal(
    batch,
    `argument ${
      index + 1
    } of "args" holds ${what}, which cmd.exe may take for a command: ` +
      `write the argument into the batch file itself, or set exec to the program that it starts`,
  );
}

function refusal({ name, path }: BatchFile, why: string): StartError {
  return new StartError(
    `Cannot start "${name}" through the batch file "${path}" as ${why}`,
  );
}

function quoted(arg: string): string {
  if (PLAIN.test(arg)) return arg;
  // Before a quote a program takes two backslashes for one.
  return `"${arg.replace(/\\+$/, "$&$&")}"`;
}
