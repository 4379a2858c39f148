/** Heat by level, from the broker to the processes. */

import { assertEquals } from "@std/assert";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { BASE } from "./proof.ts";
import { valueIn } from "./read_rig.ts";
import { FROM_SOURCE, Rig, standIn, wayTest } from "./rig.ts";

wayTest(
  FROM_SOURCE,
  "kolikko run heats with as many stages as the level asks for",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      heat: ['modulation_period = "never"'],
      commands: [
        standIn("one", [], ["watts = 400"]),
        standIn("two", [], ["watts = 600"]),
      ],
    });
    await home.until(`${BASE}/level`, "0");
    await home.say(`${BASE}/level/set`, "45.5");
    await home.until(`${BASE}/command/one/state`, "running");
    assertEquals(home.latest(`${BASE}/command/two/state`), "stopped");
    assertEquals(home.latest(`${BASE}/level`), "45.5");
    assertEquals(home.latest(`${BASE}/status`), "ON");
    await home.say(`${BASE}/level/set`, "100");
    await home.until(`${BASE}/command/two/state`, "running");
    await home.until(
      `${BASE}/telemetry`,
      (text) => valueIn(text, "effective_percent") === 100,
    );
    await home.say(`${BASE}/level/set`, "20");
    await home.until(`${BASE}/command/two/state`, "stopped");
    await home.say(`${BASE}/level/set`, "0");
    await home.until(`${BASE}/status`, "OFF");
    // ON is the last level above 0.
    await home.say(BASE, "ON");
    await home.until(`${BASE}/level`, "20");
    await home.until(`${BASE}/command/one/state`, "running");
    assertEquals(home.latest(`${BASE}/command/two/state`), "stopped");
  },
);
