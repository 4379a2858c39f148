/** What ON meant before the start of the controller. */

import { assertEquals } from "@std/assert";
import type { Link } from "../../lib/mqtt/link.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { settle } from "../fakes/fake_clock.ts";
import { listening, TOPICS } from "./listening.ts";

/** A broker that keeps what an earlier run of the rig said. */
function keeping(
  level: string,
  telemetry = "{}",
  broker = new FakeBroker(),
): FakeBroker {
  broker.publish(TOPICS.level, level, { retain: true });
  broker.publish(TOPICS.telemetry, telemetry, { retain: true });
  return broker;
}

/** What ON means, as a word; 100 stands there as none. */
async function meaningOf(broker: FakeBroker): Promise<number> {
  await using rig = await listening({}, broker);
  assertEquals(rig.input.read().word, undefined, "nothing is started by it");
  await rig.say("ON");
  return rig.input.read().word?.level ?? 100;
}

Deno.test("LevelMemory reads back what ON meant when the rig ended, heating or not", async () => {
  assertEquals(await meaningOf(keeping("12")), 12);
  // At rest the level is 0: then the telemetry knows.
  assertEquals(await meaningOf(keeping("0", '{"on_percent":12.5}')), 12.5);
  // A rig that broke off between the two: what was asked for is newer.
  assertEquals(await meaningOf(keeping("40", '{"on_percent":12}')), 40);
});

Deno.test("LevelMemory takes nothing but a level for one", async () => {
  assertEquals(await meaningOf(new FakeBroker()), 100);
  const bad = ["", "101", "-5", "x".repeat(5_000), "NaN", "1e1", "null"];
  for (const level of bad) assertEquals(await meaningOf(keeping(level)), 100);
  const telling = ["0", "-1", "100.5", "null", '"12"', "1e999", "{}"];
  for (const told of [...telling.map((one) => `{"on_percent":${one}}`), "["]) {
    assertEquals(await meaningOf(keeping("0", told)), 100, told);
  }
});

Deno.test("LevelMemory knows the level before any word that the broker keeps counts", async () => {
  const broker = keeping("12");
  broker.publish(TOPICS.command, "ON", { retain: true });
  await using rig = await listening({ retainedCommands: "accept" }, broker);
  assertEquals(rig.input.read().word?.level, 12);
});

Deno.test("LevelMemory holds what was said since for newer, over a later connection as well", async () => {
  const broker = keeping("12");
  await using rig = await listening({}, broker);
  broker.publish(TOPICS.levelSet, "70");
  await settle();
  broker.cut();
  await settle();
  await rig.say("ON");
  assertEquals(rig.input.read().word?.level, 70);
  assertEquals(rig.input.read().onLevel, 70);
});

Deno.test("LevelMemory reads what it may, and leaves ON at 100 % where it may read nothing", async () => {
  const table = [
    { denied: [TOPICS.telemetry], level: "12", expected: 12 },
    { denied: [TOPICS.level], level: "0", expected: 40 },
    { denied: [TOPICS.level, TOPICS.telemetry], level: "12", expected: 100 },
  ];
  for (const { denied, level, expected } of table) {
    const broker = keeping(level, '{"on_percent":40}');
    for (const topic of denied) broker.denySubscribe.add(topic);
    assertEquals(await meaningOf(broker), expected, denied.join());
  }
});

Deno.test("LevelMemory asks no more where the connection ends each time it asks", async () => {
  const broker = keeping("12");
  let ended = 0;
  await using rig = await listening({
    async *links(signal) {
      while (!signal.aborted) {
        const link = await broker.connect()(signal);
        const subscribe = link.subscribe.bind(link);
        const strict: Link = Object.assign(link, {
          subscribe: async (topics: readonly string[]) => {
            if (!topics.includes(TOPICS.level)) return await subscribe(topics);
            ended += 1;
            await link.close();
            return await subscribe(topics);
          },
        });
        yield strict;
      }
    },
  }, broker);
  await settle();
  assertEquals(ended, 2);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("LevelMemory is asked before the rig can speak, and hears nothing of what it says then", async () => {
  const broker = keeping("12");
  await using rig = await listening({
    onLink: (link) => {
      void link?.publish(TOPICS.level, "0", { retain: true });
      void link?.publish(TOPICS.telemetry, '{"on_percent":100}', {
        retain: true,
      });
    },
  }, broker);
  await settle();
  await rig.say("ON");
  assertEquals(rig.input.read().word?.level, 12);
});
