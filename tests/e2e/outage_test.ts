/** The broker goes away, comes back, or does not let us in. */

import { assert, assertEquals } from "@std/assert";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { CONNACK_311, CONNACK_5 } from "../scripted_broker.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";
const MINERS = [
  standIn("cpu", ["--like", "xmrig"]),
  standIn("gpu", ["--on-signal", "0"]),
];

mosquittoTest(
  "kolikko run heats on while the broker is down, and says all again when it is back",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({ port: broker.port, commands: MINERS });
    await home.until(`${BASE}/availability`, "online");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/command/gpu/state`, "running");
    const running = await marked(rig);
    await broker.kill();
    await rig.untilLogged("No connection to the broker");
    assertEquals(await marked(rig), running);
    const since = performance.now();
    // This broker keeps nothing: what is there afterwards, the rig said anew.
    await broker.restart();
    await home.until(`${BASE}/availability`, "online");
    await home.untilCount(`${BASE}/command/gpu/state`, 1, since);
    assertEquals(home.payloads(`${BASE}/status`, since), ["ON"]);
    assertEquals(home.payloads(`${BASE}/command/gpu/state`, since), [
      "running",
    ]);
    assertEquals(await marked(rig), running);
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    assertEquals(await marked(rig), []);
  },
);

mosquittoTest(
  "kolikko run heats on while something at the broker's port answers and closes at once",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({ port: broker.port, commands: MINERS });
    await home.until(`${BASE}/availability`, "online");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/command/gpu/state`, "running");
    const running = await marked(rig);
    await broker.kill();
    await closesBehindAnswer(broker.port, rig.id);
    assertEquals(await marked(rig), running);
    const since = performance.now();
    await broker.restart();
    await home.untilCount(`${BASE}/status`, 1, since);
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    assertEquals(await marked(rig), []);
  },
);

/** Accepts this client as a broker does, and closes behind the answer. */
async function closesBehindAnswer(
  port: number,
  id: string,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  while (true) {
    using end = await listener.accept();
    const bytes = new Uint8Array(1000);
    await end.read(bytes);
    const connect = new TextDecoder("latin1").decode(bytes);
    if (!connect.includes(id)) continue;
    const level = connect.charCodeAt(connect.indexOf("MQTT") + 4);
    await end.write(new Uint8Array(level === 5 ? CONNACK_5 : CONNACK_311));
    return;
  }
}

mosquittoTest(
  "kolikko run obeys nothing old when a frozen broker wakes up",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: broker.port,
      mqtt: ['keepalive = "5s"'],
      heat: ['broker_lost_after = "1s"'],
      commands: MINERS,
    });
    await home.until(`${BASE}/availability`, "online");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    broker.freeze();
    const end = performance.now() + 20_000;
    // Nobody can say OFF now: the failsafe does.
    while ((await marked(rig)).length > 0) {
      assert(performance.now() < end, "the failsafe did not strike");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    broker.thaw();
    await home.until(
      `${BASE}/statusmsg`,
      (text) => text.startsWith("No broker for"),
      20_000,
    );
    await home.until(`${BASE}/status`, "OFF");
    assertEquals(await marked(rig), []);
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
  },
);

mosquittoTest(
  "kolikko run connects by itself once the broker takes its password",
  async () => {
    await using right = await Mosquitto.start({
      users: { kolikko1: "right", home: "home" },
    });
    const dir = await Deno.makeTempDir();
    const file = `${dir}/password`;
    await Deno.writeTextFile(file, "wrong\n");
    try {
      await using home = await Home.join(right.port, {
        username: "home",
        password: "home",
      });
      await using rig = await Rig.start({
        port: right.port,
        mqtt: ['username = "kolikko1"', `password_file = "${file}"`],
        commands: MINERS,
      });
      await rig.untilLogged("password");
      assert(!rig.log.includes('wrong"'), rig.log);
      await Deno.writeTextFile(file, "right\n");
      await home.until(`${BASE}/availability`, "online", 20_000);
      await home.say(BASE, "ON");
      await home.until(`${BASE}/status`, "ON");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);

mosquittoTest(
  "kolikko run names a topic that the broker does not let it use",
  async () => {
    await using broker = await Mosquitto.start({
      users: { kolikko1: "word", home: "home" },
      acl: [
        "user home",
        "topic readwrite #",
        "user kolikko1",
        `topic read ${BASE}`,
        `topic write ${BASE}/availability`,
        `topic write ${BASE}/status`,
        `topic write ${BASE}/statusmsg`,
      ],
    });
    await using home = await Home.join(broker.port, {
      username: "home",
      password: "home",
    });
    await using rig = await Rig.start({
      port: broker.port,
      mqtt: ['username = "kolikko1"'],
      env: { KOLIKKO_MQTT_PASSWORD: "word" },
      commands: MINERS,
    });
    await home.until(`${BASE}/availability`, "online");
    await rig.untilLogged(`${BASE}/problem`);
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
  },
);
