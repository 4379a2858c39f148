/** Words for MQTT's reason codes, of version 5 and of 3.1.1. */

/** The reason of a connection that this side ended in order. */
export const CLOSED_BY_US = "closed in order";

/** The reason of a connection that this side ended without a word to the broker. */
export const GIVEN_UP = "the connection was given up";

/** Why a connection ended that was taken over: MQTT 5 alone tells. */
export function takenOverReason(clientId: string): string {
  return `another client uses the id "${clientId}"`;
}

/** Tells whether a connection ended because somebody took over the client id. */
export function isTakenOver(reason: string): boolean {
  return reason.startsWith("another client uses the id ");
}

/** What the broker means by a code in any of its answers. */
const WORDS: Readonly<Record<number, string>> = {
  0x04: "it was asked to send the will",
  0x80: "it gives no reason",
  0x81: "it says that our message was malformed",
  0x82: "it says that we broke the protocol",
  0x83: "for a reason of its own",
  0x84: "it does not speak this protocol version",
  0x85: "it rejects the client id",
  0x86: "the user name or the password is wrong",
  0x87: "it is not authorized",
  0x88: "it is not available now",
  0x89: "it is busy",
  0x8a: "it has banned this client",
  0x8b: "it is shutting down",
  0x8c: "it wants another way to log in",
  0x8d: "it heard nothing from us for too long",
  0x8f: "the topic filter is invalid",
  0x90: "the topic name is invalid",
  0x93: "too many messages were under way at once",
  0x94: "the topic alias is invalid",
  0x95: "the message is too large",
  0x96: "the messages come too fast",
  0x97: "its quota is used up",
  0x98: "its administrator ended it",
  0x99: "the payload has another format than announced",
  0x9a: "it keeps no retained messages",
  0x9b: "it does not support this QoS",
  0x9c: "it wants us to use another broker for now",
  0x9d: "the broker has moved",
  0x9e: "it does not support shared subscriptions",
  0x9f: "the connections come too fast",
  0xa0: "its longest time for a connection is over",
  0xa1: "it does not support subscription ids",
  0xa2: "it does not support wildcards",
};

/** A code as a person can look it up. */
function hex(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

function words(code: number): string {
  return `${WORDS[code] ?? "it gives an unknown reason"} (${hex(code)})`;
}

/** Why the broker refuses a publish or a subscription, with what to do if that is clear. */
export function denialReason(code: number): string {
  if (code === 0x87) {
    return `not authorized (${
      hex(code)
    }): allow it in the broker's access list`;
  }
  return code === 0x80
    ? `refused without a reason (${hex(code)}): see the broker's access list`
    : words(code);
}

/** Why the broker ended the connection, as it says itself (MQTT 5). */
export function disconnectReason(code: number, clientId: string): string {
  if (code === 0x8e) return takenOverReason(clientId);
  if (code === 0) return "the broker ended the connection";
  return `the broker ended the connection: ${words(code)}`;
}

/** How the broker answered a CONNECT. */
export type Refusal =
  | "protocol"
  | "client_id"
  | "unavailable"
  | "login"
  | "other";

const REFUSALS: Readonly<Record<number, Refusal>> = {
  1: "protocol",
  2: "client_id",
  3: "unavailable",
  4: "login",
  5: "login",
  0x84: "protocol",
  0x85: "client_id",
  0x86: "login",
  0x87: "login",
  0x88: "unavailable",
  0x89: "unavailable",
};

/** Sorts the code of a refused CONNECT, of either protocol version. */
export function refusal(code: number): Refusal {
  return REFUSALS[code] ?? "other";
}

/** What an uncommon refusal of a CONNECT means. */
export function refusalReason(code: number): string {
  return words(code);
}
