import { assertEquals } from "@std/assert";
import { Doorbell } from "../../lib/doorbell.ts";
import type { DiscoveryMode } from "../../lib/mqtt/discovery/documents.ts";
import type { Features } from "../../lib/mqtt/discovery/features.ts";
import { DiscoveryService } from "../../lib/mqtt/discovery_service.ts";
import { MqttService } from "../../lib/mqtt/mqtt_service.ts";
import { PublisherService } from "../../lib/mqtt/publisher_service.ts";
import { InputBuffer } from "../../lib/input_buffer.ts";
import { OutputBuffer } from "../../lib/output_buffer.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { withLogged } from "../fakes/logged.ts";
import { topicsBelow } from "../fakes/topics.ts";

const TOPICS = topicsBelow("h");
const DEVICE = "homeassistant/device/rig/config";
const SINGLE = "homeassistant/switch/rig/heat/config";

/** A rig that announces itself on a broker in memory. */
class Announcing implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly output: OutputBuffer;
  readonly input: InputBuffer;
  features: Features = {
    commands: [{ name: "cpu", isRead: false }],
    power: false,
    temperature: false,
  };
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(readonly broker: FakeBroker, mode: DiscoveryMode = "device") {
    const { clock } = this;
    const doorbell = new Doorbell();
    this.output = new OutputBuffer({ doorbell });
    const input = new InputBuffer({ clock, doorbell: new Doorbell() });
    this.input = input;
    const publisher = new PublisherService({
      output: this.output,
      doorbell,
      clock,
      availabilityTopic: TOPICS.availability,
      onDenied: () => {},
    });
    const discovery = new DiscoveryService({
      announced: {
        mode,
        prefix: "homeassistant",
        rig: { id: "rig", name: "Rig" },
        version: "1",
        topics: TOPICS,
        retainedCommands: "off-only",
      },
      features: () => this.features,
      input,
      output: this.output,
      settled: (limitMs) => publisher.settled(limitMs),
      sayAll: () => publisher.sayAll(),
      clock,
      random: () => 0.5,
    });
    const connect = broker.connect({ clientId: "rig" });
    const service = new MqttService({
      onFailure: (error) => {
        throw error;
      },
      async *links(signal) {
        while (!signal.aborted) {
          const link = await connect(signal);
          yield link;
          await clock.sleep(1_000, signal);
        }
      },
      rival: () => undefined,
      input,
      clock,
      topics: TOPICS,
      retainedCommands: "off-only",
      allowShutdown: false,
      onLink: (link) => {
        publisher.use(link);
        discovery.use(link);
      },
      onBirth: () => discovery.born(),
      onWord: () => discovery.spoken(),
      onOther: (message) => discovery.found(message),
    });
    this.output.put(new Map([[TOPICS.status, "OFF"]]));
    const { signal } = this.#stop;
    this.#running = Promise.all([
      service.run(signal),
      publisher.run(signal),
      discovery.run(signal),
    ]);
  }

  /** How often something was published to a topic. */
  count(topic: string): number {
    return this.broker.payloads(topic).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.broker.cut();
    await this.clock.advance(5_000);
    await this.#running;
  }
}

function keysOf(document: string | undefined): string[] {
  return Object.keys(JSON.parse(document ?? "{}").components ?? {});
}

Deno.test("DiscoveryService announces the rig once, and again on the next connection", async () => {
  await using rig = new Announcing(new FakeBroker());
  await rig.clock.advance(3_000);
  assertEquals(rig.count(DEVICE), 1);
  assertEquals(keysOf(rig.broker.retained(DEVICE)).includes("heat"), true);
  await rig.clock.advance(600_000);
  assertEquals(rig.count(DEVICE), 1);
  rig.broker.cut();
  await rig.clock.advance(5_000);
  assertEquals(rig.count(DEVICE), 2);
});

Deno.test("DiscoveryService says all again after Home Assistant's birth, once and a little later", async () => {
  await using rig = new Announcing(new FakeBroker());
  await rig.clock.advance(10_000);
  const before = rig.broker.published.length;
  for (let count = 0; count < 5; count += 1) {
    rig.broker.publish(TOPICS.thermostatStatus, "online");
  }
  await rig.clock.advance(2_400);
  assertEquals(rig.broker.published.length, before + 5);
  await rig.clock.advance(200);
  assertEquals(
    rig.broker.published.slice(before + 5).map(({ topic }) => topic),
    [TOPICS.availability, TOPICS.status, DEVICE],
  );
});

Deno.test("DiscoveryService takes no birth that the broker has kept for news", async () => {
  const broker = new FakeBroker();
  broker.publish(TOPICS.thermostatStatus, "online", { retain: true });
  await using rig = new Announcing(broker);
  await rig.clock.advance(20_000);
  assertEquals(rig.count(TOPICS.status), 1);
});

Deno.test("DiscoveryService announces what the rig turns out to deliver, and takes it back never", async () => {
  const broker = new FakeBroker();
  {
    await using rig = new Announcing(broker);
    await rig.clock.advance(3_000);
    assertEquals(keysOf(broker.retained(DEVICE)).includes("power"), false);
    rig.features = { ...rig.features, power: true };
    await rig.clock.advance(31_000);
    assertEquals(keysOf(broker.retained(DEVICE)).includes("power"), true);
  }
  await using again = new Announcing(broker);
  await again.clock.advance(60_000);
  assertEquals(keysOf(broker.retained(DEVICE)).includes("power"), true);
});

Deno.test("DiscoveryService moves from one form to the other, step by step", async () => {
  const broker = new FakeBroker();
  {
    await using rig = new Announcing(broker, "single");
    await rig.clock.advance(5_000);
    assertEquals(broker.retained(DEVICE), undefined);
    assertEquals(JSON.parse(broker.retained(SINGLE) ?? "{}").name, null);
  }
  const before = broker.published.length;
  await using rig = new Announcing(broker);
  await rig.clock.advance(5_000);
  const said = broker.published.slice(before)
    .filter(({ topic }) => topic === SINGLE || topic === DEVICE)
    .map(({ topic, payload }) => `${topic} ${payload.slice(0, 22)}`);
  assertEquals(said, [
    `${SINGLE} {"migrate_discovery":t`,
    `${DEVICE} {"device":{"identifier`,
    `${SINGLE} `,
  ]);
  const left = broker.published.map(({ topic }) => topic)
    .filter((topic) => topic.includes("/rig/") && topic !== DEVICE)
    .filter((topic) => broker.retained(topic) !== undefined);
  assertEquals(left, []);
});

Deno.test("DiscoveryService removes everything if it is off", async () => {
  const broker = new FakeBroker();
  {
    await using rig = new Announcing(broker);
    await rig.clock.advance(5_000);
  }
  await using rig = new Announcing(broker, "off");
  await rig.clock.advance(5_000);
  assertEquals(broker.retained(DEVICE), undefined);
});

Deno.test("DiscoveryService announces the rig all the same where it may not look", async () => {
  const broker = new FakeBroker();
  for (
    const filter of [DEVICE, "homeassistant/+/rig/+/config", "h/command/#"]
  ) {
    broker.denySubscribe.add(filter);
  }
  await using rig = new Announcing(broker);
  await rig.clock.advance(3_000);
  assertEquals(rig.count(DEVICE), 1);
});

Deno.test("DiscoveryService hears nothing of what it says itself", async () => {
  const broker = new FakeBroker();
  await using rig = new Announcing(broker);
  await rig.clock.advance(5_000);
  const count = broker.published.length;
  broker.publish("h/command/old/state", "stopped", { retain: true });
  await rig.clock.advance(60_000);
  assertEquals(broker.published.length, count + 1);
});

Deno.test("DiscoveryService announces after it prepared, though the connection broke while it looked", async () => {
  const broker = new FakeBroker();
  {
    await using rig = new Announcing(broker, "single");
    await rig.clock.advance(5_000);
  }
  const before = broker.published.length;
  await using rig = new Announcing(broker);
  await rig.clock.advance(1_000);
  broker.cut();
  await rig.clock.advance(10_000);
  const said = broker.published.slice(before)
    .filter(({ topic }) => topic === SINGLE || topic === DEVICE)
    .map(({ topic, payload }) => `${topic} ${payload.slice(0, 22)}`);
  assertEquals(said.slice(-3), [
    `${SINGLE} {"migrate_discovery":t`,
    `${DEVICE} {"device":{"identifier`,
    `${SINGLE} `,
  ]);
});

for (const [mode, topic] of [["device", DEVICE], ["single", SINGLE]] as const) {
  Deno.test(`DiscoveryService notices that somebody removed the rig, and announces it at the next word (${mode})`, async () => {
    const broker = new FakeBroker();
    await using rig = new Announcing(broker, mode);
    await rig.clock.advance(5_000);
    broker.publish(TOPICS.command, "ON");
    await rig.clock.advance(1_000);
    const at = rig.clock.now();
    broker.publish(topic, "", { retain: true });
    await rig.clock.advance(100_000);
    assertEquals(rig.input.read().deletedAt, at);
    assertEquals(broker.retained(topic), undefined);
    // What is no word says nothing of a thermostat.
    broker.publish(TOPICS.command, "on");
    await rig.clock.advance(1_000);
    assertEquals(broker.retained(topic), undefined);
    broker.publish(TOPICS.command, "ON");
    await rig.clock.advance(1_000);
    assertEquals(broker.retained(topic)?.includes(TOPICS.command), true);
    assertEquals(rig.input.read().deletedAt, undefined);
    assertEquals(rig.count(topic), 3);
    // And so on.
    broker.publish(topic, "", { retain: true });
    await rig.clock.advance(1_000);
    assertEquals(rig.input.read().deletedAt, rig.clock.now() - 1_000);
  });
}

Deno.test("DiscoveryService logs a removal once, however often it is said", async () => {
  const broker = new FakeBroker();
  await using rig = new Announcing(broker);
  await rig.clock.advance(5_000);
  const lines = await withLogged(
    ({ rawMessage }) => rawMessage.toString(),
    async () => {
      for (let each = 0; each < 500; each++) broker.publish(DEVICE, "");
      await rig.clock.advance(1);
    },
  );
  assertEquals(lines, ["Somebody removed this rig from Home Assistant"]);
});

Deno.test("DiscoveryService takes nothing for removed that it moves or removes itself", async () => {
  const broker = new FakeBroker();
  for (const mode of ["single", "device", "single", "off", "device"] as const) {
    await using rig = new Announcing(broker, mode);
    await rig.clock.advance(3_000);
    rig.features = { ...rig.features, power: true };
    await rig.clock.advance(40_000);
    assertEquals(rig.input.read().deletedAt, undefined, mode);
  }
});

Deno.test("DiscoveryService takes an ON of before for OFF when it takes the switch away", async () => {
  const broker = new FakeBroker();
  {
    await using rig = new Announcing(broker);
    await rig.clock.advance(5_000);
  }
  await using rig = new Announcing(broker, "off");
  await rig.clock.advance(500);
  broker.publish(TOPICS.command, "ON");
  await rig.clock.advance(4_000);
  assertEquals(broker.retained(DEVICE), undefined);
  // Home Assistant may not have seen it yet.
  broker.publish(TOPICS.command, "ON");
  await rig.clock.advance(4_000);
  assertEquals(rig.input.read().word, undefined);
  assertEquals(rig.input.read().forgotten, { kind: "withdrawn" });
  broker.publish(TOPICS.command, "ON");
  await rig.clock.advance(1_000);
  rig.broker.cut();
  await rig.clock.advance(60_000);
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("DiscoveryService leaves the word where there was no switch, or where it may not remove it", async () => {
  const broker = new FakeBroker();
  {
    await using rig = new Announcing(broker, "off");
    await rig.clock.advance(2_000);
    broker.publish(TOPICS.command, "ON");
    await rig.clock.advance(60_000);
    assertEquals(rig.input.read().word?.demand, "on");
  }
  broker.publish(DEVICE, '{"components":{"heat":{}}}', { retain: true });
  broker.denyPublish.add(DEVICE);
  await using rig = new Announcing(broker, "off");
  await rig.clock.advance(2_000);
  broker.publish(TOPICS.command, "ON");
  await rig.clock.advance(60_000);
  assertEquals(rig.input.read().word?.demand, "on");
});
