/** Why a connection did not come about, in words that a home owner can act on. */

import type { BrokerSettings } from "./link.ts";
import { refusal, refusalReason } from "./reasons.ts";

/** What one try came to, if it did not come to a connection. */
export type Outcome =
  | { readonly kind: "refused"; readonly code: number }
  | { readonly kind: "error"; readonly code: string; readonly text: string }
  | { readonly kind: "closed" }
  | { readonly kind: "timeout"; readonly afterMs: number }
  | { readonly kind: "aborted" };

/** A try that failed; `connect()` makes a ConnectError of it. */
export class TryFailed extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** The address as it may be shown: without user, password and query. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//").replace(/[?#].*$/, "");
}

/** What happened and what to do about it, to follow "Cannot connect to …". */
export function failureWords(
  outcome: Outcome,
  settings: BrokerSettings,
  protocol: string,
): string {
  switch (outcome.kind) {
    case "refused":
      return refusedWords(outcome.code, settings, protocol);
    case "error":
      return errorWords(outcome, settings);
    case "closed":
      return `the other side closed the connection without an answer: ` +
        `check that url has the right kind (mqtt, mqtts, ws, wss) for port ` +
        `${portOf(settings.url)}, and protocol`;
    case "timeout":
      return `there was no answer within ${outcome.afterMs / 1000} s: ` +
        `check that the broker runs, that url is right, and that no firewall ` +
        `blocks port ${portOf(settings.url)}`;
    case "aborted":
      return "the program was asked to stop";
  }
}

function refusedWords(
  code: number,
  settings: BrokerSettings,
  protocol: string,
): string {
  switch (refusal(code)) {
    case "protocol":
      return `the broker does not speak MQTT ${protocol}: set protocol to "auto"`;
    case "client_id":
      return `the broker rejects the client id "${settings.clientId}": ` +
        `change id under [rig]`;
    case "unavailable":
      return `the broker says that it is not available now: ` +
        `wait, or see its own log`;
    case "login":
      return settings.username === undefined
        ? `the broker wants a user name and a password: ` +
          `set username and password`
        : `the broker refuses user "${settings.username}": check username ` +
          `and password, and that this user may log in`;
    case "other":
      return `the broker refuses us: ${refusalReason(code)}; see its own log`;
  }
}

/** The patterns look at the code and at the text, for runtimes name errors differently. */
const ERRORS: readonly [RegExp, (settings: BrokerSettings) => string][] = [
  [
    /ENOTFOUND|EAI_NONAME|EAI_NODATA|failed to lookup/,
    (s) =>
      `the name "${hostOf(s.url)}" is not known: check url, ` +
      `or use the broker's IP address`,
  ],
  [
    /EAI_AGAIN/,
    (s) =>
      `the name server does not answer for "${hostOf(s.url)}": ` +
      `check the network, or use the broker's IP address`,
  ],
  [
    /ECONNREFUSED/,
    (s) =>
      `nothing listens on port ${portOf(s.url)} there: ` +
      `check that the broker runs and that url is right`,
  ],
  [
    /EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL/,
    () => `there is no way to that machine: check the network and url`,
  ],
  [
    /ETIMEDOUT/,
    (s) =>
      `that machine does not answer: check that it runs, that url is right, ` +
      `and that no firewall blocks port ${portOf(s.url)}`,
  ],
  [
    /EACCES|EPERM|NotCapable|--allow-net/,
    () =>
      `this program may not use the network: allow it (--allow-net, firewall)`,
  ],
  [
    /ALTNAME|NotValidForName|not valid for name/i,
    (s) =>
      `the broker's certificate is not for "${hostOf(s.url)}": ` +
      `put the name that stands in the certificate into url`,
  ],
  [
    /CERT_HAS_EXPIRED|NOT_YET_VALID|Expired|NotValidYet/i,
    () =>
      `the broker's certificate is expired or not valid yet: ` +
      `renew it, or correct this machine's clock`,
  ],
  [
    /CERTIFICATE_REQUIRED|CertificateRequired/i,
    (s) =>
      s.certFile === undefined || s.keyFile === undefined
        ? `the broker wants a client certificate: set cert_file and key_file`
        : `our client certificate cannot be used: check that cert_file ` +
          `"${s.certFile}" and key_file "${s.keyFile}" are PEM files`,
  ],
  [
    /No (keys|certificates) found|Unable to decode|invalid PEM/i,
    () =>
      `a certificate or key cannot be used: check that ca_file, cert_file ` +
      `and key_file are PEM files`,
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|DECRYPT_ERROR)|received fatal alert/i,
    (s) =>
      `the broker does not accept our client certificate: check ` +
      `cert_file "${s.certFile ?? ""}" and key_file "${s.keyFile ?? ""}"`,
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|UnknownIssuer|CaUsedAsEndEntity|not authorized|CERT_UNTRUSTED|BadSignature/i,
    (s) =>
      s.caFile === undefined
        ? `the broker's certificate is not trusted: set ca_file to the ` +
          `certificate that it was signed with`
        : `the broker's certificate was not signed with ca_file ` +
          `"${s.caFile}": set ca_file to the one that it was signed with`,
  ],
  [
    /UNSUPPORTED_PROTOCOL|KEY_VALUES_MISMATCH|InconsistentKeys/i,
    () =>
      `no common kind of TLS was found: check that cert_file and key_file ` +
      `belong together, and that the broker offers TLS 1.2 or newer`,
  ],
  [
    /WRONG_VERSION|InvalidContentType|corrupt message|EPROTO|PACKET_LENGTH/i,
    (s) =>
      `the broker does not speak TLS on port ${portOf(s.url)}: ` +
      `use its TLS port (8883 as a rule), or mqtt:// or ws:// in url`,
  ],
  [
    /server response|Sec-WebSocket|subprotocol|^ ?connection error/i,
    (s) =>
      `there is no MQTT over websockets at that address: ` +
      `check port ${portOf(s.url)} and the path in url`,
  ],
];

function errorWords(
  error: { readonly code: string; readonly text: string },
  settings: BrokerSettings,
): string {
  const whole = `${error.code} ${error.text}`;
  const known = ERRORS.find(([pattern]) => pattern.test(whole));
  return known === undefined
    ? `an error came up (${whole.trim()}): check url and the broker's own log`
    : known[1](settings);
}

const PORTS: Readonly<Record<string, string>> = {
  "mqtt:": "1883",
  "mqtts:": "8883",
  "ws:": "80",
  "wss:": "443",
};

/** The port in an address, or the usual one. */
export function portOf(url: string): string {
  const { port, protocol } = new URL(url);
  return port === "" ? PORTS[protocol] ?? "" : port;
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}
