/** What miners print: the lines that tell of rate, shares, power and heat. */

import { numberIn, PREFIXES, times, unitFactor } from "./json.ts";

/** What one line tells; shares as totals, or as one more. */
export interface LineFound {
  readonly hashrateHs?: number | undefined;
  readonly accepted?: number | undefined;
  readonly rejected?: number | undefined;
  readonly stale?: number | undefined;
  /** One more share. */
  readonly oneMore?: "accepted" | "rejected";
  readonly powerW?: number | undefined;
  readonly temperature?: { readonly device: string; readonly celsius: number };
}

type Groups = readonly (string | undefined)[];
interface Rule {
  readonly pattern: RegExp;
  readonly found: (groups: Groups) => LineFound;
}

const num = (text: string | undefined) => numberIn(text ?? "");
/** "235.82" and "M" or "MH/s". */
const rate = (value: string | undefined, unit: string | undefined) =>
  times(num(value), factorOf(unit ?? ""));

function factorOf(unit: string): number | undefined {
  return PREFIXES[unit.toLowerCase()] ?? unitFactor(unit);
}

/** The first of several windows that is told. */
const firstRate = (values: Groups, unit: string | undefined) =>
  values.map((value) => rate(value, unit)).find((told) => told !== undefined);

/** Rate and totals; the first that fits tells all of it, and no other is asked. */
const RULES: readonly Rule[] = [
  { // XMRig: 10 s, 60 s, 15 min
    pattern: /\bspeed [\d.]+s\/60s\/15m (\S+) (\S+) (\S+) ([kMG]?H\/s)/,
    found: ([, short, minute, long, unit]) => ({
      hashrateHs: firstRate([minute, short, long], unit),
    }),
  },
  { // WildRig
    pattern: /\bhashrate: 10s: (\S+) 60s: (\S+) 15m: (\S+) ([kMG]?H\/s)/,
    found: ([, short, minute, long, unit]) => ({
      hashrateHs: firstRate([minute, short, long], unit),
    }),
  },
  { // XMRig, WildRig: accepted and rejected
    pattern: /\b(?:accepted|rejected) ?\((\d+)\/(\d+)\)/,
    found: ([, accepted, rejected]) => ({
      accepted: num(accepted),
      rejected: num(rejected),
    }),
  },
  { // ccminer, cpuminer-multi: accepted of submitted
    pattern:
      /\baccepted: (\d+)\/(\d+)(?: .{0,80}?, ([\d.]+) ([kMGT]?)(?:H|hash)\/s)?/,
    found: ([, accepted, submitted, value, unit]) => ({
      ...ofSubmitted(accepted, submitted),
      ...(value === undefined ? {} : { hashrateHs: rate(value, unit) }),
    }),
  },
  { // T-Rex: accepted of submitted
    pattern: /\[(?: OK |FAIL)\] (\d+)\/(\d+) - (?:([\d.]+) ([kMG]?)H\/s)?/,
    found: ([, accepted, submitted, value, unit]) => ({
      ...ofSubmitted(accepted, submitted),
      ...(value === undefined ? {} : { hashrateHs: rate(value, unit) }),
    }),
  },
  { // cpuminer-opt: the real rate is in parentheses
    pattern: /\bHash rate .{0,80}\(([\d.]+)([kMGT]?)h\/s\)/,
    found: ([, value, unit]) => ({ hashrateHs: rate(value, unit) }),
  },
  { // cpuminer-opt: one of the four words is spelled out
    pattern: /\bA(?:ccepted )?(\d+) S(?:tale )?(\d+) R(?:ejected )?(\d+) B/,
    found: ([, accepted, stale, rejected]) => ({
      accepted: num(accepted),
      stale: num(stale),
      rejected: num(rejected),
    }),
  },
  { // GMiner: the row of all cards; the order of the last two numbers is not sure
    pattern: /\| +([\d.]+) ([KMG]?)(?:H|Sol)\/s +(\d+)\/\d+\/\d+ +(?:(\d+) W)?/,
    found: ([, value, unit, accepted, power]) => ({
      hashrateHs: rate(value, unit),
      accepted: num(accepted),
      ...(power === undefined ? {} : { powerW: num(power) }),
    }),
  },
  { // cgminer's status line
    pattern: /\(\d+s\):([\d.]+)([KMGTP]?) .{0,120}\(avg\):[\d.]+[KMGTP]?h\/s/,
    found: ([, value, unit]) => ({ hashrateHs: rate(value, unit) }),
  },
  { // ethminer
    pattern: /\bA(\d+)(?:\+\d+)?:R(\d+)(?:\+\d+)?\S* ([\d.,]+) ([kMG]?)h\b/,
    found: ([, accepted, rejected, value, unit]) => ({
      accepted: num(accepted),
      rejected: num(rejected),
      hashrateHs: rate(value, unit),
    }),
  },
  { // ethminer 0.15
    pattern:
      /\bSpeed +([\d.,]+) ([kMG]?)h\/s .{0,200}\[A(\d+)(?:\+\d+)?:R(\d+)/,
    found: ([, value, unit, accepted, rejected]) => ({
      hashrateHs: rate(value, unit),
      accepted: num(accepted),
      rejected: num(rejected),
    }),
  },
  { // PhoenixMiner
    pattern: /\bAccepted shares (\d+) .{0,40}rejected shares (\d+)/,
    found: ([, accepted, rejected]) => ({
      accepted: num(accepted),
      rejected: num(rejected),
    }),
  },
  { // SRBMiner: the row of all devices
    pattern: /\bTotal: ([\d.]+) ([kMGTP]?)H\/s +\| +(\d+)\| +(\d+)\|/,
    found: ([, value, unit, accepted, rejected]) => ({
      hashrateHs: rate(value, unit),
      accepted: num(accepted),
      rejected: num(rejected),
    }),
  },
  { // any
    pattern:
      /(?:\b[Tt]otal(?: speed)?|\b[Aa]verage speed \([^)]{0,20}\)|\b[Ss]peed):? +([\d.,]+) *([kKMGTP]?(?:[hH]ash|[hH]|[sS]ol|[gG])\/s)/,
    found: ([, value, unit]) => ({ hashrateHs: rate(value, unit) }),
  },
  {
    pattern:
      /\b(?:[Ss]hares?(?: #\d+)? |result )(accepted|rejected)\b|\*\*(Accepted|Rejected)\b|\b(Accepted|Rejected) (?:share\b|[0-9a-f]{8} )/,
    found: (groups) => {
      const word = groups[1] ?? groups[2] ?? groups[3];
      return {
        oneMore: word?.toLowerCase() === "rejected" ? "rejected" : "accepted",
      };
    },
  },
];

const POWER = /\b(?:GPUs|Total) power: ([\d.]+) ?W\b|\bTotal: ([\d.]+) ?W$/;
const HEAT =
  /\b(?:GPU ?#?|nvidia +#|opencl +#)(\d{1,3})\b.{0,60}?[ :=[](\d{1,3}) ?°?[Cc]\b/;

/** Longer lines are looked at up to here: a rate stands near the beginning. */
const CHARS_MAX = 512;

/** What a line tells, if anything; it must be free of colours. */
export function parseLine(whole: string): LineFound | undefined {
  const line = whole.length > CHARS_MAX ? whole.slice(0, CHARS_MAX) : whole;
  // A quick look: most lines hold none of these.
  if (
    !/accept|reject|\/s|\dh\b|\[(?: OK |FAIL)\]| [AR]\d|\d ?W\b|\d ?°?c\b|h - /i
      .test(line)
  ) {
    return undefined;
  }
  for (const { pattern, found } of RULES) {
    const groups = pattern.exec(line);
    if (groups !== null) return { ...hardware(line), ...found(groups) };
  }
  const rest = hardware(line);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function hardware(line: string): LineFound {
  const power = POWER.exec(line);
  const heat = HEAT.exec(line);
  return {
    ...(power === null ? {} : { powerW: num(power[1] ?? power[2]) }),
    ...(heat === null ? {} : {
      temperature: { device: `gpu${heat[1]}`, celsius: Number(heat[2]) },
    }),
  };
}

function ofSubmitted(
  accepted: string | undefined,
  submitted: string | undefined,
): LineFound {
  const good = num(accepted) ?? 0;
  return {
    accepted: good,
    rejected: Math.max((num(submitted) ?? 0) - good, 0),
  };
}
