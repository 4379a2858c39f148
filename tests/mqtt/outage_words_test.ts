/** What was said in an outage: which words of it count, and what follows if they may be lost. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Forgotten } from "../../lib/core/types.ts";
import type { Link } from "../../lib/mqtt/link.ts";
import type { MqttServiceOptions } from "../../lib/mqtt/mqtt_service.ts";
import { takenOverReason } from "../../lib/mqtt/reasons.ts";
import { FakeBroker, type FakeClient } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { listening, TOPICS } from "./listening.ts";

const SESSION_MS = 600_000;
/** By then all that waited has come. */
const QUIET_MS = 1_000;

/** A connection that breaks before it is subscribed. */
function deadLink(): Link {
  const gone = () => Promise.reject(new Error("Connection is over"));
  return {
    protocol: "5",
    isResumed: true,
    heardAt: 0,
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

interface Away extends Pick<MqttServiceOptions, "allowShutdown"> {
  readonly forgotten: Forgotten;
  /** They come before the connection that holds. */
  readonly first: readonly Link[];
  readonly protocol: "5" | "3.1.1";
  readonly reason: string;
}

/** A rig that heats, and whose connection is cut while the broker keeps its session. */
async function away(some: Partial<Away> = {}) {
  const { forgotten, first = [], protocol = "5", reason } = some;
  const clock = new FakeClock({ now: 1_000 });
  const broker = new FakeBroker({ clock });
  let back = Promise.withResolvers<void>();
  const client: FakeClient = { sessionMs: SESSION_MS, protocol };
  const connect = broker.connect(client);
  const rig = await listening({
    clock,
    allowShutdown: some.allowShutdown ?? false,
    async *links(signal) {
      yield await connect(signal);
      while (!signal.aborted) {
        await back.promise;
        if (signal.aborted) return;
        yield* first;
        yield await connect(signal);
      }
    },
  }, broker);
  await rig.say("ON");
  if (forgotten !== undefined) rig.input.forget(forgotten);
  const cut = async () => {
    back = Promise.withResolvers();
    broker.cut(undefined, reason);
    await settle();
  };
  await cut();
  return {
    ...rig,
    cut,
    async level(payload: string) {
      broker.publish(TOPICS.levelSet, payload);
      await settle();
    },
    /** The connection is back, and what waited begins to come. */
    async resume() {
      back.resolve();
      await settle();
    },
    /** The connection is back, and all that waited has come. */
    async back() {
      back.resolve();
      await clock.advance(QUIET_MS);
      await clock.advance(QUIET_MS);
    },
    async [Symbol.asyncDispose]() {
      back.resolve();
      await rig[Symbol.asyncDispose]();
    },
  };
}

Deno.test("MqttService.run() obeys an OFF from an outage whatever its age, with either protocol", async () => {
  for (const protocol of ["5", "3.1.1"] as const) {
    for (const say of ["OFF", "0"]) {
      await using rig = await away({ protocol });
      await (say === "0" ? rig.level("0") : rig.say(say));
      await rig.clock.advance(SESSION_MS - 5_000);
      await rig.back();
      assertEquals(rig.input.read().word?.demand, "off", `${protocol} ${say}`);
      assertEquals(rig.input.read().missedSince, undefined);
    }
  }
});

Deno.test("MqttService.run() obeys what asks for heat only if it cannot be older than 30 s", async () => {
  for (const isOld of [false, true]) {
    await using rig = await away({ allowShutdown: true });
    await rig.say("OFF");
    await rig.say("ON");
    await rig.level("40");
    await rig.clock.advance(isOld ? 30_001 : 30_000);
    await rig.back();
    const { word, notice } = rig.input.read();
    assertEquals(word?.demand, isOld ? "off" : "on");
    assertEquals(word?.level, isOld ? undefined : 40);
    assertEquals(
      notice,
      isOld
        ? `"40" does not count, as it may be old: ` +
          `waiting for a fresh message`
        : undefined,
    );
  }
  for (const isOld of [false, true]) {
    await using rig = await away({ allowShutdown: true });
    await rig.say("SHUTDOWN");
    rig.broker.publish(TOPICS.requestRestart, "PRESS");
    await rig.clock.advance(isOld ? 31_000 : 29_000);
    await rig.back();
    const { shutdown, restartAt } = rig.input.read();
    assertEquals(
      [shutdown, restartAt === undefined],
      isOld ? ["no", true] : ["asked", false],
    );
  }
});

Deno.test("MqttService.run() takes for old what comes late, and for fresh what comes once it is announced", async () => {
  await using rig = await away();
  await rig.say("OFF");
  await rig.clock.advance(60_000);
  // The queue comes in pieces: none of it is fresh.
  await rig.resume();
  await rig.clock.advance(500);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "off");
  assertEquals(rig.links.length, 2, "not yet announced");
  await rig.clock.advance(QUIET_MS);
  await rig.clock.advance(QUIET_MS);
  assertEquals(rig.links.length, 3);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() is announced at last although somebody never stops talking", async () => {
  await using rig = await away();
  await rig.clock.advance(60_000);
  await rig.resume();
  for (let ms = 0; ms < 10_500; ms += 500) {
    await rig.say("nonsense");
    await rig.clock.advance(500);
  }
  assertEquals(rig.links.length, 3);
});

Deno.test("MqttService.run() takes for old what it reads after it stood still", async () => {
  await using rig = await listening();
  await rig.say("ON");
  // Stopped as by SIGSTOP: what was said meanwhile waits in the socket.
  rig.input.rest(rig.clock.now() + 10_000);
  await rig.clock.advance(60_000);
  await rig.say("OFF");
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "off");
  assertStringIncludes(rig.input.read().notice ?? "", "does not count");
  await rig.clock.advance(5_000);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() counts an outage that began while it stood still from before that", async () => {
  await using rig = await away();
  await rig.back();
  await rig.say("OFF");
  const heardAt = rig.clock.now();
  // Stopped as by SIGSTOP; meanwhile the broker gives up, and keeps an ON.
  rig.input.rest(heardAt + 10_000);
  await rig.clock.advance(60_000);
  // What waited in the socket is read before the news that it is closed.
  await rig.level("nonsense");
  await rig.cut();
  assertEquals(rig.input.read().deaf?.from, heardAt);
  await rig.say("ON");
  await rig.back();
  assertEquals(rig.input.read().word?.demand, "off");
});

Deno.test("MqttService.run() counts a machine's sleep into the age of what waited", async () => {
  await using rig = await away();
  await rig.say("OFF");
  await rig.say("ON");
  rig.clock.suspend(60_000);
  await rig.clock.advance(2_000);
  await rig.back();
  assertEquals(rig.input.read().word?.demand, "off");
});

Deno.test("MqttService.run() takes a connection that is never heard on for a part of the outage", async () => {
  await using rig = await away({ first: [deadLink()] });
  await rig.say("OFF");
  await rig.say("ON");
  await rig.clock.advance(31_000);
  await rig.back();
  assertEquals(rig.input.read().word?.demand, "off");
});

Deno.test("MqttService.run() does not heat again by an ON from an outage in which the failsafe struck", async () => {
  await using rig = await away();
  await rig.say("ON");
  await rig.clock.advance(1_000);
  rig.input.forget({ kind: "broker_lost", forMs: 1 });
  await rig.back();
  assertEquals(rig.input.read().word, undefined);
  assertStringIncludes(rig.input.read().notice ?? "", "does not count");
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() obeys an OFF from an outage in which the failsafe struck", async () => {
  await using rig = await away();
  await rig.say("OFF");
  await rig.clock.advance(1_000);
  rig.input.forget({ kind: "broker_lost", forMs: 1 });
  await rig.back();
  assertEquals(rig.input.read().word?.demand, "off");
});

Deno.test("MqttService.run() obeys an ON from an outage if the word had been forgotten before", async () => {
  await using rig = await away({ forgotten: { kind: "silent", forMs: 1 } });
  await rig.say("ON");
  await rig.back();
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() takes of what waited for an earlier controller the OFF alone", async () => {
  for (const said of ["ON", "OFF"]) {
    const clock = new FakeClock({ now: 1_000 });
    const broker = new FakeBroker({ clock });
    const connect = broker.connect({ sessionMs: SESSION_MS });
    const before = await connect(new AbortController().signal);
    await before.subscribe([TOPICS.command]);
    broker.cut();
    broker.publish(TOPICS.command, said);
    await using rig = await listening({
      clock,
      async *links(signal) {
        yield await connect(signal);
      },
    }, broker);
    await clock.advance(2 * QUIET_MS);
    const { word, notice } = rig.input.read();
    assertEquals(word?.demand, said === "OFF" ? "off" : undefined);
    assertEquals(notice !== undefined, said === "ON");
  }
});

Deno.test("MqttService.run() knows that a word may be lost where the broker forgot the session, until the next one", async () => {
  for (const isForgotten of [false, true]) {
    await using rig = await away();
    await rig.clock.advance(5_000);
    // Nothing waits there: the session has ended.
    if (isForgotten) rig.broker.kill();
    rig.broker.restart();
    await rig.back();
    const missedSince = isForgotten ? 1_000 : undefined;
    assertEquals(rig.input.read().missedSince, missedSince);
    // Another loss in between counts from the first one on.
    await rig.cut();
    await rig.back();
    assertEquals(rig.input.read().missedSince, missedSince);
    await rig.say("ON");
    assertEquals(rig.input.read().missedSince, undefined);
  }
});

Deno.test("MqttService.run() knows that another client may have taken what waited", async () => {
  await using rig = await away({ reason: takenOverReason("kolikko1") });
  await rig.back();
  assertEquals(rig.input.read().missedSince, 1_000);
});

Deno.test("MqttService.run() knows that a word may be lost while the broker denied the command topic", async () => {
  await using rig = await away();
  rig.broker.denySubscribe.add(TOPICS.command);
  await rig.back();
  assertEquals(rig.input.read().missedSince, undefined, "still deaf");
  rig.broker.denySubscribe.clear();
  await rig.clock.advance(60_000);
  assertEquals(rig.input.read().missedSince, 1_000);
});

Deno.test("MqttService.run() counts from the last hearing where a session is lost in which the command topic was denied", async () => {
  await using rig = await away();
  rig.broker.denySubscribe.add(TOPICS.command);
  await rig.back();
  await rig.clock.advance(70_000);
  await rig.cut();
  rig.broker.kill();
  rig.broker.restart();
  rig.broker.denySubscribe.clear();
  await rig.back();
  assertEquals(rig.input.read().missedSince, 1_000);
});

Deno.test("MqttService.run() misses nothing while no heat is wanted", async () => {
  await using rig = await away();
  rig.broker.kill();
  rig.input.put("off");
  rig.broker.restart();
  await rig.back();
  assertEquals(rig.input.read().missedSince, undefined);
});

Deno.test('MqttService.run() takes a kept ON for the last word, with "accept" alone', async () => {
  for (const retainedCommands of ["off-only", "accept"] as const) {
    const broker = new FakeBroker();
    await using rig = await listening({ retainedCommands }, broker);
    await rig.say("ON", true);
    broker.cut();
    await settle();
    const { missedSince, word } = rig.input.read();
    assert(word?.demand === "on");
    assertEquals(missedSince === undefined, retainedCommands === "accept");
  }
});

Deno.test("InputBuffer counts deafness from the last packet that came", async () => {
  await using rig = await away();
  assertEquals(rig.input.read().deaf, { from: 1_000, to: undefined });
  await rig.back();
  await rig.clock.advance(20_000);
  const heardAt = rig.clock.now();
  await rig.say("ON");
  await rig.clock.advance(25_000);
  await rig.cut();
  assertEquals(rig.input.read().deaf?.from, heardAt);
});
