/** What Windows tells with an exit code, in words that a home owner can use. */

/** The ends that miners meet, as Windows or cmd.exe numbers them. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [9009, "the batch file calls a program that is not there: check cwd"],
  [0x40010004, "ended by a debugger"],
  [0x80000003, "breakpoint"],
  [0xc0000005, "access violation"],
  [0xc0000006, "its file cannot be read any more"],
  [0xc0000017, "out of memory"],
  [0xc000001d, "instruction that this processor does not know"],
  [0xc0000022, "access denied"],
  [0xc000007b, "a DLL is broken, or 32-bit where 64-bit is wanted"],
  [0xc0000094, "division by zero"],
  [0xc0000096, "privileged instruction"],
  [0xc00000fd, "stack overflow"],
  [0xc000012d, "out of memory: enlarge the page file"],
  [0xc0000135, "a DLL is missing: install what the miner asks for"],
  [0xc0000138, "a DLL lacks a function"],
  [0xc0000139, "a DLL lacks a function"],
  [0xc000013a, "Ctrl-C, or its window was closed"],
  [0xc0000142, "a DLL could not start"],
  [0xc0000374, "damaged memory"],
  [0xc0000409, "failed a check of its own, or damaged memory"],
  [0xc000041d, "error in a callback"],
  [0xc0000420, "failed a check of its own"],
  [0xe0434352, "unhandled .NET error"],
  [0xe06d7363, "unhandled C++ error"],
]);
/** Below are success, information and warnings, and what programs choose themselves. */
const ERRORS_FROM = 0xc000_0000;
/** As programs write it that end with a small negative number. */
const SMALL_NEGATIVES_FROM = 0xffff_0000;

/** `3221225477 (0xC0000005, access violation)`, `3`, `-1`. */
export function exitCodeInWords(code: number): string {
  // The same 32 bits may come with a sign or without.
  const bits = code >>> 0;
  const meaning = MEANINGS.get(bits);
  if (bits >= SMALL_NEGATIVES_FROM) return String(bits | 0);
  const isError = bits >= ERRORS_FROM;
  if (meaning === undefined && !isError) return String(code);
  const hex = bits > 0xffff ? [`0x${bits.toString(16).toUpperCase()}`] : [];
  const notes = meaning === undefined ? hex : [...hex, meaning];
  return `${bits} (${notes.join(", ")})`;
}
