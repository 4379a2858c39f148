/** A broker that gives the rig what `kolikko acl` asks for, or a little less. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkBroker } from "../../lib/cli/check/broker.ts";
import { topicOwner } from "../../lib/cli/configured.ts";
import { aclText } from "../../lib/mqtt/acl.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { configFor, lacking, PASSWORD } from "./lacking.ts";
import { Rig, standIn } from "./rig.ts";

mosquittoTest(
  "checkBroker() names the one topic that a rig may not say or hear",
  async () => {
    const rigs = await lacking();
    await using broker = await Mosquitto.start({
      users: Object.fromEntries(rigs.map(({ name }) => [name, PASSWORD])),
      acl: rigs.flatMap(({ acl }) => acl.split("\n")),
    });
    await Promise.all(rigs.map(async ({ name, lacks }) => {
      const config = await configFor(name, broker.port);
      const findings = await checkBroker(config, { runs: false });
      const wrong = findings.filter(({ level }) => level === "wrong");
      if (lacks === "") return assertEquals(wrong, [], name);
      // What nothing is kept on cannot be told from what may not be read.
      const told = lacks === "homeassistant/status"
        ? findings.filter(({ level }) => level === "note")
        : wrong;
      const topic = lacks.replace("+", "sensor").replace(
        "/+/",
        "/kolikko_check/",
      )
        .replace("/#", "/");
      assert(told.length > 0, lacks);
      for (const { found } of told) assertStringIncludes(found, topic);
    }));
  },
);

mosquittoTest(
  "kolikko run has all it needs with what kolikko acl prints",
  async () => {
    const name = "rig";
    const owner = topicOwner(await configFor(name, 1));
    await using broker = await Mosquitto.start({
      users: { rig: PASSWORD, home: PASSWORD },
      acl: [...aclText(owner, name).split("\n"), "user home", "topic #"],
    });
    await using home = await Home.join(broker.port, {
      username: "home",
      password: PASSWORD,
    });
    await using rig = await Rig.start({
      port: broker.port,
      mqtt: [`username = "rig"`, `password = "${PASSWORD}"`],
      commands: [
        standIn("cpu", []),
        `[topics]\nbase = "/rig/heat"\n`,
      ],
      id: "rig",
    });
    await home.until("/rig/heat/status", "OFF");
    await home.until(
      "homeassistant/device/rig/config",
      (text) => text.includes("components"),
    );
    await home.say("/rig/heat", "ON");
    await home.until("/rig/heat/status", "ON");
    await home.until("/rig/heat/command/cpu/state", "running");
    await home.say("/rig/heat", "OFF");
    await home.until("/rig/heat/status", "OFF");
    assert(!rig.log.includes("denies"), rig.log);
  },
);

mosquittoTest(
  "kolikko run names the topic that it may not write",
  async () => {
    const owner = topicOwner(await configFor("rig", 1));
    const lines = aclText(owner, "rig").split("\n")
      .filter((line) => line !== "topic readwrite /rig/heat/problem");
    await using broker = await Mosquitto.start({
      users: { rig: PASSWORD, home: PASSWORD },
      acl: [...lines, "user home", "topic #"],
    });
    await using home = await Home.join(broker.port, {
      username: "home",
      password: PASSWORD,
    });
    await using rig = await Rig.start({
      port: broker.port,
      mqtt: [`username = "rig"`, `password = "${PASSWORD}"`],
      commands: [standIn("cpu", []), `[topics]\nbase = "/rig/heat"\n`],
      id: "rig",
    });
    await home.until(
      "/rig/heat/statusmsg",
      (text) => text.includes("write /rig/heat/problem"),
    );
    await rig.untilLogged("The broker denies a message");
    // It heats all the same.
    await home.say("/rig/heat", "ON");
    await home.until("/rig/heat/status", "ON");
  },
);
