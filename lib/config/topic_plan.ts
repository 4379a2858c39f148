/** All topics of one rig, and whether they get into each other's way. */

import type { Topics } from "../core/topics.ts";
import type { Complaint } from "./complaints.ts";
import type { Draft } from "./draft.ts";
import { quoted } from "./quote.ts";
import type { Path, Settings } from "./schema.ts";

/** What else may be published or subscribed to below the base. */
const BELOW_BASE = [
  "availability",
  "problem",
  "info",
  "telemetry",
  "level",
  "level/set",
  "event",
  "request/restart",
  "response/restart",
];

const BELOW_COMMAND = ["", "/hashrate", "/accepted", "/state"];

/** The topics that follow from `[topics]` and `[homeassistant]`. */
export function toTopics(
  topics: Settings["topics"],
  prefix: string,
): Topics {
  const { base } = topics;
  return {
    command: topics.command || base,
    status: topics.status || `${base}/status`,
    statusmsg: topics.statusmsg || `${base}/statusmsg`,
    availability: `${base}/availability`,
    problem: `${base}/problem`,
    level: `${base}/level`,
    levelSet: `${base}/level/set`,
    event: `${base}/event`,
    requestRestart: `${base}/request/restart`,
    responseRestart: `${base}/response/restart`,
    info: `${base}/info`,
    hashrate: topics.hashrate || `${base}/command/hashrate`,
    accepted: topics.accepted || `${base}/command/accepted`,
    telemetry: `${base}/telemetry`,
    commandBase: `${base}/command`,
    thermostatStatus: `${prefix}/status`,
  };
}

/** A topic, what it is for, and the key that made it so. */
interface Use {
  readonly topic: string;
  readonly what: string;
  readonly key: Path;
}

/** Each topic has one use; above all, nothing of ours comes back as a demand. */
export function checkTopics(draft: Draft<Settings>): Complaint[] {
  const taken = new Map<string, Use>();
  const complaints: Complaint[] = [];
  // What follows from the base comes first, so that a complaint points at the
  // key that was set by hand.
  const byHand = (use: Use) => use.key.at(-1) === "base" ? 0 : 1;
  const uses = usesOf(draft).sort((a, b) => byHand(a) - byHand(b));
  for (const use of uses) {
    const first = taken.get(use.topic);
    if (first === undefined) {
      taken.set(use.topic, use);
      continue;
    }
    complaints.push({
      path: use.key,
      message: `found ${quoted(use.topic)} as the topic of ${use.what}, ` +
        `which is the topic of ${first.what} already; choose another`,
      other: first.key,
    });
  }
  return complaints;
}

function usesOf({ topics, homeassistant, command }: Draft<Settings>): Use[] {
  const uses: Use[] = [];
  const add = (topic: string | undefined, what: string, key: Path) => {
    if (topic !== undefined) uses.push({ topic, what, key });
  };
  const base = topics?.base;
  type Own = "command" | "status" | "statusmsg" | "hashrate" | "accepted";
  const own = (name: Own, behind: string) => {
    const set = topics?.[name];
    if (set === "") add(base && base + behind, name, ["topics", "base"]);
    else add(set, name, ["topics", name]);
  };
  own("command", "");
  own("status", "/status");
  own("statusmsg", "/statusmsg");
  own("hashrate", "/command/hashrate");
  own("accepted", "/command/accepted");
  for (const behind of base === undefined ? [] : BELOW_BASE) {
    add(`${base}/${behind}`, behind, ["topics", "base"]);
  }
  const names = new Set((command ?? []).map((each) => each?.name));
  for (const name of base === undefined ? [] : names) {
    if (name === undefined) continue;
    for (const behind of BELOW_COMMAND) {
      const what = `the command ${quoted(name)}`;
      add(`${base}/command/${name}${behind}`, what, ["topics", "base"]);
    }
  }
  const prefix = homeassistant?.prefix;
  add(
    prefix && `${prefix}/status`,
    "the thermostat's host (homeassistant.prefix)",
    ["homeassistant", "prefix"],
  );
  return uses;
}
