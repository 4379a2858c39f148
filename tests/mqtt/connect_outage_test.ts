import {
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { createConnect } from "../../lib/mqtt/connect.ts";
import type { BrokerSettings, Connect } from "../../lib/mqtt/link.ts";
import { CuttableProxy } from "../cuttable_proxy.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Inbox, never, settingsFor, within } from "../mqtt_tools.ts";

function connectTo(
  port: number,
  others: Partial<BrokerSettings> = {},
): Connect {
  const settings = settingsFor(`mqtt://127.0.0.1:${port}`, others);
  return createConnect(settings, { log: new RecordedLog() });
}

mosquittoTest(
  "Link.closed comes when a frozen broker misses the keepalive",
  async () => {
    for (const [protocol, keepaliveS] of [["5", 2], ["3.1.1", 1]] as const) {
      await using broker = await Mosquitto.start();
      const link = await connectTo(broker.port, { keepaliveS, protocol })(
        never(),
      );
      const frozenAt = performance.now();
      broker.freeze();
      const published = assertRejects(
        () => link.publish("a", "b", { retain: true }),
        Error,
        "keepalive",
      );
      assertEquals(
        await within(link.closed),
        "the broker does not answer any more (keepalive)",
      );
      const tookMs = performance.now() - frozenAt;
      assertGreater(tookMs, keepaliveS * 750);
      assertLess(tookMs, keepaliveS * 1500 + 1500);
      await published;
      await link.close();
      broker.thaw();
    }
  },
);

mosquittoTest(
  "Link.publish() leaves nothing that is sent after an outage",
  async () => {
    await using broker = await Mosquitto.start();
    const connect = connectTo(broker.port, { keepaliveS: 1 });
    const link = await connect(never());
    broker.freeze();
    const stale = link.publish("/rig/status", "stale", { retain: true });
    await assertRejects(() => stale);
    await broker.kill();
    await broker.restart();
    const watcher = await connectTo(broker.port, { clientId: "w" })(never());
    const inbox = new Inbox(watcher);
    await watcher.subscribe(["/rig/#"]);
    const next = await connect(never());
    await next.publish("/rig/status", "fresh", { retain: false });
    assertEquals(await inbox.next(), "/rig/status=fresh");
    await next.close();
    await watcher.close();
  },
);

mosquittoTest(
  "createConnect() takes up its session after a short outage, unseen by others",
  async () => {
    await using broker = await Mosquitto.start();
    await using proxy = new CuttableProxy(broker.port);
    const watcher = await connectTo(broker.port, { clientId: "w" })(never());
    const seen = new Inbox(watcher);
    await watcher.subscribe(["/rig/availability", "/rig/mark"]);

    const connect = connectTo(proxy.port);
    const link = await connect(never());
    await link.subscribe(["/rig/heat"]);
    proxy.cut();
    await within(link.closed);
    await watcher.publish("/rig/heat", "OFF", { retain: false });

    const next = await connect(never());
    // Before it subscribes again: the broker kept the subscription and the word.
    const inbox = new Inbox(next);
    assertEquals(await inbox.next(), "/rig/heat=OFF (kept)");
    await next.subscribe(["/rig/heat"]);
    await watcher.publish("/rig/heat", "ON", { retain: false });
    assertEquals(await inbox.next(), "/rig/heat=ON");
    await watcher.publish("/rig/mark", "1", { retain: false });
    assertEquals(await seen.next(), "/rig/mark=1");
    await next.close();
    await watcher.close();
  },
);

mosquittoTest(
  "createConnect() takes up the session of an earlier process, if it is to be kept, with either protocol",
  async () => {
    await using broker = await Mosquitto.start();
    const watcher = await connectTo(broker.port, { clientId: "w" })(never());
    for (const protocol of ["5", "3.1.1"] as const) {
      for (const sessionMs of [600_000, 0]) {
        await using proxy = new CuttableProxy(broker.port);
        const clientId = `rig-${protocol}-${sessionMs}`;
        // Each time as if the program had been started anew.
        const connect = () =>
          connectTo(proxy.port, { clientId, protocol, sessionMs })(never());
        const link = await connect();
        assertEquals(link.isResumed, false);
        await link.subscribe(["/rig/heat"]);
        proxy.cut();
        await within(link.closed);
        await watcher.publish("/rig/heat", "OFF", { retain: false });
        const next = await connect();
        assertEquals(next.isResumed, sessionMs > 0, clientId);
        const inbox = new Inbox(next);
        if (next.isResumed) {
          assertEquals(await inbox.next(), "/rig/heat=OFF (kept)");
        }
        await next.subscribe(["/rig/heat"]);
        await watcher.publish("/rig/heat", "ON", { retain: false });
        assertEquals(await inbox.next(), "/rig/heat=ON");
        await next.close();
      }
    }
    await watcher.close();
  },
);
