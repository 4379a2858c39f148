/** `api = "auto"`: which reader fits a command, and where it listens. */

import {
  type MinerProgram,
  minerProgram,
  optionIn,
} from "../core/miner_program.ts";
import { FAMILIES, type Family } from "./families.ts";

/** What is known of a command's API without asking it. */
export interface Recognised {
  readonly family: Family;
  /** Where it listens; on all interfaces counts as this machine. */
  readonly host: string;
  /** `undefined`: nothing in the arguments switches the API on. */
  readonly port: number | undefined;
}

interface Rule {
  readonly family: Family;
  /** Options that hold the port, or host and port. */
  readonly options: readonly string[];
  /** The port if the API is on without any option. */
  readonly onPort?: number;
  /** The port if its option names none. */
  readonly barePort?: number;
  /** Without this option there is no API. */
  readonly needs?: string;
  /** These options, or these with "0", switch it off. */
  readonly off?: readonly string[];
}

const RULES: Readonly<Record<MinerProgram, Rule>> = {
  xmrig: { family: "xmrig", options: ["--http-port"] },
  xmrigdaemon: { family: "xmrig", options: ["--http-port"] },
  wildrig: { family: "wildrig", options: ["--api-port"] },
  cgminer: {
    family: "cgminer",
    options: ["--api-port"],
    onPort: 4028,
    needs: "--api-listen",
  },
  teamredminer: {
    family: "teamredminer",
    options: ["--api_listen"],
    barePort: 4028,
  },
  claymore: { family: "claymore", options: ["-mport"], onPort: 3333 },
  phoenixminer: {
    family: "claymore",
    options: ["-cdmport"],
    onPort: 3333,
    off: ["-cdm"],
  },
  ethminer: {
    family: "claymore",
    options: ["--api-bind", "--api-port", "-b"],
  },
  ccminer: {
    family: "ccminer",
    options: ["--api-bind", "-b"],
    onPort: 4068,
    barePort: 4068,
  },
  // Two programs of this name: only one of them listens without being told to.
  cpuminer: {
    family: "ccminer",
    options: ["--api-bind", "-b"],
    barePort: 4048,
  },
  trex: { family: "trex", options: ["--api-bind-http"], onPort: 4067 },
  lolminer: { family: "lolminer", options: ["--apiport"] },
  gminer: { family: "gminer", options: ["--api"] },
  nbminer: { family: "nbminer", options: ["--api"] },
  srbminer: {
    family: "srbminer",
    options: ["--api-port"],
    onPort: 21550,
    needs: "--api-enable",
  },
  rigel: { family: "rigel", options: ["--api-bind"] },
  bzminer: {
    family: "bzminer",
    options: ["--http_port"],
    onPort: 4014,
    off: ["--http_enabled"],
  },
  miniz: { family: "miniz", options: ["--telemetry"], barePort: 20000 },
  ewbf: { family: "miniz", options: ["--api"], barePort: 42000 },
  onezerominer: {
    family: "onezerominer",
    options: ["--api-port"],
    onPort: 3001,
    off: ["--api-disable"],
  },
  nanominer: { family: "nanominer", options: ["-webPort", "--webPort"] },
};

const LOCAL = "127.0.0.1";

/** What the command's file name and arguments tell; `undefined` for a stranger. */
export function recognise(
  exec: string,
  args: readonly string[],
): Recognised | undefined {
  const found = minerProgram(exec, args);
  if (found === undefined) return undefined;
  const rule = RULES[found.program];
  const { family } = rule;
  if (isOff(rule, found.args)) return { family, host: LOCAL, port: undefined };
  const value = optionIn(found.args, rule.options);
  if (value === undefined) return { family, host: LOCAL, port: rule.onPort };
  return { family, ...placeIn(value, rule.barePort) };
}

/** The family that `api` of `[command.telemetry]` names: a family, or a miner of one. */
export function familyNamed(api: string): Family | undefined {
  const name = api.toLowerCase();
  const family = FAMILIES.find((known) => known === name);
  if (family !== undefined) return family;
  const found = minerProgram(name, []);
  return found === undefined ? undefined : RULES[found.program].family;
}

function isOff(rule: Rule, args: readonly string[]): boolean {
  if (rule.needs !== undefined && !args.includes(rule.needs)) return true;
  return (rule.off ?? []).some((option) => {
    const value = optionIn(args, [option]);
    return option.endsWith("-disable") ? value !== undefined : value === "0";
  });
}

/** "127.0.0.1:4028", "[::1]:80", "4028", "-3333" (read only), "0" (off) or an address alone. */
function placeIn(
  value: string,
  barePort: number | undefined,
): { readonly host: string; readonly port: number | undefined } {
  const match = value.match(/^(?:\[?([\w.:-]*?)\]?:)?-?(\d{1,5})$/);
  if (match === null) return { host: hostOf(value), port: barePort };
  const port = Number(match[2]);
  const isPort = port > 0 && port < 65536;
  return { host: hostOf(match[1] ?? ""), port: isPort ? port : undefined };
}

function hostOf(address: string): string {
  return /^(?:\*|0\.0\.0\.0|::|localhost|)$/.test(address) ||
      /[^\w.:-]/.test(address)
    ? LOCAL
    : address;
}
