/** What is done because of what the miners tell, or do not tell. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { BASE } from "./proof.ts";
import { freePort, miner, valueIn } from "./read_rig.ts";
import { Rig, USUAL, wayTest } from "./rig.ts";

const TOLD = `${BASE}/command`;

wayTest(
  USUAL,
  "kolikko run stops what is too hot within two readings, and does not start it again",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    const control = await Deno.makeTempFile();
    await Deno.writeTextFile(control, "--temp 61");
    await using _rig = await Rig.start({
      port: broker.port,
      heat: ['min_on = "10m"'],
      commands: [
        miner("gpu", {
          api: "gminer",
          port: freePort(),
          flags: ["--control", control, "--devices", "1"],
        }),
        "[safety]\nmax_temperature_c = 85\nresume_below_c = 75\n",
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(
      `${BASE}/telemetry`,
      (text) => Number(valueIn(text, "temperature_c")) >= 60,
    );
    const since = performance.now();
    await Deno.writeTextFile(control, "--temp 93");
    await home.until(`${TOLD}/gpu/state`, "held");
    await home.until(`${BASE}/status`, "OFF");
    // One reading may be a slip: it took two of them, and not a third.
    const hot = home.payloads(`${BASE}/telemetry`, since)
      .filter((text) => Number(valueIn(text, "temperature_c")) >= 90);
    assert(hot.length >= 1);
    const message = await home.until(
      `${BASE}/statusmsg`,
      (text) => text.includes("93 °C"),
    );
    assertStringIncludes(message, "gpu");
    await home.until(
      `${BASE}/problem`,
      (text) => valueIn(text, "problem") === "ON",
    );
    await home.say(BASE, "ON");
    await home.untilCount(`${BASE}/status`, 2, since);
    assertEquals(home.latest(`${BASE}/status`), "OFF");
    assertEquals(home.latest(`${TOLD}/gpu/state`), "held");
    await Deno.remove(control);
  },
);

wayTest(
  USUAL,
  "kolikko run restarts a miner that does not work, until the budget is spent",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      commands: [
        miner("gpu", {
          api: "gminer",
          port: freePort(),
          flags: ["--hashrate", "1000"],
          lines: [
            'watchdog = { min_hashrate_khs = 5, low_for = "2s", warm_up = "0s", restarts_a_day = 1 }',
          ],
        }),
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(`${TOLD}/gpu/state`, "restarting");
    const why = await home.until(
      `${BASE}/statusmsg`,
      (text) => text.includes("starts again"),
    );
    assertStringIncludes(why, "gpu hashed less than 5 kH/s");
    await home.until(`${TOLD}/gpu/state`, "running");
    const spent = await home.until(
      `${BASE}/statusmsg`,
      (text) => text.includes("spent"),
    );
    assertStringIncludes(spent, "1 restart of a day is spent");
    await home.until(
      `${BASE}/problem`,
      (text) => valueIn(text, "problem") === "ON",
    );
    // It heats all the same: that is better than nothing.
    assertEquals(home.latest(`${TOLD}/gpu/state`), "running");
    assertEquals(valueIn(home.latest(`${TOLD}/gpu`), "restarts"), 1);
  },
);

wayTest(
  USUAL,
  "kolikko run locks a miner out that is restarted too often",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      heat: ['crash_grace = "0s"'],
      commands: [
        miner("gpu", {
          api: "gminer",
          port: freePort(),
          flags: ["--share-every", "1h"],
          lines: [
            "lockout_failures = 1",
            'watchdog = { no_share_for = "2s", warm_up = "0s" }',
          ],
        }),
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(`${TOLD}/gpu/state`, "failed");
    await home.until(`${BASE}/status`, "OFF");
    const message = await home.until(
      `${BASE}/statusmsg`,
      (text) => text.includes("locked out"),
    );
    assertStringIncludes(message, "had no accepted share for");
    await home.until(
      `${BASE}/problem`,
      (text) => valueIn(text, "problem") === "ON",
    );
  },
);

wayTest(
  USUAL,
  "kolikko run counts energy on after it was killed, and from 0 after its file was damaged",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    const kwh = () =>
      Number(valueIn(home.latest(`${BASE}/telemetry`), "energy_kwh"));
    await using rig = await Rig.start({
      port: broker.port,
      commands: [
        miner("gpu", {
          api: "gminer",
          port: freePort(),
          flags: ["--power", "20000"],
        }),
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(
      `${BASE}/telemetry`,
      (text) => Number(valueIn(text, "energy_kwh")) > 0.02,
      // It is told once it is kept, every 30 s.
      45_000,
    );
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    rig.signal("SIGTERM");
    await rig.ended();
    // Nothing is said after that.
    await home.until(`${BASE}/availability`, "offline");
    const counted = kwh();
    await using again = rig.again();
    const since = performance.now();
    await home.until(`${BASE}/status`, "OFF");
    await home.untilCount(`${BASE}/telemetry`, 1, since);
    assert(kwh() >= counted, `${counted} -> ${kwh()}`);
    again.signal("SIGKILL");
    await again.ended();
    const file = `${rig.dir}/state/kolikko/${rig.id}.energy.json`;
    await Deno.writeTextFile(file, "kolikko 1 sha256 0\n{");
    await using damaged = rig.again();
    await damaged.untilLogged("counts from 0");
    const after = performance.now();
    await home.untilCount(`${BASE}/telemetry`, 1, after);
    await home.until(
      `${BASE}/telemetry`,
      (text) => valueIn(text, "energy_kwh") === 0,
    );
    assert((await Deno.stat(`${file}.damaged`)).isFile);
  },
);
