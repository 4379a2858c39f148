/** What came on the command topic, read once at the edge. */

import { counted } from "./words.ts";

/** The largest payload that is looked at, in bytes. */
export const PAYLOAD_BYTES_MAX = 1024;

/** What a payload means. */
export type Said =
  | {
    readonly kind: "demand";
    readonly demand: "on" | "off";
    /** Of a level above 0, in percent. */
    readonly level?: number;
  }
  | { readonly kind: "shutdown" }
  | { readonly kind: "refused"; readonly why: string };

/** Reads a payload: exactly `ON`, `OFF` or (if allowed) `SHUTDOWN`, white space around it aside. */
export function parseDemand(
  payload: Uint8Array,
  options: { readonly allowShutdown: boolean },
): Said {
  const text = textOf(payload, "ON or OFF");
  if (typeof text !== "string") return text;
  switch (text.trim()) {
    case "ON":
      return { kind: "demand", demand: "on" };
    case "OFF":
      return { kind: "demand", demand: "off" };
    case "SHUTDOWN":
      if (options.allowShutdown) return { kind: "shutdown" };
      return refused(
        `Refused "SHUTDOWN": set allow_shutdown = true below [heat] to allow it`,
      );
    case "":
      return refused(`Refused an empty message; say ON or OFF`);
    default:
      return refused(`Refused ${quote(text)}; say ON or OFF, in capitals`);
  }
}

/** Home Assistant's levels are whole: what rounds to 0 is no heat that anybody needs. */
const LEVEL_MIN = 0.5;

/** Reads a payload of the level topic: percent from 0 to 100, as `66` or `43.7`. */
export function parseLevel(payload: Uint8Array): Said {
  const text = textOf(payload, "a number from 0 to 100");
  if (typeof text !== "string") return text;
  const level = /^\d{1,3}(?:\.\d+)?$/.test(text.trim())
    ? Number(text.trim())
    : NaN;
  if (level < LEVEL_MIN) return { kind: "demand", demand: "off" };
  if (level <= 100) return { kind: "demand", demand: "on", level };
  return refused(
    `Refused the level ${quote(text)}; say a number from 0 to 100`,
  );
}

function refused(why: string): Said & { readonly kind: "refused" } {
  return { kind: "refused", why };
}

/** The text, or why it is none that is looked at. */
function textOf(
  payload: Uint8Array,
  wanted: string,
): string | (Said & { readonly kind: "refused" }) {
  if (payload.length > PAYLOAD_BYTES_MAX) {
    return refused(
      `Refused a message of ${counted(payload.length, "byte")}: at most ` +
        `${PAYLOAD_BYTES_MAX} are read; say ${wanted}`,
    );
  }
  return decodeUtf8(payload) ?? refused(
    `Refused a message of ${
      counted(payload.length, "byte")
    } that is not UTF-8 text; ` +
      `say ${wanted}`,
  );
}

function decodeUtf8(payload: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** At most so many characters of a stranger's text are repeated. */
const QUOTE_MAX = 40;

/** Quotes a stranger's text: one short line, nothing that could act on a terminal. */
export function quote(text: string): string {
  // A character may take two units; one more shows whether there are more.
  const characters = [...text.slice(0, 2 * (QUOTE_MAX + 1))];
  const safe = characters.slice(0, QUOTE_MAX).map((character) =>
    /[\p{L}\p{N}\p{P}\p{S} ]/u.test(character) && !/["\\]/.test(character)
      ? character
      : escape(character)
  );
  return `"${safe.join("")}"${characters.length > QUOTE_MAX ? "..." : ""}`;
}

function escape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return `\\u{${code.toString(16)}}`;
}
