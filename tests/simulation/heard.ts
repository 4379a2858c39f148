/** What a controller must make of a message: read anew from design.md. */

import type { Demand } from "./demand.ts";
import type { Setup } from "./script.ts";

export interface HeardMessage {
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** Takes a message on the command topic into the demand; is it an ON or OFF that counts? */
export function hear(
  demand: Demand,
  message: HeardMessage,
  options: { readonly setup: Setup; readonly now: number },
): boolean {
  const { setup, now } = options;
  const text = new TextDecoder().decode(message.payload).trim();
  // The controller asks itself whether it hears.
  if (text === "?") return false;
  const isWord = text === "ON" || text === "OFF";
  const isShutdown = text === "SHUTDOWN" && setup.allowShutdown;
  if (message.payload.length > 1024 || !(isWord || isShutdown)) {
    demand.refuse();
    return false;
  }
  if (message.retain) {
    // What is in force already is neither repeated nor refused by a connection.
    if (text.toLowerCase() === demand.word) return false;
    if (!countsRetained(demand, text, setup)) {
      demand.refuse();
      return false;
    }
  }
  if (isShutdown) demand.askShutdown(now);
  else demand.say(text === "ON" ? "on" : "off", now);
  return isWord;
}

/** Does a message count that the broker kept? One that is left over is no thermostat that is alive. */
export function countsRetained(
  demand: Pick<Demand, "isUnsaid">,
  text: string,
  { retainedCommands }: Pick<Setup, "retainedCommands">,
): boolean {
  if (text === "OFF") return retainedCommands !== "ignore";
  return text === "ON" && retainedCommands === "accept" && !demand.isUnsaid;
}
