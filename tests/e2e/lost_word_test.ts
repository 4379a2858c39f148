/** An OFF that is said while the rig is cut off: obeyed, or the failsafe ends the heat. */

import { assertEquals } from "@std/assert";
import { CuttableProxy } from "../cuttable_proxy.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";
const PATIENCE_MS = 40_000;

mosquittoTest(
  "kolikko run obeys an OFF that waited at the broker, and fears one that the broker lost",
  async () => {
    await using broker = await Mosquitto.start();
    await using proxy = new CuttableProxy(broker.port);
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: proxy.port,
      // Without an end of its own: what of such a session counts is our own matter.
      mqtt: ['protocol = "3.1.1"'],
      heat: ['broker_lost_after = "9s"'],
      commands: [standIn("gpu", ["--on-signal", "0"])],
    });
    const heat = async () => {
      await home.say(BASE, "ON");
      await home.until(`${BASE}/command/gpu/state`, "running");
    };
    /** Nobody repeats it: what is lost is lost. */
    const sayOffUnheard = async () => {
      proxy.unplug();
      await home.until(`${BASE}/availability`, "offline");
      await home.say(BASE, "OFF");
      assertEquals((await marked(rig)).length, 1);
    };
    await home.until(`${BASE}/availability`, "online");
    await heat();
    await sayOffUnheard();
    proxy.plug();
    await home.until(`${BASE}/command/gpu/state`, "stopped", PATIENCE_MS);
    assertEquals(await marked(rig), []);
    assertEquals(home.latest(`${BASE}/problem`)?.includes('"OFF"'), true);

    await heat();
    await sayOffUnheard();
    await broker.kill();
    await broker.restart();
    proxy.plug();
    const says = (text: string) => (message: string) => message.includes(text);
    await home.until(
      `${BASE}/statusmsg`,
      says("A command may have been lost with the connection: heat ends at"),
      PATIENCE_MS,
    );
    await home.until(
      `${BASE}/problem`,
      says("none came for 9 s: heat is off until the thermostat speaks again"),
      PATIENCE_MS,
    );
    await home.until(`${BASE}/status`, "OFF");
    assertEquals(await marked(rig), []);
  },
);
