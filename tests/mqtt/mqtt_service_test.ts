import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Doorbell } from "../../lib/doorbell.ts";
import { InputBuffer } from "../../lib/input_buffer.ts";
import type { Link } from "../../lib/mqtt/link.ts";
import {
  MqttService,
  type MqttServiceOptions,
} from "../../lib/mqtt/mqtt_service.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { topicsBelow } from "../fakes/topics.ts";

const TOPICS = topicsBelow("/h");

/** A service that listens to a broker in memory, until `stop()`. */
async function listening(
  some: Partial<MqttServiceOptions> = {},
  broker = new FakeBroker(),
) {
  const clock = new FakeClock({ now: 1_000 });
  const input = new InputBuffer({ clock, doorbell: new Doorbell() });
  const stop = new AbortController();
  const links: (Link | undefined)[] = [];
  const service = new MqttService({
    async *links(signal) {
      while (!signal.aborted) yield await broker.connect()(signal);
    },
    input,
    clock,
    topics: TOPICS,
    retainedCommands: "off-only",
    allowShutdown: false,
    onLink: (link) => links.push(link),
    ...some,
  });
  const running = service.run(stop.signal);
  await settle();
  return {
    broker,
    clock,
    input,
    links,
    async say(payload: string, retain = false) {
      broker.publish(TOPICS.command, payload, { retain });
      await settle();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await settle();
      await links.at(-1)?.close();
      await running;
    },
  };
}

Deno.test("MqttService.run() puts ON and OFF into the input", async () => {
  await using rig = await listening();
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
  await rig.say(" OFF\n");
  assertEquals(rig.input.read().word?.demand, "off");
});

Deno.test("MqttService.run() refuses what it does not know, and keeps the old word", async () => {
  await using rig = await listening();
  await rig.say("ON");
  for (const payload of ["on", "", "x".repeat(1_000_000), "SHUTDOWN"]) {
    await rig.say(payload);
    assertEquals(rig.input.read().word?.demand, "on");
    assertStringIncludes(rig.input.read().notice ?? "", "Refused");
    assert((rig.input.read().notice ?? "").length < 255);
  }
});

Deno.test("MqttService.run() treats retained commands as configured", async () => {
  const table: [MqttServiceOptions["retainedCommands"], string, boolean][] = [
    ["off-only", "ON", false],
    ["off-only", "OFF", true],
    ["ignore", "ON", false],
    ["ignore", "OFF", false],
    ["accept", "ON", true],
    ["accept", "OFF", true],
  ];
  for (const [retainedCommands, payload, accepted] of table) {
    const broker = new FakeBroker();
    broker.publish(TOPICS.command, payload, { retain: true });
    await using rig = await listening({ retainedCommands }, broker);
    const { word, notice } = rig.input.read();
    assertEquals(
      word !== undefined,
      accepted,
      `${retainedCommands} ${payload}`,
    );
    assertEquals(
      notice?.includes(`A retained "${payload}"`) ?? false,
      !accepted,
    );
  }
});

Deno.test("MqttService.run() never obeys a retained SHUTDOWN", async () => {
  const broker = new FakeBroker();
  broker.publish(TOPICS.command, "SHUTDOWN", { retain: true });
  await using rig = await listening({
    retainedCommands: "accept",
    allowShutdown: true,
  }, broker);
  assertEquals(rig.input.read().shutdown, "no");
  await rig.say("SHUTDOWN");
  assertEquals(rig.input.read().shutdown, "asked");
});

Deno.test("MqttService.run() hears a thermostat's host come and go", async () => {
  await using rig = await listening();
  rig.broker.publish(TOPICS.thermostatStatus, "offline");
  await settle();
  assertEquals(rig.input.read().thermostatOffline, {
    from: 1_000,
    to: undefined,
  });
  rig.broker.publish(TOPICS.thermostatStatus, "Online");
  await settle();
  assertEquals(rig.input.read().thermostatOffline?.to, 1_000);
  assertEquals(rig.input.read().word, undefined);
});

Deno.test("MqttService.run() is deaf until it is subscribed, and again when the connection is lost", async () => {
  await using rig = await listening();
  assertEquals(rig.input.read().deaf, { from: 1_000, to: 1_000 });
  await rig.clock.advance(50);
  rig.broker.cut();
  await settle();
  assertEquals(rig.links.map((link) => link !== undefined), [
    true,
    false,
    true,
  ]);
  assertEquals(rig.input.read().deaf, { from: 1_050, to: 1_050 });
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() stays deaf while the broker denies the command topic, and asks again", async () => {
  const broker = new FakeBroker();
  broker.denySubscribe.add(TOPICS.command);
  await using rig = await listening({}, broker);
  assertEquals(rig.input.read().deaf?.to, undefined);
  assertStringIncludes(rig.input.read().notice ?? "", "/h (");
  // It can be spoken on all the same, so that the owner gets to know.
  assertEquals(rig.links.length, 1);
  broker.denySubscribe.clear();
  await rig.clock.advance(60_000);
  assertEquals(rig.input.read().deaf?.to, 61_000);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() does without Home Assistant's status where the broker denies it", async () => {
  const broker = new FakeBroker();
  broker.denySubscribe.add(TOPICS.thermostatStatus);
  await using rig = await listening({}, broker);
  assertEquals(rig.input.read().deaf?.to, 1_000);
  assertEquals(rig.input.read().notice, undefined);
});
