/** What a miner says of itself, in one shape for all programs. */

/** One sensor of one device. */
export interface Temperature {
  readonly device: string;
  readonly celsius: number;
}

/** What is told of one algorithm of several. */
export interface OtherRate {
  readonly algorithm: string | undefined;
  readonly hashrateHs: number;
}

/** What a miner told at one moment; `undefined` is "not told", which is not 0. */
export interface Reading {
  /** Hashes (or solutions) per second of the first algorithm. */
  readonly hashrateHs: number | undefined;
  /** Shares since the miner's own start; they fall back to 0 when it starts anew. */
  readonly accepted: number | undefined;
  readonly rejected: number | undefined;
  readonly stale: number | undefined;
  readonly uptimeS: number | undefined;
  /** Of the boards that tell it, never of the wall socket. */
  readonly powerW: number | undefined;
  readonly temperatures: readonly Temperature[];
  readonly algorithm: string | undefined;
  readonly pool: string | undefined;
  /** Dual mining: the algorithms besides the first; their rates must not be added to it. */
  readonly others: readonly OtherRate[];
}

/** What a reader found, not yet trusted. */
export interface Found {
  readonly hashrateHs?: number | undefined;
  readonly accepted?: number | undefined;
  readonly rejected?: number | undefined;
  readonly stale?: number | undefined;
  readonly uptimeS?: number | undefined;
  readonly powerW?: number | undefined;
  readonly temperatures?: readonly {
    readonly device: string;
    readonly celsius: number | undefined;
  }[];
  readonly algorithm?: string | undefined;
  readonly pool?: string | undefined;
  readonly others?: readonly {
    readonly algorithm: string | undefined;
    readonly hashrateHs: number | undefined;
  }[];
}

/** More than any one machine does: beyond it the miner or its answer is broken. */
const HASHRATE_HS_MAX = 1e18;
const POWER_W_MAX = 1e6;
const CELSIUS_MAX = 250;
const UPTIME_S_MAX = 1e10;
const DEVICES_MAX = 64;
const OTHERS_MAX = 4;
const TEXT_MAX = 120;

/** The reading that is made of it: each number within sense, or not told. */
export function readingOf(found: Found): Reading {
  return {
    hashrateHs: within(found.hashrateHs, HASHRATE_HS_MAX),
    accepted: count(found.accepted),
    rejected: count(found.rejected),
    stale: count(found.stale),
    uptimeS: within(found.uptimeS, UPTIME_S_MAX),
    powerW: within(found.powerW, POWER_W_MAX),
    temperatures: temperatures(found.temperatures ?? []),
    algorithm: plain(found.algorithm),
    pool: withoutUser(plain(found.pool)),
    others: others(found.others ?? []),
  };
}

/** The sum of what is told; `undefined` if nothing is. */
export function sumOf(
  values: readonly (number | undefined)[],
): number | undefined {
  const told = values.filter((value) => value !== undefined);
  if (told.length === 0) return undefined;
  return told.reduce((sum, value) => sum + value, 0);
}

function within(value: number | undefined, max: number): number | undefined {
  if (value === undefined || !(value >= 0 && value <= max)) return undefined;
  // A negative zero would be published as "-0".
  return value === 0 ? 0 : value;
}

function count(value: number | undefined): number | undefined {
  const whole = value === undefined ? undefined : Math.floor(value);
  return within(whole, Number.MAX_SAFE_INTEGER);
}

function temperatures(found: Found["temperatures"] & object): Temperature[] {
  const told: Temperature[] = [];
  for (const { device, celsius } of found.slice(0, DEVICES_MAX)) {
    const sane = within(celsius, CELSIUS_MAX);
    // Miners write 0 where there is no sensor.
    if (sane === undefined || sane === 0) continue;
    told.push({ device: plain(device) ?? "device", celsius: sane });
  }
  return told;
}

function others(found: Found["others"] & object): OtherRate[] {
  const told: OtherRate[] = [];
  for (const { algorithm, hashrateHs } of found.slice(0, OTHERS_MAX)) {
    const sane = within(hashrateHs, HASHRATE_HS_MAX);
    if (sane === undefined) continue;
    told.push({ algorithm: plain(algorithm), hashrateHs: sane });
  }
  return told;
}

/** One short line without anything that acts on a terminal; `undefined` if nothing is left. */
function plain(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const line = text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, "").trim();
  const cut = [...line.slice(0, 2 * TEXT_MAX)].slice(0, TEXT_MAX).join("");
  return cut === "" ? undefined : cut.toWellFormed();
}

/** A pool's address may carry the wallet and its password. */
function withoutUser(pool: string | undefined): string | undefined {
  const bare = pool?.replace(/^([a-z0-9+]+:\/\/)?.*@/i, "$1");
  return bare === "" ? undefined : bare;
}
