/** What the broker kept over an outage: which words of it count. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Forgotten } from "../../lib/core/types.ts";
import type { Link } from "../../lib/mqtt/link.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { listening } from "./listening.ts";

/** A connection that breaks before it is subscribed. */
function deadLink(): Link {
  const gone = () => Promise.reject(new Error("Connection is over"));
  return {
    protocol: "5",
    closed: Promise.resolve("the network broke"),
    taken: () => Promise.resolve(),
    messages: (async function* () {})(),
    subscribe: gone,
    unsubscribe: gone,
    publish: gone,
    close: () => Promise.resolve(),
    destroy() {},
  };
}

/** A rig whose connection is cut, while the broker keeps its session; `first` come before the one that holds. */
async function away(forgotten?: Forgotten, first: readonly Link[] = []) {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
  const back = Promise.withResolvers<void>();
  const connect = broker.connect({ sessionMs: 30_000 });
  let isFirst = true;
  const rig = await listening({
    async *links(signal) {
      while (!signal.aborted) {
        yield await connect(signal);
        if (!isFirst) continue;
        await back.promise;
        yield* first;
        isFirst = false;
      }
    },
  }, broker);
  await rig.say("ON");
  if (forgotten !== undefined) rig.input.forget(forgotten);
  broker.cut();
  await settle();
  return { ...rig, back };
}

Deno.test("MqttService.run() does not heat again by an ON from an outage in which the failsafe struck", async () => {
  await using rig = await away();
  await rig.say("ON");
  rig.input.forget({ kind: "broker_lost", forMs: 1 });
  rig.back.resolve();
  await settle();
  assertEquals(rig.input.read().word, undefined);
  assertStringIncludes(rig.input.read().notice ?? "", "does not count");
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() takes a connection that is never heard on for a part of the outage", async () => {
  await using rig = await away(undefined, [deadLink()]);
  await rig.say("ON");
  rig.input.forget({ kind: "broker_lost", forMs: 1 });
  rig.back.resolve();
  await settle();
  assertEquals(rig.input.read().word, undefined);
  assertStringIncludes(rig.input.read().notice ?? "", "does not count");
});

Deno.test("MqttService.run() obeys what was said in an outage otherwise", async () => {
  for (const forgets of [false, true]) {
    await using rig = await away();
    if (forgets) rig.input.forget({ kind: "broker_lost", forMs: 1 });
    await rig.say("OFF");
    rig.back.resolve();
    await settle();
    assertEquals(rig.input.read().word?.demand, "off");
  }
  await using rig = await away();
  await rig.say("OFF");
  await rig.say("ON");
  rig.back.resolve();
  await settle();
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() obeys an ON from an outage if the word had been forgotten before", async () => {
  await using rig = await away({ kind: "silent", forMs: 1 });
  await rig.say("ON");
  rig.back.resolve();
  await settle();
  assertEquals(rig.input.read().word?.demand, "on");
});
