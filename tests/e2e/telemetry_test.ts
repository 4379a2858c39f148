/** What the miners tell, from their APIs to the topics. */

import { assert, assertEquals } from "@std/assert";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { BASE } from "./proof.ts";
import { freePort, miner, valueIn } from "./read_rig.ts";
import { Rig, USUAL, USUAL_WAYS, wayTest } from "./rig.ts";

const TOLD = `${BASE}/command`;

/** A number among many, whether it stands alone or not. */
function atLeast(wanted: number): (payload: string) => boolean {
  return (payload) => Number(payload) >= wanted;
}

for (const way of USUAL_WAYS) {
  wayTest(
    way,
    `kolikko run tells rates, shares and watts of two miners (${way.name})`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      const [cpu, gpu] = [freePort(), freePort()];
      await using _rig = await Rig.start({
        way,
        port: broker.port,
        commands: [
          miner("cpu", {
            api: "xmrig",
            port: cpu,
            flags: ["--hashrate", "2500", "--age", "1m", "--power", "0"],
            lines: ["watts = 120"],
          }),
          miner("gpu", {
            api: "gminer",
            port: gpu,
            flags: [
              "--hashrate",
              "25e6",
              "--power",
              "1000",
              "--share-every",
              "1s",
            ],
          }),
        ],
      });
      await home.until(`${TOLD}/hashrate`, "0");
      await home.say(BASE, "ON");
      await home.until(`${TOLD}/cpu/hashrate`, "2.5");
      await home.until(`${TOLD}/gpu/hashrate`, "25000");
      await home.until(`${TOLD}/hashrate`, "25002.5", 60_000);
      // Of a count that has grown a new one is told within 30 s.
      await home.until(`${TOLD}/gpu/accepted`, atLeast(2), 60_000);
      const told = await home.until(
        `${BASE}/telemetry`,
        (text) => valueIn(text, "power_w") === 1120,
      );
      assertEquals(valueIn(told, "power_source"), "estimated");
      const one = await home.until(
        `${TOLD}/gpu`,
        (text) => valueIn(text, "proven") === "ON",
      );
      assertEquals(
        [valueIn(one, "wanted"), valueIn(one, "running")],
        ["ON", "ON"],
      );
      await home.say(BASE, "OFF");
      await home.until(`${BASE}/status`, "OFF");
      await home.until(`${TOLD}/hashrate`, "0");
      assertEquals(home.latest(`${TOLD}/gpu/hashrate`), "0");
      assert(Number(home.latest(`${TOLD}/accepted`)) >= 2);
    },
  );
}

wayTest(
  USUAL,
  "kolikko run tells 0 of a miner that crashed, and its shares never go down",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      commands: [
        miner("gpu", {
          api: "claymore",
          port: freePort(),
          flags: [
            "--hashrate",
            "30e6",
            "--share-every",
            "400ms",
            "--exit-after",
            "4s",
          ],
        }),
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(`${TOLD}/gpu/hashrate`, "30000");
    await home.until(`${TOLD}/gpu/accepted`, atLeast(1));
    await home.until(`${TOLD}/gpu/state`, "restarting");
    await home.until(`${TOLD}/gpu/hashrate`, "0");
    const before = Number(home.latest(`${TOLD}/gpu/accepted`));
    await home.until(`${TOLD}/gpu/hashrate`, "30000");
    await home.until(`${TOLD}/gpu/accepted`, atLeast(before + 1), 60_000);
    const counts = home.payloads(`${TOLD}/accepted`)
      .filter((text) => text !== "null").map(Number);
    assertEquals(counts, counts.toSorted((a, b) => a - b));
  },
);

/** All that an API can do wrong. */
const FAULTS = [
  "hang",
  "huge",
  "reset",
  "wrong-json",
  "refuse",
  "slow",
  "html",
];

wayTest(
  USUAL,
  "kolikko run lets healthy miners be whose APIs are broken",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      commands: FAULTS.map((fault) =>
        miner(fault, {
          api: "trex",
          port: freePort(),
          flags: [
            ...["--hashrate", "30e6", "--fault", fault],
            ...["--fault-after", "6s"],
          ],
        })
      ),
    });
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    for (const name of FAULTS) {
      await home.until(`${TOLD}/${name}/hashrate`, "30000");
    }
    for (const name of FAULTS) {
      await home.until(`${TOLD}/${name}/hashrate`, "null");
      assertEquals(home.latest(`${TOLD}/${name}/state`), "running");
    }
    assertEquals(home.latest(`${TOLD}/hashrate`), "null");
    const since = performance.now();
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    for (const name of FAULTS) {
      await home.until(`${TOLD}/${name}/hashrate`, "0");
      assertEquals(home.payloads(`${TOLD}/${name}/state`, since), [
        "stopping",
        "stopped",
      ]);
    }
  },
);
