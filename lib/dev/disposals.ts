/**
 * Does a compiled program let go of all that its source lets go of? Bundlers
 * have dropped `using` of a variable that is used once when they minified.
 */

/** A declaration that lets something go at the end of its block. */
const DECLARED =
  /\b(await\s+)?using\s+([A-Za-z_$][\w$]*?)(\d*)\s*(?:=(?!=)|of\b)/g;

/** Those of a text, as `await using name`, each as often as it occurs. */
function disposalsOf(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, awaits, name] of text.matchAll(DECLARED)) {
    const key = `${awaits === undefined ? "" : "await "}using ${name}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

/**
 * What the sources let go of and the program does not, each as often as it is
 * missing. Names count, so that nothing may be renamed but by a number behind
 * it, which is how a bundler keeps names of two files apart.
 */
export function lostDisposals(
  sources: readonly string[],
  program: string,
): string[] {
  const kept = disposalsOf(program);
  return [...disposalsOf(sources.join("\n"))].flatMap(([key, count]) =>
    Array<string>(Math.max(0, count - (kept.get(key) ?? 0))).fill(key)
  );
}
