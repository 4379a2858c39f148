/** How to get from what a broker keeps of a rig to what it should keep. Pure. */

import type { Topics } from "../../core/topics.ts";
import {
  type Announced,
  deviceTopic,
  type Documents,
  documentsOf,
  singleFilter,
} from "./documents.ts";

/** A document, or what removes or moves one, and its topic. */
export type Change = readonly [topic: string, payload: string];

/** What must be taken one after the other, in itself too; each step is empty, or waited for. */
export interface Steps {
  readonly prepare: readonly Change[];
  readonly wanted: Documents;
  readonly remove: readonly Change[];
}

/** Tells Home Assistant that an entity stays although its document goes. */
const MIGRATE = JSON.stringify({ migrate_discovery: true });

/** The subscriptions that show what is kept. */
export function keptFilters(
  { prefix, rig, topics }: Pick<Announced, "prefix" | "rig" | "topics">,
): readonly string[] {
  return [
    deviceTopic({ prefix, rig }),
    singleFilter({ prefix, rig }),
    `${topics.commandBase}/#`,
  ];
}

/** What is kept, and not empty, by topic. */
export type Kept = ReadonlyMap<string, string>;

/** First what prepares, then the documents, then what removes. */
export function stepsOf(announced: Announced, kept: Kept): Steps {
  const wanted = documentsOf(announced);
  const device = deviceTopic(announced);
  const old = [...kept.keys()].filter((topic) =>
    isDiscovery(announced, topic) && !wanted.has(topic)
  );
  const stay = keysIn(announced, wanted);
  // An entity that changes its form keeps its name and history. One that is
  // told so and does not come again would stay in Home Assistant for ever.
  const moves = announced.mode === "off"
    ? []
    : old.filter((topic) => topic === device || stay.has(keyIn(topic)));
  const leaving = announced.mode === "off"
    ? undefined
    : without(kept.get(device), stay, wanted.get(device));
  const gone = [...old, ...strangers(announced, kept)];
  return {
    prepare: [
      ...leaving === undefined ? [] : [[device, leaving] as const],
      ...moves.map((topic) => [topic, MIGRATE] as const),
    ],
    wanted,
    remove: gone.map((topic) => [topic, ""] as const),
  };
}

/** The keys of all entities in documents of either form. */
export function keysIn(
  announced: Pick<Announced, "prefix" | "rig">,
  documents: Documents,
): ReadonlySet<string> {
  const singles = [...documents.keys()]
    .filter((topic) => isSingle(announced, topic));
  const device = documents.get(deviceTopic(announced));
  return new Set([...Object.keys(componentsIn(device)), ...singles.map(keyIn)]);
}

/** Of what the filters show: nothing but what a rig publishes itself is its own to remove. */
export function isOurs(
  place: Pick<Announced, "prefix" | "rig" | "topics">,
  topic: string,
): boolean {
  return isDiscovery(place, topic) ||
    commandIn(place.topics, topic) !== undefined;
}

function isDiscovery(
  announced: Pick<Announced, "prefix" | "rig">,
  topic: string,
): boolean {
  return topic === deviceTopic(announced) || isSingle(announced, topic);
}

function isSingle(
  { prefix, rig }: Pick<Announced, "prefix" | "rig">,
  topic: string,
): boolean {
  const levels = topic.slice(prefix.length + 1).split("/");
  return topic.startsWith(`${prefix}/`) && levels.length === 4 &&
    levels[0] !== "device" && levels[1] === rig.id && levels[3] === "config";
}

/** The key of the entity whose document this is. */
function keyIn(topic: string): string {
  return topic.split("/").at(-2) ?? "";
}

/**
 * A device document with the entities that go reduced to their platform, which
 * removes them; undefined if none goes. Without a new one it is the old one.
 */
function without(
  before: string | undefined,
  stay: ReadonlySet<string>,
  after = before,
): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  const go = Object.entries(componentsIn(before))
    .filter(([key]) => !stay.has(key))
    .map(([key, body]) => [key, { platform: platformIn(body) }]);
  if (go.length === 0) return undefined;
  const rest = Object.entries(componentsIn(after))
    .filter(([key]) => stay.has(key));
  const document: unknown = JSON.parse(after);
  return JSON.stringify({
    ...Object(document),
    components: Object.fromEntries([...rest, ...go]),
  });
}

/** What commands that are configured no more have left. */
function strangers({ topics, features }: Announced, kept: Kept): string[] {
  const { hashrate, accepted, command, status, statusmsg } = topics;
  const own = new Set([hashrate, accepted, command, status, statusmsg]);
  const names = new Set(features.commands.map(({ name }) => name));
  return [...kept.keys()].filter((topic) => {
    if (own.has(topic)) return false;
    const name = commandIn(topics, topic);
    return name !== undefined && !names.has(name);
  });
}

/** Of which command this topic tells, if it is one of those that are published. */
function commandIn({ commandBase }: Topics, topic: string): string | undefined {
  if (!topic.startsWith(`${commandBase}/`)) return undefined;
  const [name, what = "state", ...more] = topic
    .slice(commandBase.length + 1).split("/");
  return more.length === 0 && ["state", "hashrate", "accepted"].includes(what)
    ? name
    : undefined;
}

/** Anybody may have left anything there. */
function componentsIn(
  document: string | undefined,
): Readonly<Record<string, unknown>> {
  const parsed = parse(document ?? "");
  const components = parsed["components"];
  return typeof components === "object" && components !== null
    ? { ...components }
    : {};
}

function platformIn(body: unknown): string {
  const platform = typeof body === "object" && body !== null
    ? Reflect.get(body, "platform")
    : undefined;
  return typeof platform === "string" ? platform : "sensor";
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
