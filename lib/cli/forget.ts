/** `kolikko forget`: takes everything of this rig off the broker. */

import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { wordsOf } from "../core/words.ts";
import { isOurs } from "../mqtt/discovery/changes.ts";
import { deviceTopic } from "../mqtt/discovery/documents.ts";
import { Listener } from "../mqtt/kept.ts";
import { ConnectError, type Link, PublishDenied } from "../mqtt/link.ts";
import { topicListOf } from "../mqtt/topic_list.ts";
import { connectBeside, endSession } from "./beside.ts";
import { configured, topicOwner } from "./configured.ts";
import { takePlace } from "./place.ts";

export interface ForgetOptions {
  readonly config: string | undefined;
  /** Without it nothing is removed. */
  readonly yes: boolean;
  readonly stdout: { readonly write: (text: string) => void };
  readonly stderr: (text: string) => void;
}

/** Removes, or shows what it would remove; returns the exit code. */
export async function forget(options: ForgetOptions): Promise<number> {
  const { stdout, stderr } = options;
  const config = await configured(options.config, stderr);
  if (config === undefined) return 2;
  const place = await takePlace(config.rig.id);
  if (place.kind === "taken") {
    stderr(
      `Cannot forget rig "${config.rig.id}" while its controller runs, as that ` +
        `would say everything again: end it first. ${place.message}`,
    );
    return 1;
  }
  let link: Link;
  try {
    link = await connectBeside(config, "forget");
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    stderr(error.message);
    return 1;
  }
  try {
    return await clear(link, config, options);
  } catch (error) {
    stderr(`Cannot remove everything: ${wordsOf(error)}`);
    return 1;
  } finally {
    await link.close();
    place.leave();
    stdout.write("");
  }
}

async function clear(
  link: Link,
  config: Config,
  { yes, stdout, stderr }: ForgetOptions,
): Promise<number> {
  const owner = topicOwner(config);
  const list = topicListOf(owner);
  const topics = [...list.written, ...list.heard, deviceTopic(owner)];
  const filters = new Set([...topics, ...list.swept, ...list.discovery]);
  const listener = new Listener(link, systemClock);
  const { payloads, denied } = await listener.kept([...filters]);
  for (const { topic, reason } of denied) {
    stderr(`Cannot look at ${topic}: ${reason}; see kolikko acl`);
  }
  const { availability } = config.topics;
  if (yes && payloads.get(availability) === "online") {
    stderr(
      `Cannot forget rig "${config.rig.id}": ${availability} says that its ` +
        `controller is online. It would say everything again: end it first, on ` +
        `whichever machine it runs. If there is none any more, remove that ` +
        `message (mosquitto_pub -r -n -t '${availability}') and try again`,
    );
    return 1;
  }
  let code = denied.length === 0 ? 0 : 1;
  const kept = [...payloads.keys()].filter((topic) =>
    topics.includes(topic) || isOurs(owner, topic)
  );
  for (const topic of kept) {
    if (yes && !await remove(link, topic, stderr)) code = 1;
    else stdout.write(`${yes ? "removed" : "keeps"}  ${topic}`);
  }
  // What this user may not read can be kept all the same.
  const unseen = yes ? topics.filter((topic) => !payloads.has(topic)) : [];
  for (const topic of unseen) {
    if (!await remove(link, topic, stderr)) code = 1;
  }
  if (yes) await endSession(config);
  if (kept.length === 0) {
    stdout.write("The broker keeps nothing of this rig");
  } else if (!yes) {
    stdout.write("Nothing was removed: say kolikko forget --yes");
  }
  return code;
}

/** False if the broker denies it. */
async function remove(
  link: Link,
  topic: string,
  stderr: (text: string) => void,
): Promise<boolean> {
  try {
    await link.publish(topic, "", { retain: true });
    return true;
  } catch (error) {
    if (!(error instanceof PublishDenied)) throw error;
    stderr(`${error.message}; see kolikko acl`);
    return false;
  }
}
