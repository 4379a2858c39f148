import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import mqtt from "mqtt";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { ConnectError, type Link, PublishDenied } from "../../lib/mqtt/link.ts";
import { CLOSED_BY_US, isTakenOver } from "../../lib/mqtt/reasons.ts";
import { MqttLink } from "../../lib/mqtt/mqtt_link.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Inbox, never, settingsFor, within } from "../mqtt_tools.ts";
import {
  type Answer,
  CONNACK_311,
  CONNACK_5,
  CONNECT,
  DISCONNECT,
  type Packet,
  PUBLISH,
  ScriptedBroker,
  SUBSCRIBE,
} from "../scripted_broker.ts";

/** Accepts whoever connects, then answers as told. */
function accepting(then: (packet: Packet) => Answer): ScriptedBroker {
  return new ScriptedBroker((packet) =>
    packet.kind === CONNECT ? CONNACK_5 : then(packet)
  );
}

async function connectTo(broker: ScriptedBroker): Promise<Link> {
  const settings = settingsFor(broker.url, { protocol: "5" });
  return await createConnect(settings, { log: new RecordedLog() })(never());
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The id of a PUBLISH with this topic. */
function publishId({ body }: Packet): [number, number] {
  const at = 2 + (body[0] ?? 0) * 256 + (body[1] ?? 0);
  return [body[at] ?? 0, body[at + 1] ?? 0];
}

Deno.test("Link.closed tells the broker's own reason", async () => {
  const ends = [
    [0x8b, "the broker ended the connection: it is shutting down (0x8B)"],
    [0x8e, 'another client uses the id "rig"'],
    [
      0x98,
      "the broker ended the connection: its administrator ended it (0x98)",
    ],
  ] as const;
  for (const [code, reason] of ends) {
    await using broker = accepting(() => undefined);
    const link = await connectTo(broker);
    // The socket stays open: the word alone is enough.
    await broker.send([0xe0, 2, code, 0]);
    assertEquals(await within(link.closed), reason);
    assertEquals(isTakenOver(reason), code === 0x8e);
    await link.close();
  }
});

Deno.test("Link.subscribe() returns what the broker refuses, topic by topic", async () => {
  await using broker = accepting(({ kind, body }) =>
    kind === SUBSCRIBE
      ? [0x90, 6, body[0] ?? 0, body[1] ?? 0, 0, 1, 0x87, 0x80]
      : undefined
  );
  const link = await connectTo(broker);
  const denied = await link.subscribe(["good", "bad", "worse"]);
  assertEquals(denied, [
    {
      topic: "bad",
      reason: "not authorized (0x87): allow it in the broker's access list",
    },
    {
      topic: "worse",
      reason: "refused without a reason (0x80): see the broker's access list",
    },
  ]);
  await link.close();
});

Deno.test("Link.publish() takes 'no matching subscribers' for a success", async () => {
  await using broker = accepting((packet) =>
    packet.kind === PUBLISH
      ? [0x40, 4, ...publishId(packet), 0x10, 0]
      : undefined
  );
  const link = await connectTo(broker);
  await link.publish("a", "b", { retain: true });
  await link.close();
});

Deno.test("Link.publish() rejects with PublishDenied when a quota is used up", async () => {
  await using broker = accepting((packet) =>
    packet.kind === PUBLISH
      ? [0x40, 4, ...publishId(packet), 0x97, 0]
      : undefined
  );
  const link = await connectTo(broker);
  await assertRejects(
    () => link.publish("a", "b", { retain: true }),
    PublishDenied,
    'Cannot publish to "a" as the broker refuses it: its quota is used up',
  );
  await link.close();
});

Deno.test("Link.publish() has no more messages under way than the broker allows, in order", async () => {
  const held: Packet[] = [];
  await using broker = new ScriptedBroker((packet) => {
    // Receive Maximum 2
    if (packet.kind === CONNECT) return [0x20, 6, 0, 0, 3, 0x21, 0, 2];
    if (packet.kind === PUBLISH) held.push(packet);
    return undefined;
  });
  const link = await connectTo(broker);
  const topics = ["a", "b", "c", "d", "e"];
  const said = topics.map((topic) =>
    link.publish(topic, "1", { retain: true })
  );
  const arrived: string[] = [];
  let most = 0;
  while (arrived.length < topics.length) {
    while (held.length === 0) await wait(5);
    // Whatever else were under way would be here by now.
    await wait(50);
    most = Math.max(most, held.length);
    const packet = held.shift();
    if (packet === undefined) break;
    arrived.push(String.fromCharCode(packet.body[2] ?? 0));
    await broker.send([0x40, 2, ...publishId(packet)]);
  }
  await within(Promise.all(said));
  assertEquals(arrived, topics);
  assertEquals(most, 2);
  await link.close();
});

Deno.test("Link.publish() rejects what waited for its turn when the connection ends", async () => {
  await using broker = accepting(() => undefined);
  const link = await connectTo(broker);
  const said = Array.from(
    { length: 40 },
    (_, index) => link.publish(`t${index}`, "1", { retain: true }),
  );
  broker.drop();
  const results = await within(Promise.allSettled(said));
  assert(results.every(({ status }) => status === "rejected"));
});

Deno.test("createConnect() takes a socket that closes behind the answer for a lost connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const end of listener) {
      await end.read(new Uint8Array(1000));
      await end.write(new Uint8Array(CONNACK_5));
      end.close();
    }
  })();
  const url = `mqtt://127.0.0.1:${listener.addr.port}`;
  const settings = settingsFor(url, { protocol: "5" });
  const connect = createConnect(settings, { log: new RecordedLog() });
  for (let time = 0; time < 20; time += 1) {
    const link = await connect(never()).catch((error) => error);
    if (link instanceof Error) assert(link instanceof ConnectError, `${link}`);
    else await within(link.closed);
  }
  listener.close();
  await served;
});

Deno.test("Link.close() says DISCONNECT within two seconds, whatever the broker leaves unanswered", async () => {
  await using broker = accepting(() => undefined);
  const link = await connectTo(broker);
  const published = assertRejects(
    () => link.publish("a", "b", { retain: true }),
    Error,
    CLOSED_BY_US,
  );
  const startedAt = performance.now();
  await link.close();
  assertLess(performance.now() - startedAt, 2000);
  await published;
  const last = broker.packets.at(-1);
  assertEquals(last?.kind, DISCONNECT);
  // Reason 0: a broker that gets it does not send the will.
  assertEquals(last?.body[0], 0);
});

Deno.test("Link.close() waits for the acknowledgement of what was published before", async () => {
  await using broker = accepting((packet) =>
    packet.kind === PUBLISH ? [0x40, 2, ...publishId(packet)] : undefined
  );
  const link = await connectTo(broker);
  const published = link.publish("a", "b", { retain: true });
  await link.close();
  await published;
});

Deno.test("Link.messages keeps the last thousand and says once that it drops others", async () => {
  const log = new RecordedLog();
  await using broker = new ScriptedBroker(() => CONNACK_311);
  const settings = settingsFor(broker.url, { protocol: "3.1.1" });
  const link = await createConnect(settings, { log })(never());
  const messages: number[] = [];
  for (let each = 0; each < 1100; each++) {
    // PUBLISH, QoS 0, topic "a", two bytes of payload.
    messages.push(0x30, 5, 0, 1, 97, each >> 8, each & 0xff);
  }
  await broker.send(messages);
  await broker.send([0x30, 4, 0, 1, 98, 33]);
  broker.drop();
  await within(link.closed);
  let count = 0;
  let first: number | undefined;
  let last = "";
  for await (const { topic, payload } of link.messages) {
    first ??= (payload[0] ?? 0) * 256 + (payload[1] ?? 0);
    last = topic;
    count++;
  }
  assertEquals([count, first, last], [1000, 101, "b"]);
  const warnings = log.lines.filter((line) => line.startsWith("warn"));
  assertEquals(warnings.length, 1);
  await link.close();
});

Deno.test("Link.messages tells what a broker would not have kept", async () => {
  await using broker = new ScriptedBroker(({ kind }) =>
    kind === CONNECT ? CONNACK_311 : undefined
  );
  const settings = settingsFor(broker.url, { protocol: "3.1.1" });
  const connect = createConnect(settings, { log: new RecordedLog() });
  const link = await connect(never());
  // PUBLISH on "a": with QoS 0, then with QoS 1 and an id.
  await broker.send([0x30, 4, 0, 1, 97, 33, 0x32, 6, 0, 1, 97, 0, 1, 33]);
  const fleeting: (boolean | undefined)[] = [];
  for await (const { isFleeting } of link.messages) {
    if (fleeting.push(isFleeting) === 2) break;
  }
  assertEquals(fleeting, [true, false]);
  await link.close();
});

Deno.test("Link.closed comes when the broker sends nonsense", async () => {
  await using broker = accepting(() => undefined);
  const link = await connectTo(broker);
  const inbox = new Inbox(link);
  await broker.send([0xf7, 0xff, 0xff, 0xff, 0xff, 0xff]);
  const reason = await within(link.closed);
  assert(reason !== CLOSED_BY_US);
  assertGreater(reason.length, 10);
  assertEquals(await inbox.next(), undefined);
  await link.close();
});

Deno.test("Link.heardAt is the moment of the latest packet, of whichever kind", async () => {
  const clock = new FakeClock({ now: 1_000 });
  await using broker = accepting((packet) =>
    packet.kind === PUBLISH ? [0x40, 2, ...publishId(packet)] : undefined
  );
  const client = mqtt.connect(broker.url, {
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  const link = new MqttLink(client, {
    protocol: "5",
    clientId: "rig",
    log: new RecordedLog(),
    clock,
    now: () => clock.now(),
  });
  await within(new Promise((resolve) => client.once("connect", resolve)));
  await clock.advance(5_000);
  assertEquals(link.heardAt, 1_000);
  await link.publish("a", "b", { retain: true });
  assertEquals(link.heardAt, 6_000);
  await clock.advance(5_000);
  broker.drop();
  await within(link.closed);
  assertEquals(link.heardAt, 6_000);
});
