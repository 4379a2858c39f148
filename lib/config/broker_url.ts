/** The address of the broker. */

import { kindOf, quoted } from "./quote.ts";
import { nearest } from "./suggest.ts";

const SCHEMES = ["mqtt", "mqtts", "ws", "wss"] as const;

const EXAMPLE = `"mqtt://192.0.2.5:1883"`;

/** What other programs call the same thing. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  tcp: "mqtt",
  ssl: "mqtts",
  tls: "mqtts",
  http: "ws",
  https: "wss",
};

/** An address that surely holds no password: a host, perhaps with scheme and port. */
const HARMLESS = /^([a-z]+:\/\/)?[\w.-]+(:\d+)?\/?$/i;

/**
 * `mqtt://`, `mqtts://`, `ws://` or `wss://`, without user and password.
 * @throws {SyntaxError} that shows nothing which may be a password.
 */
export function brokerUrl(input: unknown): string {
  if (typeof input !== "string") {
    throw new SyntaxError(
      `found ${kindOf(input)}, wanted a URL in quotes, as in ${EXAMPLE}`,
    );
  }
  if (input === "") {
    throw new SyntaxError(
      `found an empty text, wanted the broker's address, as in ${EXAMPLE}`,
    );
  }
  if (input.includes("@")) {
    throw new SyntaxError(
      "found a user or password in the URL, wanted the address alone; " +
        "put them into username and password, or password_file",
    );
  }
  const found = HARMLESS.test(input) ? quoted(input) : "a text";
  if (!input.includes("://")) {
    throw new SyntaxError(
      `found ${found} without a scheme, wanted one of mqtt, mqtts, ws, wss in front, as in ${EXAMPLE}`,
    );
  }
  if (/\s/.test(input) || !URL.canParse(input)) {
    throw new SyntaxError(
      `found ${found} that is not a URL, wanted scheme, host and port, as in ${EXAMPLE}`,
    );
  }
  return checked(new URL(input), input);
}

function checked(url: URL, input: string): string {
  const scheme = schemeOf(input);
  if (!SCHEMES.some((each) => each === scheme)) {
    const near = OTHER_NAMES[scheme] ?? nearest(scheme, SCHEMES);
    throw new SyntaxError(
      `found the scheme ${quoted(scheme)}, wanted one of mqtt, mqtts, ws, wss` +
        (near === undefined ? "" : `; did you mean "${near}://"?`),
    );
  }
  if (url.hostname === "") {
    throw new SyntaxError(`found no host, wanted one, as in ${EXAMPLE}`);
  }
  if (url.port === "0") {
    throw new SyntaxError(
      `found port 0, wanted the broker's port, mostly 1883`,
    );
  }
  if (url.hash !== "") {
    throw new SyntaxError(
      `found a part that begins with "#", wanted scheme, host and port; remove it`,
    );
  }
  const web = scheme === "ws" || scheme === "wss";
  if (!web && (url.search !== "" || !["", "/"].includes(url.pathname))) {
    throw new SyntaxError(
      `found something behind the host, wanted scheme, host and port alone, as in ${EXAMPLE}; ` +
        "topics are set in [topics]",
    );
  }
  return input;
}

/** The scheme of a URL, in lower case. */
export function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(":")).toLowerCase();
}

/** Is the way to the broker encrypted? */
export function isTls(url: string): boolean {
  return ["mqtts", "wss"].includes(schemeOf(url));
}
