/** The lines of Mosquitto's access list that a rig needs: no more, no less. Pure. */

import { topicListOf, type TopicOwner } from "./topic_list.ts";

/** One right to one topic, or to what a filter covers. */
export interface Right {
  readonly access: "read" | "write" | "readwrite";
  readonly filter: string;
  /** For whoever reads the list. */
  readonly why: string;
}

/** All rights of a rig. */
export function rightsOf(owner: TopicOwner): Right[] {
  const { topics } = owner;
  const list = topicListOf(owner);
  const below = `${topics.commandBase}/`;
  const right = (
    access: Right["access"],
    filter: string,
    why: string,
  ): Right => ({ access, filter, why });
  return [
    right(
      "readwrite",
      topics.command,
      "the thermostat's word; the rig asks itself here whether it hears",
    ),
    right(
      "readwrite",
      topics.levelSet,
      "the level; the same",
    ),
    right("readwrite", topics.requestRestart, "a fresh start; the same"),
    ...list.overheard.map((topic) =>
      right("read", topic, "is Home Assistant online?")
    ),
    ...[...list.said, ...list.written]
      .filter((topic) => !topic.startsWith(below))
      .map((topic, index) =>
        right(
          "readwrite",
          topic,
          index === 0 ? "what the rig says; check and forget look at it" : "",
        )
      ),
    right("readwrite", `${below}#`, "each command, and what old ones left"),
    ...list.discovery.map((filter) =>
      right("readwrite", filter, "how Home Assistant finds the rig")
    ),
  ];
}

/** As they stand in the file; without a user they are for whoever has no name. */
export function aclText(owner: TopicOwner, user: string | undefined): string {
  const rights = rightsOf(owner);
  const { topics } = owner;
  const base = topics.commandBase.replace(/\/command$/, "");
  const elsewhere = topicListOf(owner).written
    .filter((topic) => !topic.startsWith(`${base}/`));
  return [
    `# KolikkoControl, rig "${owner.rig.id}"`,
    ...user === undefined ? [] : [`user ${user}`],
    // Anything behind a topic would be a part of it.
    ...rights.flatMap(({ access, filter, why }) => [
      ...why === "" ? [] : [`# ${why}`],
      `topic ${access} ${filter}`,
    ]),
    "",
    "# Home Assistant's own user needs, beside its other rights:",
    `#   topic write ${topics.command}`,
    `#   topic write ${topics.levelSet}`,
    `#   topic write ${topics.requestRestart}`,
    `#   topic read ${base}/#`,
    ...elsewhere.map((topic) => `#   topic read ${topic}`),
    `#   topic read ${owner.prefix}/#`,
    `#   topic write ${topics.thermostatStatus}`,
    "# and, so that the rig notices when its owner deletes it there:",
    ...topicListOf(owner).discovery.map((topic) => `#   topic write ${topic}`),
  ].join("\n");
}
