/** Can the rig be reached on the broker, and may it say and hear all it needs? */

import { systemClock } from "../../clock.ts";
import type { Config } from "../../config.ts";
import { quote } from "../../core/payload.ts";
import { wordsOf } from "../../core/words.ts";
import { QUESTION } from "../../mqtt/hearing_probe.ts";
import { Listener } from "../../mqtt/kept.ts";
import { ConnectError, type Link, PublishDenied } from "../../mqtt/link.ts";
import {
  oddCharacters,
  type TopicList,
  topicListOf,
} from "../../mqtt/topic_list.ts";
import { connectBeside } from "../beside.ts";
import { topicOwner } from "../configured.ts";
import type { Finding } from "./finding.ts";

/** An echo of what was said comes within this time. */
const ECHO_MS = 1_000;

const ELSEWHERE = "not tried, as a controller of this rig is online elsewhere";

/** Does the broker say that one runs where we cannot see it? */
export function isElsewhere(findings: readonly Finding[]): boolean {
  return findings.some(({ found }) => found === ELSEWHERE);
}

/** Connects beside a controller that may run; nothing that it says is disturbed. */
export async function checkBroker(
  config: Config,
  { runs }: {
    /** A controller of this rig runs on this machine. */
    readonly runs: boolean;
  },
): Promise<Finding[]> {
  let link: Link;
  try {
    link = await connectBeside(config, "check");
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return [{ level: "wrong", what: "broker", found: error.message }];
  }
  const answers: Finding = {
    level: "ok",
    what: "broker",
    found: `${config.broker.url} answers (MQTT ${link.protocol})`,
  };
  try {
    return [answers, ...await checkRights(link, config, runs)];
  } catch (error) {
    return [answers, {
      level: "wrong",
      what: "broker",
      found: wordsOf(error),
      advice: "see the broker's log: some end the connection of whoever says " +
        "what he may not; kolikko acl prints the lines that allow it" +
        aboutCharacters(Object.values(config.topics)),
    }];
  } finally {
    await link.close();
  }
}

async function checkRights(
  link: Link,
  config: Config,
  runs: boolean,
): Promise<Finding[]> {
  const list = topicListOf(topicOwner(config));
  const listener = new Listener(link, systemClock);
  const { payloads, denied } = await listener.kept([
    ...list.heard,
    ...list.overheard,
    ...list.written,
    ...list.said,
    ...list.swept,
  ]);
  const own = [...list.written, ...list.said];
  const found = denied.filter(({ topic }) => !own.includes(topic))
    .map(({ topic, reason }): Finding => ({
      level: "wrong",
      what: "may hear",
      found: `${topic}: ${reason}`,
      advice: `allow this user to read it; kolikko acl prints the lines`,
    }));
  found.push(...leftovers(list, payloads, config));
  if (runs) {
    found.push({
      level: "note",
      what: "may say",
      found: "not tried, as the controller runs and is not to be disturbed",
      advice: "its log and statusmsg name each topic that the broker denies",
    });
    return found;
  }
  if (payloads.get(config.topics.availability) === "online") {
    found.push({
      level: "note",
      what: "may say",
      found: ELSEWHERE,
      advice: "it may run in a container here, or on another machine: end " +
        "it, and check again",
    });
    return found;
  }
  const probes = probesOf(list, payloads, config);
  const results = await Promise.all(
    probes.map((probe) => tryToSay(link, listener, probe)),
  );
  const refused = results.flatMap((one) => one ?? []);
  if (refused.length === 0) {
    found.push({
      level: "ok",
      what: "may say",
      found: `all ${probes.length} topics`,
    });
  }
  return [...found, ...refused, ...await hears(listener, list, payloads)];
}

/** What is said to try a right: what is kept there already, or nothing that would stay. */
interface Probe {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

function probesOf(
  { written, said, discovery, heard }: TopicList,
  kept: ReadonlyMap<string, string>,
  { rig, discovery: { prefix } }: Config,
): Probe[] {
  const [device = ""] = discovery;
  // Something may be kept there that this user may not read: it has to stay.
  const same = (topic: string, unknown = ""): Probe => ({
    topic,
    payload: kept.get(topic) ?? unknown,
    retain: kept.has(topic),
  });
  return [
    ...written.map((topic) => same(topic)),
    // An empty one would remove the device.
    same(device, QUESTION),
    same(`${prefix}/sensor/${rig.id}/kolikko_check/config`),
    // What is to be heard has to come back to us.
    ...heard.map((topic) => ({ topic, payload: QUESTION, retain: false })),
    // No event: whoever listens there refuses it.
    ...said.map((topic) => ({ topic, payload: "", retain: false })),
  ];
}

async function tryToSay(
  link: Link,
  listener: Listener,
  { topic, payload, retain }: Probe,
): Promise<Finding | undefined> {
  try {
    await link.publish(topic, payload, { retain });
  } catch (error) {
    if (!(error instanceof PublishDenied)) throw error;
    return denial(topic, "the broker denies it");
  }
  if (link.protocol === "5") return undefined;
  if (await listener.hears(topic, payload, ECHO_MS)) return undefined;
  // MQTT 3.1.1 has no word for "denied": an echo is the only proof.
  return denial(topic, "nothing came back (MQTT 3.1.1 gives no reason)");
}

function denial(topic: string, why: string): Finding {
  return {
    level: "wrong",
    what: "may say",
    found: `${topic}: ${why}`,
    advice: "allow this user to write it; kolikko acl prints the lines" +
      aboutCharacters([topic]),
  };
}

/** RabbitMQ changes a dot and a star, NATS hears nothing at ">" and closes at a space. */
function aboutCharacters(topics: readonly string[]): string {
  const odd = oddCharacters(topics).map(quote);
  if (odd.length === 0) return "";
  return `; or else the broker changes or refuses ${odd.join(" and ")} in ` +
    `topics, as RabbitMQ and NATS do: use letters, digits, _ and - under [topics]`;
}

/** Many brokers take every subscription, and then deliver nothing. */
async function hears(
  listener: Listener,
  { heard, overheard }: TopicList,
  kept: ReadonlyMap<string, string>,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const topic of heard) {
    found.push(
      await listener.hears(topic, QUESTION, ECHO_MS)
        ? { level: "ok", what: "hears", found: topic }
        : {
          level: "wrong",
          what: "hears",
          found: `${topic}: what was said there did not come back`,
          advice: "allow this user to read it; kolikko acl prints the lines" +
            aboutCharacters([topic]),
        },
    );
  }
  for (const status of overheard) {
    if (kept.has(status)) continue;
    found.push({
      level: "note",
      what: "hears",
      found: `${status}: cannot tell, as nothing is kept there`,
      advice: "let Home Assistant keep (retain) its birth and will messages, " +
        "and see that this user may read the topic",
    });
  }
  return found;
}

/** What is kept of what was said to the rig, and what should not be. */
function leftovers(
  { heard }: TopicList,
  kept: ReadonlyMap<string, string>,
  { topics, retainedCommands }: Config,
): Finding[] {
  return heard.flatMap((topic): Finding[] => {
    const word = kept.get(topic);
    if (word === undefined) return [];
    const isObeyed = retainedCommands === "accept" &&
      topic !== topics.requestRestart;
    // So the switch is announced to Home Assistant.
    const isKeptOnPurpose = retainedCommands === "off-only" &&
      topic === topics.command && /^\s*(ON|OFF)\s*$/.test(word);
    if (isKeptOnPurpose) {
      return [{
        level: "ok",
        what: "kept word",
        found: `${topic} keeps a message: ${quote(word)}; OFF is obeyed, ON ` +
          `waits for a fresh one`,
      }];
    }
    return [{
      level: "note",
      what: "left over",
      found: `${topic} keeps a message: ${quote(word)}`,
      advice: isObeyed
        ? "it is obeyed at each start, as retained_commands says"
        : "a thermostat must not retain its words; remove it with kolikko forget --yes",
    }];
  });
}
