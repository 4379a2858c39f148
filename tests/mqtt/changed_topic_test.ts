/** A broker that takes characters of a topic for others, as RabbitMQ does. */

import { assertEquals } from "@std/assert";
import { changedInto, oddCharacters } from "../../lib/mqtt/topic_list.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { settle } from "../fakes/fake_clock.ts";
import { FakeLink } from "../fakes/fake_link.ts";
import { topicsBelow } from "../fakes/topics.ts";
import { listening, TOPICS } from "./listening.ts";

for (const protocol of ["3.1.1", "5"] as const) {
  Deno.test(`MqttService.run() is deaf where what is said to it comes under another topic (MQTT ${protocol})`, async () => {
    const topics = topicsBelow("/h.x");
    const broker = new FakeBroker();
    broker.publish(topics.availability, "offline", { retain: true });
    const links: FakeLink[] = [];
    await using rig = await listening({
      topics,
      async *links(signal) {
        const link = await broker.connect({ protocol })(signal);
        if (link instanceof FakeLink) links.push(link);
        yield link;
      },
    }, broker);
    assertEquals(rig.input.read().denied.read, []);
    links[0]?.deliver({ topic: "/h/x", payload: "OFF", retain: false });
    await settle();
    assertEquals(rig.input.read().denied.read.includes("/h.x"), true);
    assertEquals(rig.input.read().deaf?.to, undefined);
    assertEquals(rig.input.read().deaf === undefined, false);
  });
}

Deno.test("MqttService.run() takes no topic for a changed one of its own where its own have no such character", async () => {
  await using rig = await listening();
  await rig.say("ON");
  rig.broker.publish(`${TOPICS.command}.`, "OFF");
  await settle();
  assertEquals(rig.input.read().denied.read, []);
});

Deno.test("oddCharacters() and changedInto() know what brokers take for other characters", () => {
  assertEquals(oddCharacters(["/kök1/heat_a-b", "a.b c.d"]), [".", " "]);
  const own = ["/h/x", "/h.x", "/h*y"];
  assertEquals(changedInto("/h.x", own), undefined);
  assertEquals(changedInto("/h/x", ["/h.x"]), "/h.x");
  assertEquals(changedInto("/h+y", own), "/h*y");
  assertEquals(changedInto("/h/z", own), undefined);
});
