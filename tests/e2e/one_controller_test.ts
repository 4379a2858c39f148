/** One controller for each rig on a machine. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { basename } from "node:path";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { freePort, miner } from "./read_rig.ts";
import { marked, Rig, standIn, USUAL, USUAL_WAYS, wayTest } from "./rig.ts";

const BASE = "/kolikko1/heat";

for (const way of USUAL_WAYS) {
  wayTest(
    way,
    `kolikko run ends with 3 beside another one of its rig, which is not disturbed (${way.name})`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using first = await Rig.start({
        way,
        port: broker.port,
        commands: [standIn("cpu", ["--like", "xmrig"])],
      });
      await home.until(`${BASE}/availability`, "online");
      await home.say(BASE, "ON");
      await home.until(`${BASE}/status`, "ON");
      await home.until(`${BASE}/command/cpu/state`, "running");
      const before = await marked(first);
      const since = performance.now();
      await using second = first.again({ way });
      assertEquals((await second.ended()).code, 3, second.log);
      const line =
        `Cannot start as another KolikkoControl for rig "${first.id}" runs already: ` +
        `pid ${first.pid} since 20`;
      assertEquals(second.log.split(line).length, 3, "on stderr, and in log");
      assertStringIncludes(second.log, "or give this one another [rig] id");
      assertEquals(second.log.includes("connect"), false, second.log);
      assertEquals(await marked(first), before);
      assertEquals(home.payloads(`${BASE}/availability`, since), []);
      assertEquals(home.payloads(`${BASE}/status`, since), []);
    },
  );

  wayTest(
    way,
    `kolikko run starts at once after a kill -9, although a miner still lives (${way.name})`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using first = await Rig.start({
        way,
        port: broker.port,
        commands: [standIn("cpu", ["--ignore", "SIGINT,SIGTERM", "--ready"])],
      });
      const left: number[] = [];
      try {
        await home.until(`${BASE}/availability`, "online");
        await home.say(BASE, "ON");
        await first.untilLogged("ready");
        left.push(...await marked(first));
        assert(left.length > 0);
        first.signal("SIGKILL");
        await first.ended();
        assertEquals(await marked(first), left);
        await using second = first.again({ way });
        await second.untilLogged("Decided");
        second.signal("SIGTERM");
        assertEquals((await second.ended()).code, 0, second.log);
      } finally {
        for (const pid of await marked(first)) Deno.kill(pid, "SIGKILL");
      }
    },
  );
}

mosquittoTest(
  "kolikko run and check see the controller of another user, and call nothing of it left over",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using first = await Rig.start({
      port: broker.port,
      commands: [
        miner("cpu", {
          api: "xmrig",
          port: freePort(),
          flags: ["--hashrate", "2500", "--age", "1m"],
        }),
      ],
    });
    await home.until(`${BASE}/availability`, "online");
    // Another user has another folder for state, and so another lock there.
    const env = { XDG_STATE_HOME: `${first.dir}/other` };
    await using second = first.again({ env });
    assertEquals((await second.ended()).code, 3, second.log);
    const program = basename(USUAL.exec);
    const named =
      `"${first.id}" runs already: pid ${first.pid} (${program}) of user `;
    assertStringIncludes(second.log, named);

    await home.say(BASE, "ON");
    await home.until(`${BASE}/command/cpu/state`, "running");
    await home.until(`${BASE}/command/cpu/hashrate`, "2.5");
    const file = `${first.dir}/kolikko.toml`;
    await using check = Rig.startIn(first.dir, ["check", "--config", file], {
      env,
    });
    await check.ended();
    assertStringIncludes(check.log, named);
    assertMatch(check.log, /ok +cpu +XMRig at .* tells /);
    assertEquals(check.log.includes("end it"), false, check.log);
    assertEquals(home.latest(`${BASE}/status`), "ON");
  },
);

Deno.test("kolikko run goes on where nothing can be locked, and says which protection is off", async () => {
  await using rig = await Rig.start({
    port: 9,
    commands: [standIn("cpu", [])],
    env: { XDG_STATE_HOME: "/dev/null" },
  });
  await rig.untilLogged("No connection to the broker");
  assertStringIncludes(
    rig.log,
    "A protection is off: " +
      (Deno.build.os === "linux"
        ? "Runs are not recorded and energy is not kept, "
        : "Another controller of this rig would not be noticed, ") +
      'as the folder "/dev/null/kolikko" cannot be written',
  );
  assertStringIncludes(rig.log, "set STATE_DIRECTORY to a folder");
  rig.signal("SIGTERM");
  assertEquals((await rig.ended()).code, 0, rig.log);
});
