/** The program as a service of systemd. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystemd } from "../fakes/fake_systemd.ts";
import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn, USUAL_WAYS, wayTest } from "./rig.ts";

const BASE = "/kolikko1/heat";

/** The environment of a process, as the system shows it. */
async function environmentOf(pid: number): Promise<string[]> {
  return (await Deno.readTextFile(`/proc/${pid}/environ`)).split("\0");
}

for (const way of USUAL_WAYS) {
  wayTest(
    way,
    `kolikko run tells systemd that it is ready, what it does, that it lives, that it ends (${way.name})`,
    async () => {
      const dir = await Deno.makeTempDir();
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using systemd = new FakeSystemd(`${dir}/notify`);
      await using rig = await Rig.start({
        way,
        port: broker.port,
        commands: [standIn("cpu", ["--ready"])],
        env: { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "400000" },
      });
      try {
        await systemd.until("READY=1");
        await systemd.until("STATUS=OFF: ");
        // Far more often than the loop would turn by itself.
        await systemd.until("WATCHDOG=1", 8);
        await home.until(`${BASE}/availability`, "online");
        await home.say(BASE, "ON");
        await systemd.until("STATUS=ON: ");
        await rig.untilLogged("ready");
        const [miner] = await marked(rig);
        assert(miner !== undefined);
        const foreign = (await environmentOf(miner))
          .filter((line) => /^(NOTIFY_SOCKET|WATCHDOG_)/.test(line));
        assertEquals(foreign.filter((line) => !line.endsWith("=")), []);
        assertEquals(systemd.all("STOPPING"), []);
        rig.signal("SIGTERM");
        await systemd.until("STOPPING=1");
        await systemd.until("EXTEND_TIMEOUT_USEC=40000000");
        assertEquals((await rig.ended()).code, 0, rig.log);
        assertEquals(systemd.all("READY").length, 1);
        // Its own end of the socket has left no file.
        for await (const { name } of Deno.readDir(`${rig.dir}/state/kolikko`)) {
          assert(!name.endsWith(".sock"), name);
        }
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  );
}

Deno.test("kolikko run goes on where systemd cannot be told, and says what to set", async () => {
  await using rig = await Rig.start({
    port: 9,
    commands: [standIn("cpu", [])],
    env: { NOTIFY_SOCKET: "vsock:2:1234", WATCHDOG_USEC: "400000" },
  });
  await rig.untilLogged("No connection to the broker");
  assertStringIncludes(rig.log, "Cannot tell systemd how we fare");
  assertStringIncludes(rig.log, "use Type=exec without WatchdogSec");
  rig.signal("SIGTERM");
  assertEquals((await rig.ended()).code, 0, rig.log);
});
