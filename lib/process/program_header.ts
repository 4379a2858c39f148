/** What the first bytes of a program say against its start. Unix. */

/** What of the machine it depends on. */
export interface HeaderPlace {
  /** As in `Deno.build.arch`. */
  readonly arch: string;
  /** The kernel was told how to run programs of another kind. */
  readonly runsOthers: boolean;
  /** Does something stand at this path? True where that is hidden. */
  readonly exists: (path: string) => boolean;
  /** Is there such a program in the PATH that it will see? True where that is hidden. */
  readonly isInPath: (name: string) => boolean;
}

/** So much of a program is enough. */
export const HEADER_BYTES = 4096;

const MACHINES: Readonly<Record<number, string>> = {
  3: "x86 with 32 bit",
  8: "MIPS",
  40: "ARM with 32 bit",
  62: "x86_64",
  183: "aarch64",
  243: "RISC-V",
};
/** What a kernel runs besides its own: programs of 32 bit. */
const RUN_BY: Readonly<Record<string, readonly number[]>> = {
  "x86_64": [3, 62],
  aarch64: [40, 183],
};
const INTERPRETER = 3;

/** Why the kernel will not start it, and what to do; undefined if nothing speaks against it. */
export function headerFault(
  bytes: Uint8Array,
  place: HeaderPlace,
): string | undefined {
  const begin = new TextDecoder("latin1").decode(bytes);
  if (begin.startsWith("#!")) return scriptFault(begin, place);
  if (begin.startsWith("\x7fELF")) return elfFault(bytes, begin, place);
  if (begin.startsWith("MZ") && !place.runsOthers) {
    return "is a program for Windows: get the one for Linux";
  }
  return undefined;
}

function scriptFault(
  begin: string,
  { exists, isInPath }: HeaderPlace,
): string | undefined {
  const line = begin.slice(2).split("\n")[0] ?? "";
  if (line.endsWith("\r")) {
    return "has the line ends of Windows, so its interpreter is not found: " +
      String.raw`run sed -i 's/\r$//' on it`;
  }
  const [interpreter = "", name = ""] = line.trim().split(/[ \t]+/);
  if (interpreter.startsWith("/") && !exists(interpreter)) {
    return `wants the interpreter "${interpreter}", which is not there: ` +
      "install it, or correct the first line";
  }
  const isSought = interpreter.endsWith("/env") && /^[\w.]+$/.test(name);
  if (!isSought || isInPath(name)) return undefined;
  return `wants the interpreter "${name}", which is nowhere in PATH: ` +
    "install it, or give its whole path in the first line";
}

function elfFault(
  bytes: Uint8Array,
  begin: string,
  { arch, runsOthers, exists }: HeaderPlace,
): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = bytes[5] === 1;
  if (bytes.length < 64 || runsOthers) return undefined;
  const machine = view.getUint16(18, isLittle);
  const known = RUN_BY[arch];
  if (known?.includes(machine) === false) {
    const kind = MACHINES[machine] ?? `machines of kind ${machine}`;
    return `is a program for ${kind}, and this machine is ${arch}: ` +
      `get the one for ${arch}`;
  }
  const loader = loaderOf(view, { begin, isLittle, isWide: bytes[4] === 2 });
  if (loader === undefined || exists(loader)) return undefined;
  return `wants the library loader "${loader}", which is not there: ` +
    "install the C library that it was made for, or get one for this system";
}

/** The path of what loads its libraries; undefined if it names none, or not at its beginning. */
function loaderOf(
  view: DataView,
  { begin, isLittle, isWide }: {
    readonly begin: string;
    readonly isLittle: boolean;
    readonly isWide: boolean;
  },
): string | undefined {
  const word = (at: number) =>
    isWide
      ? Number(view.getBigUint64(at, isLittle))
      : view.getUint32(at, isLittle);
  const table = word(isWide ? 32 : 28);
  const size = view.getUint16(isWide ? 54 : 42, isLittle);
  const count = view.getUint16(isWide ? 56 : 44, isLittle);
  for (let index = 0; index < count; index += 1) {
    const at = table + index * size;
    if (at + 56 > view.byteLength) return undefined;
    if (view.getUint32(at, isLittle) !== INTERPRETER) continue;
    const from = word(at + (isWide ? 8 : 4));
    const end = begin.indexOf("\0", from);
    return end < 0 || begin[from] !== "/" ? undefined : begin.slice(from, end);
  }
  return undefined;
}
