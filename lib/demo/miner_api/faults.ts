/** Faults: how an API misbehaves on request. */

/** What can be wrong with it. */
export const FAULTS = [
  "none",
  /** One byte at a time. */
  "slow",
  /** Half of the answer, then the end. */
  "half",
  /** The right keys, wrong types. */
  "wrong-json",
  "not-json",
  /** An answer without end. */
  "huge",
  "reset",
  /** Accepts, reads, never answers. */
  "hang",
  "refuse",
  "401",
  /** A web page, as a router or another program on this port sends it. */
  "html",
] as const;

/** One of them. */
export type Fault = typeof FAULTS[number];

/** A page that is no API. */
export const HTML =
  `<!DOCTYPE html><html><head><title>Login</title></head><body><p>1234.5 kH/s</p></body></html>\n`;

/** The same keys, but texts for numbers and objects for lists. */
export function wrongTypes(body: string): string {
  // What ends an answer stays: a zero byte, a line feed.
  const end = /[\0\s]*$/.exec(body)?.[0] ?? "";
  try {
    const value: unknown = JSON.parse(body.slice(0, body.length - end.length));
    return JSON.stringify(value, (_key, inside: unknown) => {
      if (typeof inside === "number") return "?";
      return Array.isArray(inside) ? { ...inside } : inside;
    }) + end;
  } catch {
    return body.replace(/=[^;|,]*/g, "=?");
  }
}

/** Cut where it hurts, with a tail that is no JSON. */
export function noJson(body: string): string {
  return body.slice(0, Math.ceil(body.length / 3)) + ",}{ inf";
}
