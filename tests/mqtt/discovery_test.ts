import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { stepsOf } from "../../lib/mqtt/discovery/changes.ts";
import {
  type Announced,
  type DiscoveryMode,
  documentsOf,
} from "../../lib/mqtt/discovery/documents.ts";
import { featuresOf } from "../../lib/mqtt/discovery/features.ts";
import { topicsBelow } from "../fakes/topics.ts";
import { complaintsOf } from "./home_assistant_rules.ts";

const TOPICS = topicsBelow("/kolikko1/heat");

function announced(some: Partial<Announced> = {}): Announced {
  return {
    mode: "device",
    prefix: "homeassistant",
    rig: { id: "kolikko1", name: "Kolikko 1" },
    version: "1.0.0",
    topics: TOPICS,
    retainedCommands: "off-only",
    features: {
      commands: [{ name: "xmrig", isRead: true }],
      power: true,
      temperature: true,
    },
    ...some,
  };
}

/** Every combination of what a rig can deliver, in either form, with names that are hard to bear. */
function* allAnnounced(): Generator<Announced> {
  const rigs = [
    { id: "kolikko1", name: "Kolikko 1" },
    { id: "Rig-2_b", name: `"Käse" \\ 矿 {{ x }}` },
  ];
  const names = [["xmrig"], ["a", "B-2", "c_3"]];
  for (const mode of ["device", "single", "off"] as const) {
    for (const rig of rigs) {
      for (const some of names) {
        for (let bits = 0; bits < 8; bits += 1) {
          const commands = some.map((name, index) => ({
            name,
            isRead: (bits & 1) > 0 && index % 2 === 0,
          }));
          const power = (bits & 2) > 0;
          const temperature = (bits & 4) > 0;
          const features = { commands, power, temperature };
          yield announced({ mode, rig, features, prefix: "ha/disc" });
        }
      }
    }
  }
}

function bodies(one: Announced): Record<string, unknown>[] {
  return [...documentsOf(one).values()].flatMap((text) => {
    const document = JSON.parse(text);
    return one.mode === "device"
      ? Object.values(document.components)
      : [document];
  });
}

Deno.test("documentsOf() makes nothing that Home Assistant would refuse", () => {
  let seen = 0;
  for (const one of allAnnounced()) {
    for (const [topic, payload] of documentsOf(one)) {
      seen += 1;
      assertEquals(complaintsOf(topic, payload, one.prefix), [], topic);
    }
    const all = bodies(one);
    const ids = all.map(({ unique_id }) => unique_id);
    assertEquals(new Set(ids).size, ids.length);
    const entities = all.map(({ default_entity_id }) => default_entity_id);
    assertEquals(new Set(entities).size, entities.length);
  }
  assert(seen > 200);
});

Deno.test("documentsOf() says the same of each entity in either form", () => {
  for (const one of allAnnounced()) {
    if (one.mode !== "device") continue;
    const plain = (mode: DiscoveryMode) =>
      bodies({ ...one, mode }).map((body) => {
        const { platform: _, device: _d, origin: _o, qos: _q, ...rest } = body;
        return { availability: [{ topic: TOPICS.availability }], ...rest };
      });
    assertEquals(plain("device"), plain("single"));
  }
});

Deno.test("documentsOf() announces the heat switch that generic_thermostat needs", () => {
  const [text = ""] = documentsOf(announced()).values();
  const { components, ...root } = JSON.parse(text);
  assertEquals([...documentsOf(announced()).keys()], [
    "homeassistant/device/kolikko1/config",
  ]);
  assertEquals(components.heat, {
    platform: "switch",
    unique_id: "kolikko1_heat",
    default_entity_id: "switch.kolikko1_heat",
    object_id: "kolikko1_heat",
    name: null,
    icon: "mdi:radiator",
    device_class: "switch",
    command_topic: "/kolikko1/heat",
    state_topic: "/kolikko1/heat/status",
    payload_on: "ON",
    payload_off: "OFF",
    optimistic: false,
    retain: true,
  });
  assertEquals(root.availability, [{ topic: "/kolikko1/heat/availability" }]);
  assertEquals(root.device.identifiers, ["kolikko1"]);
});

Deno.test("documentsOf() lets the broker keep the switch's words where a kept ON does not count", () => {
  const retains = (retainedCommands: Announced["retainedCommands"]) =>
    bodies(announced({ retainedCommands })).flatMap((body) =>
      body["retain"] === true ? [body["unique_id"]] : []
    );
  assertEquals(retains("off-only"), ["kolikko1_heat"]);
  assertEquals(retains("accept"), []);
  assertEquals(retains("ignore"), []);
});

Deno.test("documentsOf() lets no command expire: an OFF counts whatever its age", () => {
  for (const one of allAnnounced()) {
    for (const body of bodies(one)) {
      assertEquals("message_expiry_interval" in body, false);
    }
  }
});

Deno.test("documentsOf() announces only what the rig can deliver", () => {
  const keys = (features: Announced["features"]) =>
    Object.keys(
      JSON.parse([...documentsOf(announced({ features })).values()][0] ?? "{}")
        .components,
    );
  const none = keys({
    commands: [{ name: "a", isRead: false }],
    power: false,
    temperature: false,
  });
  assertEquals(none, [
    "heat",
    "level",
    "effective",
    "heating_since",
    "message",
    "problem",
    "connection",
    "restart",
    "event",
    "a_running",
    "a_state",
  ]);
  const all = keys({
    commands: [{ name: "a", isRead: true }],
    power: true,
    temperature: true,
  });
  assertEquals(all.filter((key) => !none.includes(key)), [
    "hashrate",
    "accepted",
    "rejected",
    "power",
    "energy",
    "temperature",
    "a_hashrate",
    "a_accepted",
  ]);
});

Deno.test("featuresOf() knows power by what is configured or was told", () => {
  const of = (watts: number | undefined, tells = false) =>
    featuresOf([{ name: "a", watts }], {
      reads: [],
      tells: { power: tells, temperature: tells },
    });
  assertEquals([of(undefined).power, of(120).power], [false, true]);
  assertEquals(of(undefined, true), {
    commands: [{ name: "a", isRead: false }],
    power: true,
    temperature: true,
  });
});

/** The three steps as lists of topics and what is said there. */
function steps(one: Announced, kept: Readonly<Record<string, string>>) {
  const { prepare, wanted, remove } = stepsOf(
    one,
    new Map(Object.entries(kept)),
  );
  return [prepare, [...wanted], remove].map((step) =>
    step.map(([topic, payload]) => `${topic} ${payload}`)
  );
}

const DEVICE = "homeassistant/device/kolikko1/config";
const SINGLE = "homeassistant/switch/kolikko1/heat/config";
const MIGRATE = `{"migrate_discovery":true}`;

Deno.test("stepsOf() moves a rig from one form to the other, and back", () => {
  const [first, wanted, last] = steps(announced(), { [SINGLE]: "{}" });
  assertEquals([first, last], [[`${SINGLE} ${MIGRATE}`], [`${SINGLE} `]]);
  assertEquals(wanted?.length, 1);
  const back = steps(announced({ mode: "single" }), { [DEVICE]: "{}" });
  assertEquals([back[0], back[2]], [[`${DEVICE} ${MIGRATE}`], [`${DEVICE} `]]);
});

Deno.test("stepsOf() removes all if discovery is off, and nothing of others", () => {
  const others = {
    "homeassistant/device/kolikko2/config": "{}",
    "homeassistant/switch/kolikko2/heat/config": "{}",
    "homeassistant/switch/kolikko1/config": "{}",
    "/kolikko1/heat/status": "OFF",
    "/kolikko1/heat/command/hashrate": "0",
    "/kolikko1/heat/command/xmrig/state": "stopped",
    "/kolikko1/heat/command/xmrig/of/somebody": "x",
    "/kolikko1/heat/command/old/else": "x",
  };
  const kept = { ...others, [DEVICE]: "{}", [SINGLE]: "{}" };
  assertEquals(steps(announced({ mode: "off" }), kept), [
    [],
    [],
    [`${DEVICE} `, `${SINGLE} `],
  ]);
  assertEquals(steps(announced({ mode: "off" }), others), [[], [], []]);
});

Deno.test("stepsOf() removes what a command left that is configured no more", () => {
  const old = announced({
    features: {
      commands: [{ name: "old", isRead: true }],
      power: true,
      temperature: true,
    },
  });
  const [document = ""] = documentsOf(old).values();
  const base = "/kolikko1/heat/command/old";
  const [first = [], , last] = steps(announced(), {
    [DEVICE]: document,
    [base]: "{}",
    [`${base}/state`]: "stopped",
    [`${base}/hashrate`]: "0",
    [`${base}/accepted`]: "0",
  });
  assertEquals(last, [
    `${base} `,
    `${base}/state `,
    `${base}/hashrate `,
    `${base}/accepted `,
  ]);
  assertEquals(first.length, 1);
  const reduced = JSON.parse((first[0] ?? "").slice(DEVICE.length + 1));
  assertEquals(reduced.components.old_running, { platform: "binary_sensor" });
  assertEquals(reduced.components.old_state, { platform: "sensor" });
  assertEquals(reduced.components.heat.platform, "switch");
});

Deno.test("stepsOf() removes the entities of a command that is gone, in either form", () => {
  const gone = "homeassistant/sensor/kolikko1/old_state/config";
  const kept = { [SINGLE]: "{}", [gone]: "{}" };
  const [first, , last] = steps(announced(), kept);
  // What is told to move and does not come again would never be removed.
  assertEquals(first, [`${SINGLE} ${MIGRATE}`]);
  assertEquals(last, [`${SINGLE} `, `${gone} `]);
  const [none, , rest] = steps(announced({ mode: "single" }), kept);
  assertEquals([none, rest], [[], [`${gone} `]]);
});

Deno.test("stepsOf() removes the entities of a command that is gone before the rest moves", () => {
  const commands = [{ name: "old", isRead: true }];
  const old = announced({
    features: { commands, power: true, temperature: true },
  });
  const [document = ""] = documentsOf(old).values();
  const [first = []] = steps(announced({ mode: "single" }), {
    [DEVICE]: document,
  });
  assertEquals(first.length, 2);
  assertEquals(first[1], `${DEVICE} ${MIGRATE}`);
  const { device, components } = JSON.parse(
    (first[0] ?? "").slice(DEVICE.length + 1),
  );
  assertEquals(device, JSON.parse(document).device);
  assertEquals(components.old_running, { platform: "binary_sensor" });
  assertEquals(components.heat, JSON.parse(document).components.heat);
});

Deno.test("stepsOf() bears whatever stands where its document should", () => {
  for (const strange of ["", "null", "5", "[]", "{", `{"components":5}`]) {
    const [first, wanted, last] = steps(announced(), { [DEVICE]: strange });
    assertEquals([first, wanted?.length, last], [[], 1, []]);
  }
});

Deno.test("complaintsOf() finds what Home Assistant would refuse", () => {
  const [text = ""] = documentsOf(announced()).values();
  const broken: [string, string, string][] = [
    [`"identifiers"`, `"ids2"`, "extra key ids2 of device"],
    [`"origin"`, `"orign"`, "extra key orign of root"],
    [`"unit_of_measurement":"W"`, `"unit_of_measurement":"H/s"`, "unit H/s"],
    [`"platform":"switch"`, `"platform":"swich"`, "unknown platform"],
    [`"state_topic":"/kolikko1/heat/status"`, `"x_topic":"a"`, "unknown key"],
    [`"unique_id":"kolikko1_heat"`, `"uniq":1`, "no unique_id"],
    [`"device_class":"enum"`, `"device_class":"text"`, "device_class text"],
  ];
  for (const [from, to, complaint] of broken) {
    const wrong = text.replace(from, to);
    assert(wrong !== text, from);
    const found = complaintsOf(DEVICE, wrong, "homeassistant").join("\n");
    assertStringIncludes(found, complaint);
  }
});
