/** What a broker keeps for Home Assistant. */

import { assert, assertEquals } from "@std/assert";
import { complaintsOf } from "../mqtt/home_assistant_rules.ts";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { BASE } from "./proof.ts";
import { freePort, miner, valueIn } from "./read_rig.ts";
import { Rig, standIn, USUAL, wayTest } from "./rig.ts";

/** What a subscriber finds who comes after the fact. */
async function kept(port: number): Promise<Map<string, string>> {
  await using home = await Home.join(port);
  await home.until(`${BASE}/availability`, () => true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return new Map(
    home.seen.filter(({ retain }) => retain)
      .map(({ topic, payload }) => [topic, payload]),
  );
}

wayTest(
  USUAL,
  "kolikko run leaves on the broker what Home Assistant needs, and nothing old",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: broker.port,
      commands: [
        miner("gpu", { api: "gminer", port: freePort() }),
        standIn("cpu", []),
      ],
    });
    const device = `homeassistant/device/${rig.id}/config`;
    await home.until(device, (text) => text.includes("components"));
    await home.say(BASE, "ON");
    await home.until(`${BASE}/command/gpu/hashrate`, (text) => text !== "0");
    const found = await kept(broker.port);
    const document = found.get(device) ?? "";
    assertEquals(complaintsOf(device, document, "homeassistant"), []);
    const components = Object(valueIn(document, "components"));
    // Every topic that is announced is there, for whoever comes later.
    for (const body of Object.values(components)) {
      const topic: unknown = Reflect.get(Object(body), "state_topic");
      // What happened is told once, and never kept.
      const isEvent = Reflect.get(Object(body), "platform") === "event";
      if (topic !== undefined) {
        assertEquals(found.has(`${topic}`), !isEvent, `${topic}`);
      }
    }
    // As Home Assistant does it when its owner deletes the device.
    await home.say(device, "", { retain: true });
    await home.until(
      `${BASE}/statusmsg`,
      (text) => text.includes("Somebody removed this rig"),
    );
    assertEquals(home.latest(device), "");
    await home.say(BASE, "ON");
    await home.until(device, document);
    await home.until(`${BASE}/statusmsg`, "OK");
    const since = valueIn(found.get(`${BASE}/telemetry`), "heating_since");
    assert(!Number.isNaN(Date.parse(`${since}`)), `${since}`);
    rig.signal("SIGTERM");
    await rig.ended();
    const file = `${rig.dir}/kolikko.toml`;
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replace('name = "cpu"', 'name = "new"') +
        '\n[homeassistant]\ndiscovery = "single"\n',
    );
    await using _again = rig.again();
    const heat = `homeassistant/switch/${rig.id}/heat/config`;
    await home.until(heat, (text) => text.includes("command_topic"));
    await home.until(device, "");
    for (const what of ["", "/state", "/hashrate", "/accepted"]) {
      await home.until(`${BASE}/command/cpu${what}`, "");
    }
    const after = await kept(broker.port);
    assertEquals(after.has(device), false);
    assertEquals([...after.keys()].filter((one) => one.includes("cpu")), []);
    for (const [topic, payload] of after) {
      if (!topic.startsWith("homeassistant/")) continue;
      assertEquals(complaintsOf(topic, payload, "homeassistant"), [], topic);
    }
  },
);
