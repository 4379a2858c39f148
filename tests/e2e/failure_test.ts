/** What a broker keeps of a controller that failed. */

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { FROM_SOURCE, marked, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";
const PROGRAM = fileURLToPath(new URL("failing_program.ts", import.meta.url));

/** Heats, fails in this way, and is over; then the broker keeps this. Returns the log. */
async function failed(
  how: string,
  kept: Readonly<Record<string, string>>,
): Promise<string> {
  await using broker = await Mosquitto.start();
  await using home = await Home.join(broker.port);
  await using rig = await Rig.start({
    way: { ...FROM_SOURCE, args: ["run", "-A", PROGRAM, how] },
    port: broker.port,
    // MQTT 5 gives a will ten seconds.
    mqtt: ['protocol = "3.1.1"'],
    commands: [standIn("cpu", ["--ignore", "SIGINT,SIGTERM"], [
      'stop_timeout = "1s"',
    ])],
  });
  await home.until(`${BASE}/availability`, "online");
  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  assertEquals((await rig.ended()).code, 1, rig.log);
  assertEquals(await marked(rig), []);
  await home.until(`${BASE}/availability`, "offline");
  // Who comes now finds what is retained.
  await using later = await Home.join(broker.port);
  for (const [topic, payload] of Object.entries(kept)) {
    await later.until(`${BASE}/${topic}`, payload);
  }
  return rig.log;
}

const OFF = {
  availability: "offline",
  status: "OFF",
  "command/cpu/state": "stopped",
};

mosquittoTest(
  "kolikko run leaves OFF and offline at the broker when a part of it fails and all is proven gone",
  async () => {
    const log = await failed("part", OFF);
    assert(log.includes("a part fails"), log);
  },
);

mosquittoTest(
  "kolikko run proves all gone and says so, however many errors nobody catches meanwhile",
  async () => {
    const log = await failed("crowd", OFF);
    assert(log.includes("Proved gone: cpu"), log);
  },
);

mosquittoTest(
  "kolikko run leaves the last word to its will when it fails and something cannot be proven gone",
  async () => {
    await failed("unproven", { availability: "offline", status: "ON" });
  },
);
