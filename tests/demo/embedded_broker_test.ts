import { assertEquals, assertRejects } from "@std/assert";
import { startEmbeddedBroker } from "../../lib/demo/embedded_broker.ts";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { ConnectError } from "../../lib/mqtt/link.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { never, settingsFor, within } from "../mqtt_tools.ts";

Deno.test("startEmbeddedBroker() ends its connections and frees its port when closed", async () => {
  const broker = await startEmbeddedBroker({ port: 0 });
  assertEquals(broker.url, `mqtt://127.0.0.1:${broker.port}`);
  const log = new RecordedLog();
  const connect = createConnect(settingsFor(broker.url), { log });
  const link = await connect(never());
  // One that never says CONNECT must not keep it open either.
  const silent = await Deno.connect({ port: broker.port });
  await within(broker.close());
  await within(link.closed);
  silent.close();
  await assertRejects(() => connect(never()), ConnectError, "nothing listens");
  const again = await startEmbeddedBroker({ port: broker.port });
  await again.close();
});

Deno.test("startEmbeddedBroker() fails when the port is taken", async () => {
  const broker = await startEmbeddedBroker({ port: 0 });
  await assertRejects(() => startEmbeddedBroker({ port: broker.port }));
  await broker.close();
});

Deno.test("startEmbeddedBroker() loses no message when retained and others mix", async () => {
  const broker = await startEmbeddedBroker({ port: 0 });
  const connect = (clientId: string) =>
    createConnect(settingsFor(broker.url, { clientId }), {
      log: new RecordedLog(),
    })(never());
  const reader = await connect("reader");
  const writers = await Promise.all([connect("one"), connect("two")]);
  await reader.subscribe(["#"]);
  for (let each = 0; each < 50; each++) {
    await Promise.all(writers.flatMap((writer) => [
      writer.publish("kept", "x", { retain: true }),
      writer.publish("passing", "x", { retain: false }),
    ]));
  }
  let count = 0;
  for await (const _ of reader.messages) {
    if (++count === 200) break;
  }
  await Promise.all([reader, ...writers].map((link) => link.close()));
  await broker.close();
});
