/** What a stand-in miner claims and how its API misbehaves: flags, read at the start and from a control file. */

import { type Fault, FAULTS } from "./faults.ts";

/** What it says of itself; hashes a second, watts and degrees of the whole rig. */
export interface MinerSettings {
  readonly algo: string;
  /** `host:port`. */
  readonly pool: string;
  readonly hashrate: number;
  readonly powerW: number;
  readonly temperatureC: number;
  readonly shareEveryMs: number;
  /** Each so manieth share is rejected; 0: none is. */
  readonly rejectEvery: number;
  /** Cards or threads that share the hashrate. */
  readonly devices: number;
  /** How far values stray, as a part of 1. */
  readonly wobble: number;
  readonly seed: number;
  /** It logs in and prepares for so long before it hashes. */
  readonly warmUpMs: number;
  /** It pretends to have run for so long at its start. */
  readonly ageMs: number;
  readonly paused: boolean;
}

/** How its API is opened, and what is wrong with it. */
export interface ApiSettings {
  /** XMRig's access token, T-Rex's API key. */
  readonly token: string | undefined;
  /** Orders are taken, too. */
  readonly unrestricted: boolean;
  /** Of the claymore family. */
  readonly password: string | undefined;
  /** Peculiarities of some versions; see the families. */
  readonly quirks: readonly string[];
  readonly fault: Fault;
  /** The fault begins so long after the start. */
  readonly faultAfterMs: number;
}

/** All that can change while it runs. */
export interface Settings extends MinerSettings, ApiSettings {}

const DEFAULTS: Settings = {
  algo: "rx/0",
  pool: "stand-in.invalid:3333",
  hashrate: 2_750,
  powerW: 118,
  temperatureC: 61,
  shareEveryMs: 2_000,
  rejectEvery: 0,
  devices: 2,
  wobble: 0.01,
  seed: 1,
  warmUpMs: 0,
  ageMs: 0,
  paused: false,
  token: undefined,
  unrestricted: false,
  password: undefined,
  quirks: [],
  fault: "none",
  faultAfterMs: 0,
};

/** The value behind `--name`; undefined if there is none. */
export function flagValue(
  args: readonly string[],
  name: string,
): string | undefined {
  const at = args.lastIndexOf(`--${name}`);
  return at < 0 ? undefined : args[at + 1] ?? "";
}

/** The settings with these flags on top; flags of others are passed over. */
export function readSettings(
  args: readonly string[],
  base: Partial<Settings> = {},
): Settings {
  const from: Settings = { ...DEFAULTS, ...base };
  const text = (name: string) => flagValue(args, name);
  const has = (name: string) => args.includes(`--${name}`);
  const amount = (name: string, otherwise: number) =>
    number(name, text(name), otherwise);
  const time = (name: string, otherwise: number) =>
    milliseconds(name, text(name), otherwise);
  return {
    algo: text("algo") ?? from.algo,
    pool: text("pool") ?? from.pool,
    hashrate: amount("hashrate", from.hashrate),
    powerW: amount("power", from.powerW),
    temperatureC: amount("temp", from.temperatureC),
    shareEveryMs: Math.max(1, time("share-every", from.shareEveryMs)),
    rejectEvery: amount("reject-every", from.rejectEvery),
    devices: Math.max(1, amount("devices", from.devices)),
    wobble: amount("wobble", from.wobble),
    seed: amount("seed", from.seed),
    warmUpMs: time("warm-up", from.warmUpMs),
    ageMs: time("age", from.ageMs),
    paused: pausedOf(args, from.paused),
    token: text("token") ?? from.token,
    unrestricted: has("unrestricted") || from.unrestricted,
    password: text("password") ?? from.password,
    quirks: text("quirk")?.split(",") ?? from.quirks,
    fault: fault(text("fault"), from.fault),
    faultAfterMs: time("fault-after", from.faultAfterMs),
  };
}

/** `500ms`, `2s`, `5m`, `1h`; a bare number is milliseconds. */
export function milliseconds(
  name: string,
  text: string | undefined,
  otherwise: number,
): number {
  if (text === undefined) return otherwise;
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (found === null) throw unusable(name, text, "a time such as 5s");
  const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const unit = found[2] as keyof typeof unitMs | undefined;
  return Number(found[1]) * unitMs[unit ?? "ms"];
}

/** The later of the two flags counts. */
function pausedOf(args: readonly string[], otherwise: boolean): boolean {
  const paused = args.lastIndexOf("--paused");
  const resumed = args.lastIndexOf("--resumed");
  return paused === resumed ? otherwise : paused > resumed;
}

function number(
  name: string,
  text: string | undefined,
  otherwise: number,
): number {
  if (text === undefined) return otherwise;
  const found = Number(text);
  if (text.trim() === "" || !Number.isFinite(found)) {
    throw unusable(name, text, "a number");
  }
  return found;
}

function fault(text: string | undefined, otherwise: Fault): Fault {
  if (text === undefined) return otherwise;
  const found = FAULTS.find((one) => one === text);
  if (found === undefined) throw unusable("fault", text, FAULTS.join(", "));
  return found;
}

function unusable(name: string, text: string, wanted: string): SyntaxError {
  return new SyntaxError(`Cannot use --${name} "${text}", wanted ${wanted}`);
}
