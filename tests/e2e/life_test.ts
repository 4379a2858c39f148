/** How the program begins and ends. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";

for (const signal of ["SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1"] as const) {
  mosquittoTest(
    `kolikko run ends in order at ${signal}: all stopped, OFF, offline, exit code 0`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using rig = await Rig.start({
        port: broker.port,
        commands: [standIn("cpu", ["--like", "xmrig"]), standIn("gpu", [])],
      });
      await home.until(`${BASE}/availability`, "online");
      await home.say(BASE, "ON");
      await home.until(`${BASE}/status`, "ON");
      rig.signal(signal);
      assertEquals((await rig.ended()).code, 0, rig.log);
      assertEquals(await marked(rig), []);
      await home.until(`${BASE}/availability`, "offline");
      assertEquals(home.latest(`${BASE}/status`), "OFF");
      const last = home.seen.filter(({ topic }) => topic.startsWith(BASE)).at(
        -1,
      );
      assertEquals(last?.topic, `${BASE}/availability`);
    },
  );
}

mosquittoTest(
  "kolikko run ends by force at a second signal, children included",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: broker.port,
      commands: [
        standIn("cpu", [
          "--ignore",
          "SIGINT,SIGTERM",
          "--fork",
          "2",
          "--ready",
        ]),
      ],
    });
    await home.until(`${BASE}/availability`, "online");
    await home.say(BASE, "ON");
    await rig.untilLogged("ready");
    rig.signal("SIGINT");
    await rig.untilLogged("Asked to end");
    const since = performance.now();
    rig.signal("SIGINT");
    assertEquals((await rig.ended()).code, 0, rig.log);
    const tookMs = performance.now() - since;
    assert(tookMs < 5_000, `force took ${tookMs} ms`);
    assertEquals(await marked(rig), []);
    await home.until(`${BASE}/availability`, "offline");
    assertEquals(home.latest(`${BASE}/status`), "OFF");
  },
);

mosquittoTest(
  "kolikko run hears OFF at SIGHUP and SIGTSTP as ever, and ends with a code at 300 SIGTERMs in a row",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: broker.port,
      commands: [standIn("cpu", [])],
    });
    await home.until(`${BASE}/availability`, "online");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    for (const signal of ["SIGHUP", "SIGTSTP"] as const) {
      rig.signal(signal);
      await rig.untilLogged(`Goes on at ${signal}`);
    }
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    const ended = rig.ended();
    let isOver = false;
    void ended.then(() => isOver = true);
    for (let count = 0; count < 300 && !isOver; count += 1) {
      // It may have ended just now.
      try {
        rig.signal("SIGTERM");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      if (count % 3 === 0) await new Promise((done) => setTimeout(done, 4));
    }
    const { code, signal } = await ended;
    assertEquals([code, signal], [0, null], rig.log);
    assertEquals(await marked(rig), []);
    await home.until(`${BASE}/availability`, "offline");
    assertEquals(home.latest(`${BASE}/status`), "OFF");
  },
);

Deno.test("kolikko run ends in order while there is no broker at all", async () => {
  await using rig = await Rig.start({
    port: 9,
    commands: [standIn("cpu", [])],
  });
  await rig.untilLogged("No connection to the broker");
  rig.signal("SIGTERM");
  assertEquals((await rig.ended()).code, 0, rig.log);
});

Deno.test("kolikko run reports all mistakes of a configuration and ends with 2", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${dir}/kolikko.toml`,
    '[mqtt]\nurl = "http://x"\n[heat]\nmin_onn = "5m"\n[[command]]\nname = "a b"\nexec = 5\n',
  );
  await using rig = Rig.startIn(dir, [], {});
  assertEquals((await rig.ended()).code, 2);
  for (const phrase of [":2:", ":4:", "min_on", ":6:", ":7:"]) {
    assertStringIncludes(rig.log, phrase);
  }
});

Deno.test("kolikko says how it is to be called, and ends with 2, where it is called wrongly", async () => {
  const dir = await Deno.makeTempDir();
  await using rig = Rig.startIn(dir, ["fly"], {});
  assertEquals((await rig.ended()).code, 2);
  assertStringIncludes(rig.log, "fly");
});

mosquittoTest(
  "kolikko run powers the machine off at SHUTDOWN, after everything is stopped and said",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    const bin = await Deno.makeTempDir();
    // Stands in for the system's own program: it only notes that it was called.
    const note = `${bin}/note`;
    await Deno.writeTextFile(
      `${bin}/systemctl`,
      `#!/bin/sh\necho "$@" > ${note}\n`,
      { mode: 0o755 },
    );
    await using rig = await Rig.start({
      port: broker.port,
      heat: ["allow_shutdown = true"],
      env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
      commands: [standIn("cpu", ["--like", "xmrig"])],
    });
    try {
      await home.until(`${BASE}/availability`, "online");
      await home.say(BASE, "ON");
      await home.until(`${BASE}/status`, "ON");
      await home.say(BASE, "SHUTDOWN");
      await home.until(`${BASE}/status`, "OFF");
      assertEquals(await marked(rig), []);
      await home.until(`${BASE}/statusmsg`, "Shutting the machine down");
      await rig.untilLogged("Powering the machine off");
      const end = performance.now() + 10_000;
      while (true) {
        const told = await Deno.readTextFile(note).catch(() => "");
        if (told !== "") {
          assertEquals(told, "poweroff\n");
          break;
        }
        assert(performance.now() < end, "it was not powered off");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      await Deno.remove(bin, { recursive: true });
    }
  },
);
