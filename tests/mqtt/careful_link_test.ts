/** A broker that ends the connection of whoever asks for what he may not. */

import { assertEquals } from "@std/assert";
import { withCare } from "../../lib/mqtt/careful_link.ts";
import type { Link } from "../../lib/mqtt/link.ts";
import { isHostHeard } from "../../lib/mqtt/topic_list.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { listening, TOPICS } from "./listening.ts";

const NEVER = new AbortController().signal;

/** A service on a broker like that. */
async function strictly(broker: FakeBroker, clock: FakeClock) {
  const connect = withCare(broker.connect(), clock);
  return await listening({
    clock,
    async *links(signal) {
      while (!signal.aborted) {
        const link = await connect(signal);
        yield link;
        await clock.sleep(1_000, signal);
      }
    },
  }, broker);
}

Deno.test("withCare() finds each topic that the broker ends a connection over, and the rig hears on", async () => {
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  const ending = [TOPICS.thermostatStatus, TOPICS.levelSet];
  for (const topic of ending) broker.endSubscribe.add(topic);
  await using rig = await strictly(broker, clock);
  await clock.advance(10_000);
  assertEquals(broker.tries, 4, "one surprise, and one for each topic");
  assertEquals([...rig.input.read().denied.read].sort(), ending.sort());
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
  // It does not flap: 1, 2, 4 minutes and so on.
  await clock.advance(3_600_000);
  assertEquals(rig.input.read().deaf?.to === undefined, false);
  if (broker.tries > 20) throw new Error(`${broker.tries} connections`);
});

Deno.test("withCare() leaves what ON means as it was, where another topic ends the connection", async () => {
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  broker.publish(TOPICS.level, "12", { retain: true });
  for (const topic of [TOPICS.thermostatStatus, TOPICS.levelSet]) {
    broker.endSubscribe.add(topic);
  }
  await using rig = await strictly(broker, clock);
  await clock.advance(10_000);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.level, 12);
});

Deno.test("withCare() leaves the rig deaf where the command topic is what ends the connection, until it is allowed", async () => {
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  broker.endSubscribe.add(TOPICS.command);
  await using rig = await strictly(broker, clock);
  await clock.advance(10_000);
  assertEquals(rig.input.read().deaf?.to, undefined);
  assertEquals(rig.input.read().denied.read, [TOPICS.command]);
  broker.endSubscribe.clear();
  await clock.advance(300_000);
  assertEquals(rig.input.read().denied.read, []);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

/** Publishes these at once; tells which were refused, and whether the connection stood. */
async function saying(link: Link, topics: readonly string[]) {
  const results = await Promise.allSettled(
    topics.map((topic) => link.publish(topic, "1", { retain: true })),
  );
  return results.map(({ status }) => status);
}

Deno.test("withCare() finds what may not be written among what is said at once, and tries it again later", async () => {
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  broker.endPublish.add("/b");
  const connect = withCare(broker.connect(), clock);
  const topics = ["/a", "/b", "/c"];
  await saying(await connect(NEVER), topics);
  await saying(await connect(NEVER), topics);
  const third = await connect(NEVER);
  assertEquals(await saying(third, topics), [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  await clock.advance(50_000);
  assertEquals((await saying(third, topics))[1], "rejected");
  broker.endPublish.clear();
  await clock.advance(20_000);
  assertEquals((await saying(third, topics))[1], "fulfilled");
  assertEquals(broker.tries, 3);
});

Deno.test("withCare() blames no topic where the broker answers nothing at all", async () => {
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  const connect = withCare(broker.connect(), clock);
  for (let count = 0; count < 5; count += 1) {
    const link = await connect(NEVER);
    broker.freeze();
    const asked = link.subscribe(["/a"]).catch(() => []);
    await settle();
    broker.cut();
    broker.thaw();
    await asked;
  }
  assertEquals(await (await connect(NEVER)).subscribe(["/a"]), []);
});

Deno.test("MqttService.run() does not ask for Home Assistant's state where nobody wants to know it", async () => {
  const broker = new FakeBroker();
  broker.denySubscribe.add(TOPICS.thermostatStatus);
  await using rig = await listening({ asksHost: false }, broker);
  assertEquals(rig.input.read().denied.read, []);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("isHostHeard() is false only where neither discovery nor a failsafe needs Home Assistant", () => {
  const heard = (mode: string, thermostatOfflineAfterMs: number) =>
    isHostHeard({
      discovery: { mode },
      limits: { heat: { thermostatOfflineAfterMs } },
    });
  assertEquals(heard("off", Infinity), false);
  // The failsafe of a thermostat that was set up by hand is not lost silently.
  assertEquals(heard("off", 600_000), true);
  assertEquals(heard("device", Infinity), true);
});
