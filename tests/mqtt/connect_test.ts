import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startEmbeddedBroker } from "../../lib/demo/embedded_broker.ts";
import { createConnect } from "../../lib/mqtt/connect.ts";
import {
  type BrokerSettings,
  type Connect,
  ConnectError,
  PublishDenied,
} from "../../lib/mqtt/link.ts";
import { CuttableProxy } from "../cuttable_proxy.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { freePort, Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Inbox, never, settingsFor } from "../mqtt_tools.ts";
import {
  CONNACK_311,
  CONNECT,
  protocolLevel,
  ScriptedBroker,
} from "../scripted_broker.ts";

function connectTo(
  url: string,
  others: Partial<BrokerSettings> = {},
  connectTimeoutMs = 5000,
): Connect {
  const log = new RecordedLog();
  return createConnect(settingsFor(url, others), { log, connectTimeoutMs });
}

Deno.test("createConnect() falls back to MQTT 3.1.1 at once and remembers it", async () => {
  const broker = await startEmbeddedBroker({ port: 0 });
  const proxy = new CuttableProxy(broker.port);
  const log = new RecordedLog();
  const settings = settingsFor(`mqtt://127.0.0.1:${proxy.port}`);
  const connect = createConnect(settings, { log });
  for (const connections of [2, 3]) {
    const link = await connect(never());
    assertEquals(link.protocol, "3.1.1");
    assertEquals(proxy.connections, connections);
    await link.close();
  }
  assertEquals(log.lines, [
    'info: Speaking MQTT with the broker {"protocol":"3.1.1"}',
  ]);
  await proxy[Symbol.asyncDispose]();
  await broker.close();
});

Deno.test("createConnect() does not fall back if MQTT 5 is configured", async () => {
  const broker = await startEmbeddedBroker({ port: 0 });
  const connect = connectTo(broker.url, { protocol: "5" });
  await assertRejects(
    () => connect(never()),
    ConnectError,
    'set protocol to "auto"',
  );
  await broker.close();
});

Deno.test("createConnect() tries the other protocol after a socket that closed without an answer", async () => {
  const levels: number[] = [];
  await using broker = new ScriptedBroker((packet) => {
    if (packet.kind !== CONNECT) return undefined;
    levels.push(protocolLevel(packet));
    return protocolLevel(packet) === 5 ? "close" : CONNACK_311;
  });
  const connect = connectTo(broker.url);
  await assertRejects(
    () => connect(never()),
    ConnectError,
    "closed the connection without an answer",
  );
  const link = await connect(never());
  assertEquals(link.protocol, "3.1.1");
  assertEquals(levels, [5, 4]);
  link.close();
  await link.closed;
});

Deno.test("createConnect() gives up when there is no answer in time", async () => {
  await using broker = new ScriptedBroker(() => undefined);
  const connect = connectTo(broker.url, {}, 100);
  await assertRejects(
    () => connect(never()),
    ConnectError,
    "there was no answer within 0.1 s",
  );
});

Deno.test("createConnect() doubts a session that a try without an answer may have begun", async () => {
  let tries = 0;
  await using broker = new ScriptedBroker(({ kind }) => {
    if (kind !== CONNECT) return undefined;
    tries += 1;
    // It had our session, as it says.
    return tries === 1 ? undefined : [0x20, 2, 1, 0];
  });
  const connect = connectTo(broker.url, { protocol: "3.1.1" }, 500);
  await assertRejects(() => connect(never()), ConnectError, "no answer within");
  for (const isDoubtful of [true, false]) {
    const link = await connect(never());
    assertEquals(link.isResumed, true);
    assertEquals(link.isDoubtful, isDoubtful);
    link.destroy();
    await link.closed;
  }
});

Deno.test("createConnect() stops at once when it is aborted", async () => {
  const abort = new AbortController();
  await using broker = new ScriptedBroker(() => {
    abort.abort();
    return undefined;
  });
  const startedAt = performance.now();
  await assertRejects(
    () => connectTo(broker.url)(abort.signal),
    ConnectError,
    "asked to stop",
  );
  assertLess(performance.now() - startedAt, 1000);
});

Deno.test("createConnect() tells that nothing listens, without the secrets of the address", async () => {
  const port = freePort();
  const url = `mqtt://owner:hunter2@127.0.0.1:${port}/?token=hunter3`;
  const error = await assertRejects(
    () => connectTo(url)(never()),
    ConnectError,
  );
  assertStringIncludes(
    error.message,
    `Cannot connect to "mqtt://127.0.0.1:${port}/" as nothing listens`,
  );
});

Deno.test("createConnect() tells which file it cannot read", async () => {
  const connect = connectTo("mqtts://127.0.0.1:1", { caFile: "/no/ca.pem" });
  await assertRejects(
    () => connect(never()),
    ConnectError,
    'Cannot read ca_file "/no/ca.pem" as it does not exist',
  );
});

Deno.test("createConnect() tells when there are no websockets at an address", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("not here", { status: 404 }),
  );
  const connect = connectTo(`ws://127.0.0.1:${server.addr.port}/mqtt`);
  await assertRejects(
    () => connect(never()),
    ConnectError,
    "no MQTT over websockets at that address",
  );
  await server.shutdown();
});

Deno.test("createConnect() gives up on websockets when there is no answer in time", async () => {
  await using broker = new ScriptedBroker(() => undefined);
  const url = broker.url.replace("mqtt://", "ws://");
  await assertRejects(
    () => connectTo(url, {}, 100)(never()),
    ConnectError,
    "there was no answer within 0.1 s",
  );
});

mosquittoTest(
  "createConnect() reads password_file anew at each try",
  async () => {
    await using broker = await Mosquitto.start({ users: { rig: "right" } });
    const passwordFile = await Deno.makeTempFile();
    await Deno.writeTextFile(passwordFile, "wrong\n");
    const url = `mqtt://127.0.0.1:${broker.port}`;
    for (const protocol of ["auto", "3.1.1"] as const) {
      const others = { username: "rig", passwordFile, protocol };
      const connect = connectTo(url, others);
      await Deno.writeTextFile(passwordFile, "wrong\n");
      const error = await assertRejects(() => connect(never()), ConnectError);
      assertStringIncludes(error.message, 'the broker refuses user "rig"');
      assert(!error.message.includes("wrong"));
      await Deno.writeTextFile(passwordFile, "right\r\n");
      await (await connect(never())).close();
    }
    await assertRejects(
      () => connectTo(url)(never()),
      ConnectError,
      "wants a user name and a password",
    );
    await Deno.remove(passwordFile);
  },
);

mosquittoTest(
  "createConnect() reaches a broker through websockets",
  async () => {
    await using broker = await Mosquitto.start({ websockets: true });
    const url = `ws://localhost:${broker.port}/mqtt`;
    const link = await connectTo(url)(never());
    await link.publish("a", "b", { retain: false });
    await link.close();
    const wrong = connectTo(`mqtt://localhost:${broker.port}`, {}, 300);
    await assertRejects(() => wrong(never()), ConnectError);
  },
);

mosquittoTest(
  "Link.publish() rejects with PublishDenied what the access list forbids",
  async () => {
    await using broker = await Mosquitto.start({
      users: { rig: "word" },
      acl: ["user rig", "topic readwrite /rig/#"],
    });
    const login = { username: "rig", password: "word" };
    const link = await connectTo(`mqtt://localhost:${broker.port}`, login)(
      never(),
    );
    await link.publish("/rig/status", "ON", { retain: true });
    const error = await assertRejects(
      () => link.publish("/other/status", "ON", { retain: true }),
      PublishDenied,
    );
    assertStringIncludes(error.message, '"/other/status"');
    assertStringIncludes(error.message, "not authorized");
    // The connection stands all the same, and nobody hears is no refusal.
    await link.publish("/rig/nobody", "hears", { retain: false });
    await link.close();
  },
);

mosquittoTest(
  "Link.messages takes a live message for fresh, however it was sent",
  async () => {
    await using broker = await Mosquitto.start();
    const link = await connectTo(`mqtt://localhost:${broker.port}`)(never());
    const inbox = new Inbox(link);
    await link.subscribe(["/rig/heat"]);
    await link.publish("/rig/heat", "ON", { retain: true });
    await link.publish("/rig/heat", "OFF", { retain: false });
    assertEquals(await inbox.next(), "/rig/heat=ON");
    assertEquals(await inbox.next(), "/rig/heat=OFF");
    await link.close();
  },
);
