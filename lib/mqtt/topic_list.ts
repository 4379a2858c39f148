/** All topics of a rig: what it writes, and what it reads. Pure. */

import type { Topics } from "../core/topics.ts";
import { keptFilters } from "./discovery/changes.ts";
import { deviceTopic, singleFilter } from "./discovery/documents.ts";

/** What the list depends on. */
export interface TopicOwner {
  readonly topics: Topics;
  /** Of Home Assistant's discovery topics. */
  readonly prefix: string;
  readonly rig: { readonly id: string; readonly name: string };
  /** The commands, in order. */
  readonly names: readonly string[];
  /** False where nobody wants to know whether Home Assistant is online. */
  readonly isHostHeard?: boolean;
}

/** Topics in an order that people understand. */
export interface TopicList {
  /** Written by the rig, all of them retained. */
  readonly written: readonly string[];
  /** Written, and not retained. */
  readonly said: readonly string[];
  /** Documents for Home Assistant; filters. */
  readonly discovery: readonly string[];
  /** What is said to the rig, and to nobody else. */
  readonly heard: readonly string[];
  /** What others say of themselves. */
  readonly overheard: readonly string[];
  /** Read for a moment at each connection, to remove what is old; filters. */
  readonly swept: readonly string[];
}

/** The topics that follow from a configuration. */
export function topicListOf(owner: TopicOwner): TopicList {
  const { topics, prefix, rig, names } = owner;
  return {
    written: [
      topics.availability,
      topics.status,
      topics.statusmsg,
      topics.problem,
      topics.level,
      topics.hashrate,
      topics.accepted,
      topics.telemetry,
      topics.info,
      ...names.flatMap((name) => {
        const topic = `${topics.commandBase}/${name}`;
        return [
          topic,
          `${topic}/state`,
          `${topic}/hashrate`,
          `${topic}/accepted`,
        ];
      }),
    ],
    said: [topics.event, topics.responseRestart],
    discovery: [
      deviceTopic({ prefix, rig }),
      singleFilter({ prefix, rig }),
    ],
    heard: heardTopics(topics),
    overheard: owner.isHostHeard === false ? [] : [topics.thermostatStatus],
    swept: keptFilters({ prefix, rig, topics }),
  };
}

/** Does anything depend on whether Home Assistant is online? */
export function isHostHeard(
  { discovery, limits }: {
    readonly discovery: { readonly mode: string };
    readonly limits: {
      readonly heat: { readonly thermostatOfflineAfterMs: number };
    };
  },
): boolean {
  return discovery.mode !== "off" ||
    Number.isFinite(limits.heat.thermostatOfflineAfterMs);
}

/** What is said to the rig, and to nobody else. */
export function heardTopics(topics: Topics): readonly string[] {
  return [topics.command, topics.levelSet, topics.requestRestart];
}

/** Characters that a broker may take for others; each once. */
export function oddCharacters(topics: readonly string[]): readonly string[] {
  return [...new Set(topics.join("").match(/[^\p{L}\p{N}/_-]/gu))];
}

/** Which of these topics the broker has changed into that one, if it was one of them. */
export function changedInto(
  topic: string,
  topics: readonly string[],
): string | undefined {
  const plain = (one: string) => one.replace(/[^\p{L}\p{N}/_-]/gu, "/");
  if (topics.includes(topic)) return undefined;
  return topics.find((one) =>
    oddCharacters([one]).length > 0 && plain(one) === plain(topic)
  );
}
