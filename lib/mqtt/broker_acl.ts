/** The rights of a rig, as each kind of broker wants them written. Pure. */

import { aclText, type Right, rightsOf } from "./acl.ts";
import type { TopicOwner } from "./topic_list.ts";

/** Kinds of brokers whose access lists are known; the first one is the usual. */
export const ACL_BROKERS = [
  "mosquitto",
  "rabbitmq",
  "nats",
  "emqx",
  "hivemq",
] as const;

/** One of them. */
export type AclBroker = typeof ACL_BROKERS[number];

/** What its administrator enters; without a user it is for the one that is called as the rig. */
export function brokerAclText(
  broker: AclBroker,
  owner: TopicOwner,
  user: string | undefined,
): string {
  const rights = rightsOf(owner);
  const name = user ?? owner.rig.id;
  switch (broker) {
    case "mosquitto":
      return aclText(owner, user);
    case "rabbitmq":
      return rabbitmq(rights, name, owner.rig.id);
    case "nats":
      return nats(rights, name);
    case "emqx":
      return emqx(rights, name);
    case "hivemq":
      return hivemq(rights, name);
  }
}

/** What may be read, or written. */
function filters(
  rights: readonly Right[],
  what: "read" | "write",
): readonly string[] {
  const some = rights.filter(({ access }) => access.includes(what));
  return some.map(({ filter }) => filter);
}

/** For rabbitmqctl; a session is a queue, named after the client. */
function rabbitmq(
  rights: readonly Right[],
  user: string,
  id: string,
): string {
  const queue = `mqtt-subscription-${escaped(id)}.*`;
  const both = quoted(`^(amq\\.topic|${queue})$`);
  const pattern = (what: "read" | "write") =>
    quoted(`^(${filters(rights, what).map(routingPattern).join("|")})$`);
  return [
    `# KolikkoControl, rig "${id}": for RabbitMQ, in a shell of its machine`,
    "# (another virtual host than / behind -p; tried with RabbitMQ 3.10)",
    `rabbitmqctl set_permissions -p / ${quoted(user)} ${
      quoted(`^${queue}$`)
    } ${both} ${both}`,
    `rabbitmqctl set_topic_permissions -p / ${quoted(user)} amq.topic ${
      pattern("write")
    } ${pattern("read")}`,
    "# RabbitMQ takes a . in a topic for a /: use none in [topics] and in names.",
  ].join("\n");
}

/** A filter as a pattern of AMQP's routing keys, in which a level ends with a dot. */
function routingPattern(filter: string): string {
  return filter.split("/").map((level, index) => {
    const dot = index === 0 ? "" : "\\.";
    if (level === "#") return index === 0 ? ".*" : "(\\..*)?";
    return dot + (level === "+" ? "[^.]+" : escaped(level));
  }).join("");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A part of nats-server's configuration. */
function nats(rights: readonly Right[], user: string): string {
  const list = (subjects: readonly string[]) =>
    subjects.map((one) => `          ${JSON.stringify(one)}`).join("\n");
  const subjects = (what: "read" | "write") =>
    filters(rights, what).flatMap(subjectsOf);
  return [
    "# KolikkoControl: one of the users in the configuration of NATS",
    "authorization {",
    "  users = [",
    "    {",
    `      user: ${JSON.stringify(user)}`,
    `      password: "..."`,
    "      permissions {",
    "        publish { allow: [",
    list(subjects("write")),
    "        ] }",
    "        subscribe { allow: [",
    "          # where NATS keeps what waits for a session",
    list(["$MQTT.sub.>", ...subjects("read")]),
    "        ] }",
    "      }",
    "    }",
    "  ]",
    "}",
    "# NATS does not take a space, and not every version a dot in a topic.",
  ].join("\n");
}

/** A level of MQTT may be empty, a token of NATS may not; and "#" is the level above as well. */
function subjectsOf(filter: string): readonly string[] {
  const tokens = filter.split("/").map((level) => {
    if (level === "+") return "*";
    if (level === "#") return ">";
    return level === "" ? "/" : level.replaceAll(".", "//");
  });
  const above = tokens.at(-1) === ">" ? [tokens.slice(0, -1).join(".")] : [];
  return [...above, tokens.join(".")];
}

/** Lines of acl.conf, to stand above the last rule. */
function emqx(rights: readonly Right[], user: string): string {
  const who = `{user, ${JSON.stringify(user)}}`;
  const lines = (verb: string, what: "read" | "write") =>
    filters(rights, what).map((filter) =>
      `{allow, ${who}, ${verb}, [${JSON.stringify(filter)}]}.`
    );
  return [
    "%% KolikkoControl: for acl.conf of EMQX, above its last rule (as its manual says; not tried)",
    ...lines("subscribe", "read"),
    ...lines("publish", "write"),
  ].join("\n");
}

/** A role of HiveMQ's File RBAC extension. */
function hivemq(rights: readonly Right[], user: string): string {
  const activity = {
    read: "SUBSCRIBE",
    write: "PUBLISH",
    readwrite: "ALL",
  };
  return [
    "<!-- KolikkoControl: for credentials.xml of HiveMQ's File RBAC extension (as its manual says; not tried). -->",
    `<!-- In <users>: <user><name>${xml(user)}</name><password>...</password>` +
    `<roles><id>kolikko</id></roles></user> -->`,
    "<role>",
    "  <id>kolikko</id>",
    "  <permissions>",
    ...rights.flatMap(({ access, filter }) => [
      "    <permission>",
      `      <topic>${xml(filter)}</topic>`,
      `      <activity>${activity[access]}</activity>`,
      "    </permission>",
    ]),
    "  </permissions>",
    "</role>",
  ].join("\n");
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
