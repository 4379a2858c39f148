/** Heat by level, from the broker to the processes. */

import { assertEquals } from "@std/assert";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { BASE } from "./proof.ts";
import { valueIn } from "./read_rig.ts";
import { Rig, standIn, USUAL, wayTest } from "./rig.ts";

wayTest(
  USUAL,
  "kolikko run heats with as many stages as the level asks for",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
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
    // After a power cut as well, even at rest, where the level is 0.
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    rig.signal("SIGKILL");
    await rig.ended();
    const since = performance.now();
    await using _again = rig.again();
    await home.untilCount(`${BASE}/availability`, 1, since);
    assertEquals(home.latest(`${BASE}/level`), "0");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/level`, (text) => text !== "0");
    assertEquals(home.latest(`${BASE}/level`), "20");
  },
);

wayTest(
  USUAL,
  "kolikko run starts all commands afresh when the button is pressed, and tells what happens",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      heat: ['crash_grace = "0s"'],
      commands: [
        standIn("good", []),
        standIn("bad", ["--exit-after", "300ms", "--code", "3"], [
          "lockout_failures = 1",
        ]),
      ],
    });
    const events = () =>
      home.payloads(`${BASE}/event`).map((text) => valueIn(text, "event_type"));
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/command/bad/state`, "failed");
    const pid = valueIn(home.latest(`${BASE}/command/good`), "pid");
    await home.say(`${BASE}/request/restart`, "PRESS");
    await home.until(`${BASE}/response/restart`, `{"status":"ok","data":{}}`);
    await home.until(
      `${BASE}/command/good`,
      (text) => ![pid, null].includes(valueIn(text, "pid") as number),
    );
    await home.until(`${BASE}/command/bad/state`, "failed");
    const gaveUp = () =>
      events().filter((type) => type === "miner_gave_up").length;
    await home.until(`${BASE}/event`, () => gaveUp() === 2);
    const told = events();
    assertEquals(told.slice(0, 1), ["heat_on"]);
    assertEquals(told.filter((one) => one === "miner_started").length, 4);
    assertEquals(told.filter((one) => one === "miner_crashed").length, 2);
    assertEquals(
      home.seen.some(({ topic, retain }) =>
        topic === `${BASE}/event` && retain
      ),
      false,
    );
  },
);
