/** One life of a rig on brokers that are not Mosquitto, with the rights that `kolikko acl` prints. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkBroker } from "../../lib/cli/check/broker.ts";
import { topicOwner } from "../../lib/cli/configured.ts";
import { systemClock } from "../../lib/clock.ts";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { Listener } from "../../lib/mqtt/kept.ts";
import { brokerAclText } from "../../lib/mqtt/broker_acl.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { never, settingsFor } from "../mqtt_tools.ts";
import { Nats, natsPath } from "../nats.ts";
import { RabbitMq, rabbitmqPath } from "../rabbitmq.ts";
import { Home } from "./home.ts";
import { configFor, PASSWORD } from "./lacking.ts";
import { Rig, standIn } from "./rig.ts";

/** ON, OFF, states that are kept, and the last words. */
async function liveOn(port: number): Promise<void> {
  await using home = await Home.join(port, {
    username: "home",
    password: PASSWORD,
  });
  {
    await using rig = await Rig.start({
      port,
      mqtt: [`username = "rig"`, `password = "${PASSWORD}"`],
      commands: [standIn("cpu", []), `[topics]\nbase = "/boiler/heat"\n`],
      id: "boiler",
    });
    await home.until("/boiler/heat/availability", "online");
    await home.until("/boiler/heat/status", "OFF");
    await home.until(
      "homeassistant/device/boiler/config",
      (text) => text.includes("components"),
    );
    await home.say("/boiler/heat", "ON");
    await home.until("/boiler/heat/status", "ON");
    await home.until("/boiler/heat/command/cpu/state", "running");
    await home.say("/boiler/heat", "OFF");
    await home.until("/boiler/heat/status", "OFF");
    rig.signal("SIGTERM");
    await home.until("/boiler/heat/availability", "offline");
    await rig.ended();
    assert(!/denies|ended the connection/.test(rig.log), rig.log);
    assert(!rig.log.includes("Lost the broker"), rig.log);
  }
  assertEquals(
    await kept(port, ["/boiler/heat/status", "/boiler/heat/availability"]),
    [
      "OFF",
      "offline",
    ],
  );
}

/** What the broker keeps there; RabbitMQ tells that of no wildcard. */
async function kept(
  port: number,
  topics: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const settings = settingsFor(`mqtt://127.0.0.1:${port}`, {
    clientId: "late",
    username: "home",
    password: PASSWORD,
    protocol: "3.1.1",
    sessionMs: 0,
    willTopic: undefined,
  });
  const link = await createConnect(settings, { log: new RecordedLog() })(
    never(),
  );
  const listener = new Listener(link, systemClock);
  const { payloads } = await listener.kept(topics);
  await link.close();
  return topics.map((topic) => payloads.get(topic));
}

function brokerTest(
  name: string,
  path: string | undefined,
  fn: () => Promise<void>,
): void {
  const ignore = path === undefined;
  const reason = ignore ? " (skipped: the program is not there)" : "";
  Deno.test({ name: name + reason, ignore, fn });
}

brokerTest(
  "kolikko run lives on NATS, with what kolikko acl prints",
  natsPath,
  async () => {
    const owner = topicOwner(await configFor("boiler", 1));
    const rights = brokerAclText("nats", owner, "rig")
      .replace(`password: "..."`, `password: "${PASSWORD}"`)
      .replace(
        "users = [",
        `users = [\n{ user: "home", password: "${PASSWORD}" }`,
      );
    await using broker = await Nats.start(rights);
    await liveOn(broker.port);
  },
);

brokerTest(
  "kolikko run lives on RabbitMQ, with what kolikko acl prints",
  rabbitmqPath,
  async () => {
    const owner = topicOwner(await configFor("boiler", 1));
    await using broker = await RabbitMq.start();
    await broker.shell([
      `rabbitmqctl add_user home ${PASSWORD}`,
      `rabbitmqctl set_permissions -p / home '.*' '.*' '.*'`,
      `rabbitmqctl add_user rig ${PASSWORD}`,
      brokerAclText("rabbitmq", owner, "rig"),
    ].join("\n"));
    await liveOn(broker.port);
    const { topics, broker: settings, ...config } = await configFor(
      "home",
      broker.port,
    );
    const command = "/home.1/heat";
    const dotted = {
      ...config,
      broker: { ...settings, protocol: "3.1.1" } as const,
      topics: { ...topics, command },
    };
    const findings = await checkBroker(dotted, { runs: false });
    const unheard = findings.filter(({ found }) => found.startsWith(command));
    assert(unheard.length > 0, JSON.stringify(findings));
    for (const { level, advice } of unheard) {
      assertEquals(level, "wrong");
      assertStringIncludes(advice ?? "", `"."`);
    }
  },
);
