/** Which miner a configured command is, by the name of its file. */

/** The miners that are known by name. */
export type MinerProgram =
  | "xmrig"
  | "xmrigdaemon"
  | "wildrig"
  | "cgminer"
  | "teamredminer"
  | "claymore"
  | "phoenixminer"
  | "ethminer"
  | "ccminer"
  | "cpuminer"
  | "trex"
  | "lolminer"
  | "gminer"
  | "nbminer"
  | "srbminer"
  | "rigel"
  | "bzminer"
  | "miniz"
  | "ewbf"
  | "onezerominer"
  | "nanominer";

/** The beginnings of file names, in lower case; the first that fits wins. */
const NAMES: readonly (readonly [RegExp, MinerProgram])[] = [
  [/^xmrigdaemon/, "xmrigdaemon"],
  [/^(?:xmrig|xlarig)/, "xmrig"],
  [/^wildrig/, "wildrig"],
  [/^(?:cg|bfg|sg)miner/, "cgminer"],
  [/^teamredminer/, "teamredminer"],
  [/^(?:claymore|ethdcrminer|zecminer64|nsgpucnminer)/, "claymore"],
  [/^phoenixminer/, "phoenixminer"],
  [/^(?:eth|kawpow|progpow|sero|nsf)miner|^tt-?miner/, "ethminer"],
  [/^(?:ccminer|cryptodredge|z-?enemy)/, "ccminer"],
  [/^cpuminer/, "cpuminer"],
  [/^t-?rex/, "trex"],
  [/^lolminer/, "lolminer"],
  [/^(?:gminer|miner$)/, "gminer"],
  [/^nbminer/, "nbminer"],
  [/^srbminer/, "srbminer"],
  [/^rigel/, "rigel"],
  [/^bzminer/, "bzminer"],
  [/^miniz/, "miniz"],
  [/^(?:ewbf|zec-miner)/, "ewbf"],
  [/^onezerominer/, "onezerominer"],
  [/^nanominer/, "nanominer"],
];

/** Programs that turn into another one, which stands among their arguments. */
const WRAPPERS =
  /^(?:nice|ionice|env|taskset|chrt|numactl|stdbuf|sudo|wine\d*)$/;

/** A miner, and the arguments that are its own. */
export interface FoundProgram {
  readonly program: MinerProgram;
  readonly args: readonly string[];
}

/** The miner that `exec` starts, itself or behind a wrapper such as `nice`. */
export function minerProgram(
  exec: string,
  args: readonly string[],
): FoundProgram | undefined {
  const program = programOf(exec);
  if (program !== undefined) return { program, args };
  if (!WRAPPERS.test(fileName(exec))) return undefined;
  for (const [index, arg] of args.entries()) {
    const behind = arg.startsWith("-") ? undefined : programOf(arg);
    if (behind === undefined) continue;
    return { program: behind, args: args.slice(index + 1) };
  }
  return undefined;
}

/** The file's own name: no folder, no ".exe", lower case. */
export function fileName(path: string): string {
  const name = path.split(/[\\/]/).at(-1) ?? "";
  return name.toLowerCase().replace(/\.(?:exe|bin|appimage)$/, "");
}

function programOf(path: string): MinerProgram | undefined {
  const name = fileName(path);
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * What an option is set to: `--option value` or `--option=value`; the last one
 * counts. `""` where the option stands alone, `undefined` where it is missing.
 */
export function optionIn(
  args: readonly string[],
  names: readonly string[],
): string | undefined {
  let value: string | undefined;
  for (const [index, arg] of args.entries()) {
    const cut = arg.indexOf("=");
    const name = cut < 0 ? arg : arg.slice(0, cut);
    if (!names.includes(name)) continue;
    if (cut >= 0) value = arg.slice(cut + 1);
    else value = valueAfter(args[index + 1]);
  }
  return value;
}

function valueAfter(next: string | undefined): string {
  if (next === undefined) return "";
  // "-3333" is a value: some miners take a negative port as "read only".
  return next.startsWith("-") && !/^-\d+$/.test(next) ? "" : next;
}
