/** What `kolikko check` and `kolikko forget` find on a broker, and leave there. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkBroker } from "../../lib/cli/check/broker.ts";
import { topicOwner } from "../../lib/cli/configured.ts";
import { systemClock } from "../../lib/clock.ts";
import { aclText } from "../../lib/mqtt/acl.ts";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { Listener } from "../../lib/mqtt/kept.ts";
import { CuttableProxy } from "../cuttable_proxy.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { never, settingsFor, within } from "../mqtt_tools.ts";
import { Home } from "./home.ts";
import { configFor, PASSWORD } from "./lacking.ts";

const HOME = { username: "home", password: PASSWORD };
const USERS = { users: { rig: PASSWORD, home: PASSWORD } };

/** Time to connect and to subscribe, and to be in the middle of looking. */
const MIDDLE_MS = 700;

mosquittoTest(
  "checkBroker() says that the broker went away in the middle",
  async () => {
    await using broker = await Mosquitto.start(USERS);
    await using proxy = new CuttableProxy(broker.port);
    const config = await configFor("rig", proxy.port);
    const checking = checkBroker(config, { runs: false });
    await systemClock.sleep(MIDDLE_MS);
    proxy.cut();
    const findings = await within(checking);
    assertEquals(findings.map(({ level }) => level), ["ok", "wrong"]);
    assertStringIncludes(findings[1]?.found ?? "", "ended in the middle");
  },
);

mosquittoTest(
  "Listener does not call a broker empty that went away in the middle",
  async () => {
    await using broker = await Mosquitto.start();
    const link = await createConnect(
      settingsFor(`mqtt://127.0.0.1:${broker.port}`),
      { log: new RecordedLog() },
    )(never());
    const looking = new Listener(link, systemClock).kept(["rig/#"]);
    const failed = looking.then(() => "", (error) => `${error}`);
    await systemClock.sleep(MIDDLE_MS);
    await broker.kill();
    assertStringIncludes(await within(failed), "ended in the middle");
  },
);

mosquittoTest(
  "checkBroker() calls no rig offline when it is broken off",
  async () => {
    await using broker = await Mosquitto.start(USERS);
    await using proxy = new CuttableProxy(broker.port);
    await using home = await Home.join(broker.port, HOME);
    const topic = "/rig/heat/availability";
    await home.say(topic, "online", { retain: true });
    // With MQTT 3.1.1 a will has no delay.
    const config = await configFor("rig", proxy.port);
    const checking = checkBroker({
      ...config,
      broker: { ...config.broker, protocol: "3.1.1" },
    }, { runs: true });
    await systemClock.sleep(MIDDLE_MS);
    proxy.cut();
    await within(checking);
    await systemClock.sleep(300);
    assertEquals(home.payloads(topic), ["online"]);
  },
);

mosquittoTest(
  "checkBroker() removes nothing that it may not read",
  async () => {
    const config = await configFor("rig", 1);
    const lines = aclText(topicOwner(config), "rig").split("\n")
      .map((line) => line.replace("readwrite", "write"));
    await using broker = await Mosquitto.start({
      ...USERS,
      acl: [...lines, "user home", "topic #"],
    });
    await using home = await Home.join(broker.port, HOME);
    const topics = [
      config.topics.status,
      config.topics.statusmsg,
      `${config.topics.commandBase}/cpu/state`,
      "homeassistant/device/rig/config",
    ];
    for (const topic of topics) await home.say(topic, "x", { retain: true });
    await checkBroker(await configFor("rig", broker.port), { runs: false });
    await using late = await Home.join(broker.port, HOME);
    for (const topic of topics) await late.until(topic, "x", 1_000);
  },
);

mosquittoTest(
  "checkBroker() says nothing in the name of a rig that is online elsewhere",
  async () => {
    await using broker = await Mosquitto.start(USERS);
    await using home = await Home.join(broker.port, HOME);
    const config = await configFor("rig", broker.port);
    const { status, availability } = config.topics;
    await home.say(availability, "online", { retain: true });
    await home.say(status, "OFF", { retain: true });
    const checking = checkBroker(config, { runs: false });
    await systemClock.sleep(MIDDLE_MS);
    await home.say(status, "ON", { retain: true });
    const findings = await checking;
    assertEquals(home.latest(status), "ON");
    assertEquals(findings.map(({ level }) => level), ["ok", "note"]);
    assertStringIncludes(findings[1]?.found ?? "", "online elsewhere");
  },
);

mosquittoTest(
  "checkBroker() finds all well with MQTT 3.1.1, with what kolikko acl prints",
  async () => {
    const acl = aclText(topicOwner(await configFor("rig", 1)), "rig");
    await using broker = await Mosquitto.start({
      ...USERS,
      acl: acl.split("\n"),
    });
    const config = await configFor("rig", broker.port);
    const findings = await checkBroker({
      ...config,
      broker: { ...config.broker, protocol: "3.1.1" },
    }, { runs: false });
    assertEquals(findings.filter(({ level }) => level === "wrong"), []);
  },
);

mosquittoTest(
  "checkBroker() names all that is kept where the rig is spoken to",
  async () => {
    await using broker = await Mosquitto.start(USERS);
    await using home = await Home.join(broker.port, HOME);
    const config = await configFor("rig", broker.port);
    const { levelSet, requestRestart } = config.topics;
    await home.say(levelSet, "4\u001b[2J", { retain: true });
    await home.say(requestRestart, "PRESS", { retain: true });
    const findings = await checkBroker(config, { runs: true });
    assertEquals(
      findings.filter(({ what }) => what === "left over")
        .map(({ found }) => found),
      [
        `${levelSet} keeps a message: "4\\u{1b}[2J"`,
        `${requestRestart} keeps a message: "PRESS"`,
      ],
    );
  },
);
