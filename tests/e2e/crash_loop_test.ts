/** A controller that keeps dying. */

import { assertEquals, assertMatch } from "@std/assert";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { until } from "../stand_in/stand_in.ts";
import { BASE } from "./proof.ts";
import { valueIn } from "./read_rig.ts";
import { marked, Rig, standIn, WAYS, wayTest } from "./rig.ts";

const HELD =
  /The controller ended 5 times within 60 min .* heat is held until /;

for (const way of WAYS) {
  wayTest(
    way,
    `kolikko run holds heat after five kills -9, says so, and does so after an orderly end, ${way.name}`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using first = await Rig.start({
        way,
        port: broker.port,
        commands: [standIn("one", ["--on-signal", "0"])],
      });
      let rig = first;
      let startedAt = performance.now();
      try {
        // It counts without a miner that runs on, too: only the last one leaves one.
        for (let kills = 1; kills <= 4; kills += 1) {
          await rig.untilLogged("Decided");
          rig = await again(rig, "SIGKILL");
        }
        await untilOnline();
        await home.say(BASE, "ON");
        await home.until(`${BASE}/status`, "ON");
        rig = await again(rig, "SIGKILL");
        for (const life of ["after the kills", "after an orderly end"]) {
          await untilOnline();
          await home.until(`${BASE}/status`, "OFF");
          const since = performance.now();
          await home.say(BASE, "ON");
          await home.until(`${BASE}/level`, "100");
          await home.until(`${BASE}/statusmsg`, (text) => HELD.test(text));
          const problem = home.latest(`${BASE}/problem`);
          assertEquals(valueIn(problem, "problem"), "ON", life);
          assertMatch(`${valueIn(problem, "reason")}`, HELD, life);
          assertEquals(home.latest(`${BASE}/command/one/state`), "stopped");
          assertEquals(await marked(first), []);
          rig = await again(rig, "SIGTERM");
          const said = home.payloads(`${BASE}/status`, since);
          assertEquals(said.includes("ON"), false, life);
        }
      } finally {
        await rig[Symbol.asyncDispose]();
      }

      async function again(ending: Rig, signal: Deno.Signal): Promise<Rig> {
        ending.signal(signal);
        const { code } = await ending.ended();
        if (signal === "SIGTERM") assertEquals(code, 0, ending.log);
        startedAt = performance.now();
        return first.again({ way });
      }

      /** What the life before said stays at the broker for a while. */
      async function untilOnline(): Promise<void> {
        const since = startedAt;
        await until(
          "it is online",
          () => home.payloads(`${BASE}/availability`, since).includes("online"),
          30_000,
        );
      }
    },
  );
}
