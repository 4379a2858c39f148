/** What a message is about, if it counts: garbage must not push it out. Pure. */

import { parseDemand, parseLevel } from "../core/payload.ts";
import type { Topics } from "../core/topics.ts";
import type { Message } from "./link.ts";
import type { MessageSubject } from "./message_buffer.ts";

/** For what is said to a rig. */
export function subjectOf(
  { topics, allowShutdown }: {
    readonly topics: Topics;
    readonly allowShutdown: boolean;
  },
): MessageSubject {
  return ({ topic, payload, retain }) => {
    if (!counts({ topic, payload })) return undefined;
    // What is kept may come later, and is older.
    return `${topic} ${retain}`;
  };

  function counts({ topic, payload }: Pick<Message, "topic" | "payload">) {
    switch (topic) {
      case topics.command:
        return parseDemand(payload, { allowShutdown }).kind !== "refused";
      case topics.levelSet:
        return parseLevel(payload).kind !== "refused";
      case topics.requestRestart:
        return /^PRESS$/.test(startOf(payload));
      case topics.thermostatStatus:
        return /^(online|offline)$/i.test(startOf(payload));
      default:
        return false;
    }
  }
}

function startOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload.subarray(0, 64)).trim();
}
