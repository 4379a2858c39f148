import { assert, assertEquals } from "@std/assert";
import { startEmbeddedBroker } from "../../lib/demo/embedded_broker.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { freePort } from "./read_rig.ts";
import { marked, Rig, standIn, type Way, WAYS, wayTest } from "./rig.ts";

const BASE = "/kolikko1/heat";

/** ON, OFF and all that is none of both, on one running rig. */
async function onAndOff(
  port: number,
  way: Way,
  largeBytes: number,
): Promise<void> {
  await using home = await Home.join(port);
  await using rig = await Rig.start({
    way,
    port,
    commands: [
      standIn("cpu", ["--like", "xmrig"]),
      standIn("gpu", ["--print-every", "100ms", "--on-signal", "0"]),
    ],
  });
  await home.until(`${BASE}/availability`, "online");
  await home.until(`${BASE}/status`, "OFF");
  await home.until(
    `${BASE}/statusmsg`,
    (text) => text.startsWith("Waiting for"),
  );

  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  await home.until(`${BASE}/command/gpu/state`, "running");
  assertEquals(home.latest(`${BASE}/command/cpu/state`), "running");
  const running = await marked(rig);
  assertEquals(running.length, 2);

  // Ten times ON starts nothing twice, and each is answered.
  const since = performance.now();
  for (let times = 0; times < 10; times++) await home.say(BASE, "ON");
  await home.untilCount(`${BASE}/status`, 1, since);
  assertEquals(await marked(rig), running);

  const refused: [string | Uint8Array, string][] = [
    ["on", '"on"'],
    ["", "empty"],
    ["SHUTDOWN", "allow_shutdown"],
    ["x".repeat(largeBytes), `${largeBytes} bytes`],
    [new Uint8Array([0xff, 0xfe]), "UTF-8"],
  ];
  for (const [payload, phrase] of refused) {
    await home.say(BASE, payload);
    await home.until(`${BASE}/statusmsg`, (text) => text.includes(phrase));
  }
  assertEquals(home.latest(`${BASE}/status`), "ON");
  assertEquals(await marked(rig), running);

  await home.say(BASE, "OFF");
  await home.until(`${BASE}/status`, "OFF");
  // The proof holds: the moment it says OFF nothing is left.
  assertEquals(await marked(rig), []);
  await home.until(`${BASE}/statusmsg`, "OK");

  rig.signal("SIGTERM");
  assertEquals((await rig.ended()).code, 0, rig.log);
  await home.until(`${BASE}/availability`, "offline");
  // What a home sees later is what is kept on the broker.
  assertEquals(home.latest(`${BASE}/status`), "OFF");
}

for (const way of WAYS) {
  const name =
    `kolikko run, ${way.name}, starts and stops at a thermostat's word`;
  wayTest(way, `${name} on Mosquitto`, async () => {
    await using broker = await Mosquitto.start();
    await onAndOff(broker.port, way, 1_000_000);
  });
  wayTest(way, `${name} on the embedded broker`, async () => {
    const broker = await startEmbeddedBroker({ port: 0 });
    try {
      // The embedded broker is not made for a message of a megabyte.
      await onAndOff(broker.port, way, 2_000);
    } finally {
      await broker.close();
    }
  }, Deno.test);
}

mosquittoTest("kolikko run obeys over a WebSocket as well", async () => {
  const port = freePort();
  await using broker = await Mosquitto.start({
    lines: [`listener ${port} 127.0.0.1`, "protocol websockets"],
  });
  await using home = await Home.join(broker.port);
  await using rig = await Rig.start({
    port,
    scheme: "ws",
    commands: [standIn("cpu", [])],
  });
  await home.until(`${BASE}/availability`, "online");
  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  await home.say(BASE, "OFF");
  await home.until(`${BASE}/status`, "OFF");
  assertEquals(await marked(rig), []);
});

mosquittoTest(
  "kolikko run lets a retained ON wait, obeys a retained OFF, and says so",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await home.say(BASE, "ON", { retain: true });
    await using rig = await Rig.start({
      port: broker.port,
      commands: [standIn("cpu", [])],
    });
    await home.until(
      `${BASE}/statusmsg`,
      (text) => text.includes('A retained "ON" does not count'),
    );
    assertEquals(await marked(rig), []);
    assertEquals(home.latest(`${BASE}/status`), "OFF");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    await home.say(BASE, "OFF", { retain: true });
    await home.until(`${BASE}/status`, "OFF");
    assertEquals(await marked(rig), []);
    assert(!rig.log.includes("fatal"), rig.log);
  },
);
