/** A broker that hands out what it kept as if it were said just now, as Moquette does. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { listening, TOPICS } from "./listening.ts";

/** Its clock, and what it keeps for the rig. */
function unmarked(kept: Readonly<Record<string, string>>) {
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  broker.marksKept = false;
  for (const [topic, payload] of Object.entries(kept)) {
    broker.publish(topic, payload, { retain: true });
  }
  return { broker, clock };
}

for (const handsOutAfterMs of [0, 100, 900]) {
  Deno.test(`MqttService.run() is started by no kept ON that comes as new ${handsOutAfterMs} ms after it subscribed`, async () => {
    const { broker, clock } = unmarked({
      [TOPICS.command]: "ON",
      [TOPICS.levelSet]: "70",
    });
    broker.handsOutAfterMs = handsOutAfterMs;
    await using rig = await listening({ clock }, broker);
    await clock.advance(10_000);
    assertEquals(rig.input.read().word, undefined);
    assertStringIncludes(rig.input.read().waiting ?? "", "does not count");
    assertEquals(rig.links.length, 1);
    // What is said once it is announced is a wish of now.
    await rig.say("ON");
    assertEquals(rig.input.read().word?.demand, "on");
  });
}

Deno.test("MqttService.run() obeys a kept OFF that comes as new", async () => {
  const { broker, clock } = unmarked({ [TOPICS.command]: "OFF" });
  await using rig = await listening({ clock }, broker);
  await clock.advance(3_000);
  assertEquals(rig.input.read().word?.demand, "off");
});

Deno.test("MqttService.run() is announced within two seconds where no mark was ever seen, and then hears ON", async () => {
  const { broker, clock } = unmarked({});
  await using rig = await listening({ clock }, broker);
  assertEquals(rig.links.length, 0);
  await clock.advance(2_000);
  assertEquals(rig.links.length, 1);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() takes a kept ON for no word of a short outage, where it comes as new", async () => {
  const { broker, clock } = unmarked({ [TOPICS.command]: "ON" });
  await using rig = await listening({
    clock,
    async *links(signal) {
      const connect = broker.connect({ sessionMs: 600_000 });
      while (!signal.aborted) yield await connect(signal);
    },
  }, broker);
  await clock.advance(3_000);
  await rig.say("OFF");
  broker.cut();
  await settle();
  await clock.advance(3_000);
  assertEquals(rig.links.length, 3);
  assertEquals(rig.input.read().word?.demand, "off");
});
