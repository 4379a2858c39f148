import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readArguments } from "../../lib/cli/arguments.ts";
import { brokerAclText } from "../../lib/mqtt/broker_acl.ts";
import { topicsBelow } from "../fakes/topics.ts";

const OWNER = {
  topics: topicsBelow("/k/heat"),
  prefix: "homeassistant",
  rig: { id: "k", name: "K" },
  names: ["cpu"],
};

Deno.test("brokerAclText() gives RabbitMQ patterns of routing keys, no more and no less", () => {
  const line = brokerAclText("rabbitmq", OWNER, "rig").split("\n")
    .find((one) => one.includes("set_topic_permissions")) ?? "";
  const [, write = "", read = ""] =
    line.match(/amq\.topic '([^']*)' '([^']*)'$/) ?? [];
  const may = (pattern: string, key: string) => new RegExp(pattern).test(key);
  for (const key of [".k.heat", ".k.heat.command.cpu.state"]) {
    assert(may(write, key) && may(read, key), key);
  }
  assert(may(read, "homeassistant.*.k.*.config"));
  assert(may(read, ".k.heat.command.#"));
  assert(may(write, "homeassistant.sensor.k.power.config"));
  assert(
    may(read, "homeassistant.status") && !may(write, "homeassistant.status"),
  );
  for (
    const key of [
      "#",
      ".k.heater",
      "xk.heat",
      "homeassistant.sensor.other.x.config",
    ]
  ) {
    assert(!may(write, key) && !may(read, key), key);
  }
});

Deno.test("brokerAclText() gives NATS subjects", () => {
  const text = brokerAclText("nats", OWNER, "rig");
  for (
    const subject of [
      "/.k.heat",
      "/.k.heat.command",
      "/.k.heat.command.>",
      "homeassistant.*.k.*.config",
      "$MQTT.sub.>",
    ]
  ) assertStringIncludes(text, `"${subject}"`);
  const publish = text.slice(0, text.indexOf("subscribe {"));
  assert(!publish.includes("homeassistant.status"));
});

Deno.test("brokerAclText() gives EMQX terms and HiveMQ a role", () => {
  const emqx = brokerAclText("emqx", OWNER, "rig");
  assertStringIncludes(
    emqx,
    `{allow, {user, "rig"}, subscribe, ["homeassistant/status"]}.`,
  );
  assert(!emqx.includes(`publish, ["homeassistant/status"]`));
  const hivemq = brokerAclText("hivemq", OWNER, undefined);
  assertStringIncludes(hivemq, "<name>k</name>");
  assertStringIncludes(
    hivemq.replace(/\s+/g, ""),
    "<topic>homeassistant/status</topic><activity>SUBSCRIBE</activity>",
  );
});

Deno.test("readArguments() reads the kind of the broker for acl, Mosquitto if none is named", () => {
  const read = (...args: string[]) => readArguments(args, "1");
  const acl = { kind: "acl", config: undefined } as const;
  assertEquals(read("acl"), { ...acl, broker: "mosquitto" });
  assertEquals(read("acl", "--broker", "nats"), { ...acl, broker: "nats" });
  const wrong = read("acl", "--broker", "smtp");
  assert(wrong.kind === "wrong");
  assertStringIncludes(wrong.message, `"smtp"`);
  assertEquals(read("check", "--broker", "nats").kind, "wrong");
});
