/** Values that stand in one place only; see `values.ts` for the rest. */

import type { QuietWindow } from "../core/types.ts";
import { kindOf, quoted, shown } from "./quote.ts";
import { parseQuietHours } from "./quiet_hours.ts";
import { duration, name, type Parse, text, unbroken } from "./values.ts";

/** Windows opens a device under these names, whatever the folder and the ending. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/** A command's name; it is a level of topics, and the name of a log file. */
export function commandName(input: unknown): string {
  const found = name(input);
  const why = whyNot(found);
  if (why === undefined) return found;
  throw new SyntaxError(
    `found ${quoted(found)}, which is ${why}; give the command another name`,
  );
}

function whyNot(name: string): string | undefined {
  if (name === "hashrate" || name === "accepted") return "a topic of its own";
  if (name.toLowerCase() === "kolikko") return "the controller's own log file";
  return DEVICES.test(name) ? "a device on Windows" : undefined;
}

/** One window of quiet hours. */
export function quietWindow(input: unknown): QuietWindow {
  const found = text({
    wanted: `quiet hours such as "Mon-Fri 07:00-19:00"`,
  })(input);
  try {
    return parseQuietHours(found);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(
      `found ${quoted(found)}, wanted quiet hours; ${error.message}`,
    );
  }
}

/** The name of a variable that is added to a command's environment. */
export function variableName(input: unknown): string {
  const found = String(input);
  // deno-lint-ignore no-control-regex
  if (found === "" || /[=\u0000-\u001f]/.test(found)) {
    throw new SyntaxError(
      `found the name ${
        quoted(found)
      }, wanted one without "=" and control characters`,
    );
  }
  if (found.toUpperCase() !== "KOLIKKO_MARK") return found;
  throw new SyntaxError(
    "this name is the one by which the controller knows its own processes; choose another",
  );
}

/** Its value, which may be a key or a password and is never shown. */
export function variableValue(input: unknown): string {
  if (typeof input === "string") return unbroken(input);
  throw new SyntaxError(
    `found ${kindOf(input)}, wanted a text; put it in quotes`,
  );
}

/** One of the two rests of `restart_backoff`. */
export const rest: Parse<number> = duration({ positive: true });

/** Keepalive, which MQTT counts in seconds. */
export function keepaliveMs(input: unknown): number {
  const ms = duration({ atLeast: "5s", atMost: "5m" })(input);
  if (ms % 1000 === 0) return ms;
  throw new SyntaxError(`found ${shown(input)}, wanted whole seconds`);
}
