/** What happens in the demonstration, one line each. Pure. */

import { timeOfDay } from "../core/words.ts";
import type { Utterance } from "./thermostat.ts";

/** Who is seen doing what. */
export type Happening =
  | {
    readonly who: "thermostat";
    readonly word: string;
    readonly why: Utterance["why"];
  }
  | { readonly who: "somebody"; readonly word: string }
  | {
    readonly who: "rig";
    readonly word: string;
    readonly states: string;
    readonly message: string;
  };

/** The room at that moment. */
export interface Moment {
  /** Of the room's own, faster time. */
  readonly atMs: number;
  readonly temperatureC: number;
  readonly heatW: number;
}

/** Between these the thermostat changes nothing. */
export interface Tolerated {
  readonly lowestC: number;
  readonly highestC: number;
}

/** The room's day begins at six. */
const BEGIN = { weekday: 1, minuteOfDay: 6 * 60, msOfMinute: 0 };

const COLOURS = { ON: 33, OFF: 36, offline: 35, quiet: 2 };

/** Where the last column begins. */
const REMARK_AT = 37;

/** What stands above the lines. */
export const HEADING = row(["time", "room", "heat", "who", "says"], "");

/** `06:21 21.3 C 1200 W  thermostat OFF  too warm: above 21.3 C`. */
export function lineOf(
  moment: Moment,
  happening: Happening,
  options: { readonly tolerated: Tolerated; readonly colour: boolean },
): string {
  const line = row([
    timeOfDay(BEGIN, moment.atMs),
    `${moment.temperatureC.toFixed(1)} C`,
    `${moment.heatW} W`,
    happening.who,
    happening.word,
  ], remarkOf(happening, options.tolerated));
  if (!options.colour) return line;
  const code = colourOf(happening);
  return code === undefined ? line : `\u001b[${code}m${line}\u001b[0m`;
}

function row(cells: readonly string[], rest: string): string {
  const [time = "", room = "", heat = "", who = "", word = ""] = cells;
  return `${time.padEnd(5)} ${room.padStart(6)} ${heat.padStart(6)}  ` +
    `${who.padEnd(10)} ${word.padEnd(4)} ${rest}`.trimEnd();
}

function remarkOf(happening: Happening, tolerated: Tolerated): string {
  switch (happening.who) {
    case "rig":
      return statesInWords(happening.states, happening.message);
    case "somebody":
      return "by hand";
    case "thermostat":
      return whyInWords(happening.why, tolerated);
  }
}

/** The message gets a line of its own, below the states. */
function statesInWords(states: string, message: string): string {
  if (message === "OK") return states;
  return `${states}\n${" ".repeat(REMARK_AT)}statusmsg: ${message}`;
}

function whyInWords(why: Utterance["why"], tolerated: Tolerated): string {
  switch (why) {
    case "too_cold":
      return `too cold: below ${tolerated.lowestC.toFixed(1)} C`;
    case "too_hot":
      return `too warm: above ${tolerated.highestC.toFixed(1)} C`;
    case "keep_alive":
      return "as before (keep_alive)";
    case "mode_off":
      return "its mode is off";
  }
}

function colourOf(happening: Happening): number | undefined {
  if (happening.who === "thermostat" && happening.why === "keep_alive") {
    return COLOURS.quiet;
  }
  const { word } = happening;
  return word === "ON" || word === "OFF" || word === "offline"
    ? COLOURS[word]
    : undefined;
}
