/** A Windows command line: one text, which the started program takes apart by the rules of Microsoft's C library. Pure. */

/**
 * The line that starts `program` with these arguments; raw ones are already
 * written as the program wants them.
 */
export function commandLine(
  program: string,
  args: readonly string[],
  areRaw: boolean,
): string {
  // A path holds no quotes, and the first part knows no backslash rule.
  const first = `"${program}"`;
  return [first, ...areRaw ? args : args.map(quoted)].join(" ");
}

function quoted(arg: string): string {
  if (arg !== "" && !/[ \t\n\v"]/.test(arg)) return arg;
  // Backslashes count double where a quote follows, the closing one included.
  const escaped = arg.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&");
  return `"${escaped}"`;
}
