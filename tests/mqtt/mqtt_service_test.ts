import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Forgotten } from "../../lib/core/types.ts";
import type { MqttServiceOptions } from "../../lib/mqtt/mqtt_service.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { settle } from "../fakes/fake_clock.ts";
import { withLogged } from "../fakes/logged.ts";
import { listening, TOPICS } from "./listening.ts";

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
    const { word, notice, waiting } = rig.input.read();
    assertEquals(
      word !== undefined,
      accepted,
      `${retainedCommands} ${payload}`,
    );
    assertEquals(
      waiting?.includes(`A retained "${payload}"`) ?? false,
      !accepted,
    );
    // It may lie there on each connection: that is no event.
    assertEquals(notice, undefined);
  }
});

Deno.test("MqttService.run() does not say of a retained ON that it waits for what was said already", async () => {
  for (const retainedCommands of ["off-only", "ignore", "accept"] as const) {
    await using rig = await listening({ retainedCommands });
    await rig.say("ON", true);
    assertEquals(rig.input.read().word?.at, 1_000, "said to us just now");
    await rig.clock.advance(50);
    rig.broker.cut();
    await settle();
    // And that the connection came back is no repetition by the thermostat.
    assertEquals(rig.input.read().word?.at, 1_000, retainedCommands);
    const { notice, waiting } = rig.input.read();
    assertEquals([notice, waiting], [undefined, undefined], retainedCommands);
  }
});

Deno.test("MqttService.run() obeys a retained OFF that was said while nobody listened, and whatever is fresh after it", async () => {
  const broker = new FakeBroker();
  const back = Promise.withResolvers<void>();
  await using rig = await listening({
    async *links(signal) {
      yield await broker.connect()(signal);
      await back.promise;
      yield await broker.connect()(signal);
    },
  }, broker);
  // As Home Assistant says it.
  await rig.say("ON", true);
  broker.cut();
  await settle();
  await rig.say("OFF", true);
  assertEquals(rig.input.read().word?.demand, "on");
  back.resolve();
  await settle();
  assertEquals(rig.input.read().word?.demand, "off");
  assertEquals(rig.input.read().waiting, undefined);
  await rig.say("ON", true);
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test('MqttService.run() takes a retained ON with "accept" only where nobody waits for a sign of life', async () => {
  const table: [Forgotten, boolean][] = [
    [{ kind: "broker_lost", forMs: 1 }, true],
    [{ kind: "unsteady", forMs: 1 }, true],
    [{ kind: "asleep", forMs: 1 }, true],
    [{ kind: "silent", forMs: 1 }, false],
    [{ kind: "thermostat_offline", forMs: 1 }, false],
    [{ kind: "deleted", forMs: 1 }, false],
    [{ kind: "withdrawn" }, false],
    [{ kind: "shutdown_failed", reason: "no" }, false],
  ];
  for (const [forgotten, accepted] of table) {
    await using rig = await listening({ retainedCommands: "accept" });
    await rig.say("ON", true);
    rig.input.forget(forgotten);
    rig.broker.cut();
    await settle();
    const { word, waiting } = rig.input.read();
    assertEquals(word !== undefined, accepted, forgotten.kind);
    assertEquals(waiting !== undefined, !accepted, forgotten.kind);
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
  assertEquals(rig.input.read().deaf, undefined);
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
  assertEquals(rig.input.read().deaf, { from: 1_000, to: undefined });
  assertEquals(rig.input.read().denied.read, [TOPICS.command]);
  // It can be spoken on all the same, so that the owner gets to know.
  assertEquals(rig.links.length, 1);
  broker.denySubscribe.clear();
  await rig.clock.advance(60_000);
  assertEquals(rig.input.read().deaf, undefined);
  // What is allowed by now is not said to be denied until the next word.
  assertEquals(rig.input.read().denied.read, []);
  assertEquals(rig.input.read().notice, undefined);
  await rig.say("ON");
  assertEquals(rig.input.read().word?.demand, "on");
});

Deno.test("MqttService.run() names what it may not subscribe to, and is not deaf for it, with either protocol", async () => {
  for (const protocol of ["5", "3.1.1"] as const) {
    const broker = new FakeBroker();
    const denied = [TOPICS.levelSet, TOPICS.thermostatStatus];
    for (const topic of denied) broker.denySubscribe.add(topic);
    await using rig = await listening({
      async *links(signal) {
        while (!signal.aborted) {
          yield await broker.connect({ protocol })(signal);
        }
      },
    }, broker);
    assertEquals(rig.input.read().deaf, undefined);
    assertEquals(rig.input.read().denied.read, denied);
    await rig.say("ON");
    assertEquals(rig.input.read().word?.demand, "on");
    broker.denySubscribe.clear();
    await rig.clock.advance(60_000);
    assertEquals(rig.input.read().denied.read, [], protocol);
    broker.publish(TOPICS.levelSet, "0");
    await settle();
    assertEquals(rig.input.read().word?.demand, "off");
  }
});

Deno.test("MqttService.run() tells the input of a rival at each new connection, and that it is over", async () => {
  let rival: string | undefined;
  await using rig = await listening({ rival: () => rival });
  rival = "another client";
  await rig.clock.advance(50);
  rig.broker.cut();
  await settle();
  const since = 1_050;
  assertEquals(rig.input.read().rival, { reason: "another client", since });
  rival = undefined;
  rig.broker.cut();
  await settle();
  assertEquals(rig.input.read().rival, undefined);
});

Deno.test("MqttService.run() takes a level for a word, by the same rules", async () => {
  await using rig = await listening();
  const say = async (payload: string, retain = false) => {
    rig.broker.publish(TOPICS.levelSet, payload, { retain });
    await settle();
    return rig.input.read().word;
  };
  assertEquals((await say("40"))?.level, 40);
  assertEquals((await say("0"))?.demand, "off");
  await rig.say("ON");
  assertEquals(rig.input.read().word?.level, 40);
  assertEquals((await say("140"))?.level, 40);
  assertStringIncludes(
    rig.input.read().notice ?? "",
    `Refused the level "140"`,
  );
});

Deno.test("MqttService.run() lets a retained level wait for a fresh one, but not 0", async () => {
  for (const [payload, demand] of [["40", undefined], ["0", "off"]] as const) {
    const broker = new FakeBroker();
    broker.publish(TOPICS.levelSet, payload, { retain: true });
    await using rig = await listening({}, broker);
    await settle();
    assertEquals(rig.input.read().word?.demand, demand);
  }
});

Deno.test('MqttService.run() reads a level beside a word that the broker kept as less heat, with "accept"', async () => {
  const table = [["OFF", "off", undefined], ["ON", "on", 40]] as const;
  for (const [word, demand, level] of table) {
    const broker = new FakeBroker();
    broker.publish(TOPICS.command, word, { retain: true });
    broker.publish(TOPICS.levelSet, "40", { retain: true });
    await using rig = await listening({ retainedCommands: "accept" }, broker);
    assertEquals(rig.input.read().word?.demand, demand);
    assertEquals(rig.input.read().word?.level, level);
    const waits = rig.input.read().waiting?.includes(`A retained "40"`);
    assertEquals(waits ?? false, word === "OFF");
    if (word === "OFF") continue;
    // A level that is kept is no later word, and no sign of life.
    broker.publish(TOPICS.levelSet, "70");
    await rig.clock.advance(1_000);
    const { at } = rig.input.read().word ?? {};
    broker.cut();
    await settle();
    assertEquals(rig.input.read().word?.level, 70);
    assertEquals(rig.input.read().word?.at, at);
  }
});

Deno.test('MqttService.run() heats by no ON that is kept beside a level 0, in either order, with "accept"', async () => {
  for (const late of [TOPICS.command, TOPICS.levelSet]) {
    const broker = new FakeBroker();
    broker.publish(TOPICS.levelSet, "0", { retain: true });
    broker.publish(TOPICS.command, "ON", { retain: true });
    broker.denySubscribe.add(late);
    await using rig = await listening({ retainedCommands: "accept" }, broker);
    broker.denySubscribe.clear();
    await rig.clock.advance(60_000);
    assertEquals(rig.input.read().word?.demand, "off", late);
    await rig.say("ON");
    assertEquals(rig.input.read().word?.demand, "on");
  }
});

Deno.test("MqttService.run() takes a press for a fresh start, once it is said just now", async () => {
  const answers: unknown[] = [];
  const broker = new FakeBroker();
  broker.publish(TOPICS.requestRestart, "PRESS", { retain: true });
  await using rig = await listening({
    onAnswer: (answer) => answers.push(answer),
  }, broker);
  assertEquals([rig.input.read().restartAt, answers], [undefined, []]);
  broker.publish(TOPICS.requestRestart, "PRESS");
  await settle();
  assertEquals(rig.input.read().restartAt, rig.clock.now());
  assertEquals(answers, [{ status: "ok", data: {} }]);
  broker.publish(TOPICS.requestRestart, "press!");
  await settle();
  assertEquals(answers[1], {
    status: "error",
    error: `Refused "press!"; say PRESS`,
  });
  assertEquals(rig.input.read().notice, `Refused "press!"; say PRESS`);
});

Deno.test("MqttService.run() tells of a fault of its own, and leaves the connection for the last words", async () => {
  const told: unknown[] = [];
  await using rig = await listening({
    onFailure: (error) => told.push(error),
    onBirth: () => {
      throw new TypeError("a bug");
    },
  });
  rig.broker.publish(TOPICS.thermostatStatus, "online");
  await settle();
  assertEquals(told.map(String), ["TypeError: a bug"]);
  await rig.links.at(-1)?.publish("/h/status", "OFF", { retain: true });
  assertEquals(rig.broker.retained("/h/status"), "OFF");
});

Deno.test("MqttService.run() logs of a flood of presses the first ones", async () => {
  await using rig = await listening();
  const lines = await withLogged(
    ({ rawMessage }) => rawMessage.toString(),
    async () => {
      for (let each = 0; each < 500; each++) {
        rig.broker.publish(TOPICS.requestRestart, "PRESS");
      }
      await settle();
    },
  );
  const wanted = "A fresh start of all commands is asked for";
  assertEquals(lines, Array(5).fill(wanted));
});
