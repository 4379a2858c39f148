/** Miners that end by themselves, or never start. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { BASE, onThenOff } from "./proof.ts";
import { Rig, standIn } from "./rig.ts";

mosquittoTest(
  "kolikko run rests after a miner that ends at once, and keeps the other going",
  async () => {
    const short = standIn("bad", [
      "--print",
      "no GPU found",
      "--exit-after",
      "0",
    ], [
      'restart_backoff = ["300ms", "1s"]',
      "lockout_failures = 3",
    ]);
    await onThenOff("a miner that ends at once", {
      unruly: short,
      during: async ({ home }) => {
        await home.until(`${BASE}/command/bad/state`, "restarting");
        const message = await home.until(
          `${BASE}/statusmsg`,
          (text) => text.includes("locked out until"),
        );
        assertStringIncludes(
          message,
          "bad failed 3 times in a row (exit code 0",
        );
        assertStringIncludes(message, "no GPU found");
        await home.until(`${BASE}/command/bad/state`, "failed");
        assertStringIncludes(
          home.latest(`${BASE}/problem`) ?? "",
          '"problem":"ON"',
        );
        assertEquals(home.latest(`${BASE}/status`), "ON");
      },
    });
  },
);

mosquittoTest(
  "kolikko run says what is wrong with a program that is not there",
  async () => {
    const missing = '[[command]]\nname = "bad"\nexec = "no-such-miner"\n';
    await onThenOff("a program that is not there", {
      unruly: missing,
      during: async ({ home }) => {
        const message = await home.until(
          `${BASE}/statusmsg`,
          (text) => text.includes("no-such-miner"),
        );
        assertStringIncludes(message, "next try in");
        assertEquals(home.latest(`${BASE}/command/bad/state`), "restarting");
      },
    });
  },
);

mosquittoTest(
  "kolikko run says OFF once the only miner has crashed for good",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      heat: ['crash_grace = "1s"'],
      commands: [
        standIn("bad", ["--exit-after", "200ms", "--code", "3"], [
          'restart_backoff = ["400ms", "10s"]',
          "lockout_failures = 3",
        ]),
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    const since = performance.now();
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    await home.until(`${BASE}/command/bad/state`, "restarting");
    // Within the grace the switch does not flap.
    assertEquals(home.latest(`${BASE}/status`), "ON");
    await home.until(`${BASE}/command/bad/state`, "failed");
    await home.until(`${BASE}/status`, "OFF");
    const states = home.payloads(`${BASE}/status`, since);
    // It said ON until it was given up, and did not flap.
    assertEquals(states, ["ON", "OFF"]);
  },
);
