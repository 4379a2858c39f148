/** `kolikko forget` and `kolikko check` as an owner calls them. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Mosquitto } from "../mosquitto.ts";
import { never, settingsFor } from "../mqtt_tools.ts";
import { Home } from "./home.ts";
import { PASSWORD } from "./lacking.ts";
import { BASE } from "./proof.ts";
import { Rig, standIn, USUAL, wayTest } from "./rig.ts";

/** All that a late subscriber finds. */
async function kept(
  port: number,
  user?: { readonly username: string; readonly password: string },
): Promise<string[]> {
  await using home = await Home.join(port, user);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return home.seen.filter(({ retain }) => retain).map(({ topic }) => topic);
}

/** Calls the program in a rig's folder. */
async function call(
  { dir }: { readonly dir: string },
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(USUAL.exec, {
    args: [...USUAL.args, ...args],
    cwd: dir,
    env: {
      NO_COLOR: "1",
      STATE_DIRECTORY: "",
      XDG_STATE_HOME: `${dir}/state`,
    },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

wayTest(
  USUAL,
  "kolikko forget leaves nothing of the rig on the broker, and check finds all well",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: broker.port,
      commands: [standIn("cpu", [])],
    });
    await home.until(
      `homeassistant/device/${rig.id}/config`,
      (text) => text.includes("components"),
    );
    await home.say("stranger/topic", "stays", { retain: true });
    const busy = await call(rig, "forget", "--yes");
    assertEquals(busy.code, 1);
    assertStringIncludes(busy.text, "while its controller runs");
    const running = await call(rig, "check");
    assertStringIncludes(running.text, "not tried, as the controller runs");
    assertEquals(running.code, 0, running.text);
    rig.signal("SIGTERM");
    await rig.ended();
    await home.say(BASE, "ON", { retain: true });
    const check = await call(rig, "check");
    assertEquals(check.code, 0, check.text);
    // As Home Assistant's switch leaves it there.
    assertMatch(check.text, /^ok +kept word .* keeps a message: "ON"/m);
    assertStringIncludes(check.text, "All is well");
    const before = await kept(broker.port);
    const shown = await call(rig, "forget");
    assertEquals(shown.code, 0);
    assertStringIncludes(shown.text, "Nothing was removed");
    // Neither looking nor checking has changed anything.
    assertEquals((await kept(broker.port)).sort(), before.sort());
    // As of a controller on another machine.
    await home.say(`${BASE}/availability`, "online", { retain: true });
    const elsewhere = await call(rig, "forget", "--yes");
    assertEquals(elsewhere.code, 1);
    assertStringIncludes(elsewhere.text, "says that its controller is online");
    assertEquals((await kept(broker.port)).sort(), before.sort());
    await home.say(`${BASE}/availability`, "offline", { retain: true });
    const removed = await call(rig, "forget", "--yes");
    assertEquals(removed.code, 0, removed.text);
    assertEquals(await kept(broker.port), ["stranger/topic"]);
    const again = await call(rig, "forget", "--yes");
    assertStringIncludes(again.text, "keeps nothing");
    assert(before.length > 10);
  },
);

wayTest(
  USUAL,
  "kolikko forget removes what it may not read, and nothing of others",
  async () => {
    const users = { rig: PASSWORD, home: PASSWORD };
    const base = "/rig/heat";
    await using broker = await Mosquitto.start({
      users,
      acl: [
        "user rig",
        `topic write ${base}/#`,
        `topic readwrite ${base}/level/set`,
        `topic readwrite ${base}/command/#`,
        "topic readwrite homeassistant/+/rig/#",
        "user home",
        "topic #",
      ],
    });
    const user = { username: "home", password: PASSWORD };
    await using home = await Home.join(broker.port, user);
    const own = [
      `${base}/status`,
      `${base}/level/set`,
      `${base}/command/gone/state`,
      "homeassistant/sensor/rig/power/config",
    ];
    const others = [
      `${base}/notes`,
      `${base}/command/gone/of/somebody`,
      "/rig/heat2/status",
      "homeassistant/device/rig/else/config",
      "homeassistant/device/rig2/config",
    ];
    for (const topic of [...own, ...others]) {
      await home.say(topic, "x", { retain: true });
    }
    const dir = await Deno.makeTempDir({ prefix: "kolikko_forget_" });
    await Deno.writeTextFile(
      `${dir}/kolikko.toml`,
      `[rig]
id = "rig"
[mqtt]
url = "mqtt://127.0.0.1:${broker.port}"
username = "rig"
password = "${PASSWORD}"
[topics]
base = "${base}"
[[command]]
name = "cpu"
exec = "sleep"
`,
    );
    // With MQTT 3.1.1 a session outlives whoever had it, for ever.
    const connect = createConnect(
      settingsFor(`mqtt://127.0.0.1:${broker.port}`, {
        username: "rig",
        password: PASSWORD,
        protocol: "3.1.1",
      }),
      { log: new RecordedLog() },
    );
    const session = async () => {
      const link = await connect(never());
      await link.close();
      return link.isResumed;
    };
    assertEquals([await session(), await session()], [false, true]);
    const shown = await call({ dir }, "forget");
    assertEquals([shown.code, await session()], [0, true]);
    const removed = await call({ dir }, "forget", "--yes");
    assertEquals(await session(), false);
    await Deno.remove(dir, { recursive: true });
    assertEquals(removed.code, 0, removed.text);
    assertEquals(
      (await kept(broker.port, user)).sort(),
      others.sort(),
    );
  },
);
