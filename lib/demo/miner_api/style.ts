/** Style: how a program prints, and what all of them need for it. Pure. */

import type { Claim } from "./miner.ts";

/** What there is to print about. */
export interface PrintMoment {
  readonly claim: Claim;
  readonly wallMs: number;
  readonly colour: boolean;
  /** It mines on cards. */
  readonly isGpu: boolean;
}

/** One program's manner; each text brings its own line ends. */
export interface Style {
  readonly stream: "stdout" | "stderr";
  begin(moment: PrintMoment): string;
  rate(moment: PrintMoment): string;
  share(moment: PrintMoment, isAccepted: boolean): string;
  end(moment: PrintMoment, signal: string): string;
}

/** Puts an ANSI code around a text, if colours are on. */
export function painter(
  { colour }: PrintMoment,
  code: string,
): (text: string) => string {
  return (text) => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** Ends a line as XMRig does. */
export function reset({ colour }: PrintMoment): string {
  return colour ? "\x1b[0m" : "";
}

/** `2026-03-28 12:00:01.123`, local time. */
export function stamp({ wallMs }: PrintMoment): string {
  const offsetMs = new Date(wallMs).getTimezoneOffset() * 60_000;
  const local = new Date(wallMs - offsetMs);
  return local.toISOString().replace("T", " ").slice(0, -1);
}

/** The same without milliseconds. */
export function seconds(moment: PrintMoment): string {
  return stamp(moment).slice(0, 19);
}

/** `12:00:01`. */
export function clockTime(moment: PrintMoment): string {
  return stamp(moment).slice(11, 19);
}

/** `20260328 12:00:01`. */
export function compact(moment: PrintMoment): string {
  return seconds(moment).replaceAll("-", "");
}
