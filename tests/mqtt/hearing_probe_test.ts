import { assertEquals, assertStringIncludes } from "@std/assert";
import { deniedInWords } from "../../lib/core/hearing.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { HearingProbe, QUESTION } from "../../lib/mqtt/hearing_probe.ts";
import { listening, TOPICS } from "./listening.ts";

const HEARD = [TOPICS.command, TOPICS.levelSet, TOPICS.requestRestart];

function questions(broker: FakeBroker): number {
  return broker.published.filter(({ payload }) => payload === QUESTION).length;
}

Deno.test("HearingProbe asks on each connection and every ten minutes, and a question is no word", async () => {
  await using rig = await listening();
  assertEquals(questions(rig.broker), 3);
  assertEquals(rig.input.read().notice, undefined);
  await rig.say("ON");
  await rig.clock.advance(600_000);
  assertEquals(questions(rig.broker), 3);
  await rig.clock.advance(60_000);
  assertEquals(questions(rig.broker), 6);
  rig.broker.cut();
  await settle();
  assertEquals(questions(rig.broker), 9);
  const { denied, word, deaf } = rig.input.read();
  assertEquals(denied.read, []);
  assertEquals(word?.demand, "on");
  // Of the connection that was cut, and over at once.
  assertEquals(deaf, { from: 661_000, to: 661_000 });
});

Deno.test("HearingProbe finds a topic that is denied without a word, and is deaf until it hears", async () => {
  const broker = new FakeBroker();
  await using rig = await listening({}, broker);
  await rig.say("ON");
  for (const topic of HEARD) broker.denyDelivery.add(topic);
  await rig.clock.advance(660_000);
  assertEquals(rig.input.read().denied.read, HEARD);
  const text = deniedInWords(rig.input.read()) ?? "";
  assertStringIncludes(text, `${TOPICS.command} and 2 more`);
  assertEquals(rig.input.read().deaf, { from: 661_000, to: undefined });
  // A new connection promises nothing.
  broker.cut();
  await settle();
  assertEquals(rig.input.read().deaf, { from: 661_000, to: undefined });
  broker.denyDelivery.delete(TOPICS.command);
  await rig.say("OFF");
  assertEquals(rig.input.read().word?.demand, "off");
  assertEquals(rig.input.read().deaf, { from: 661_000, to: 661_000 });
  broker.denyDelivery.clear();
  await rig.clock.advance(91_000);
  assertEquals(rig.input.read().denied.read, []);
});

Deno.test("HearingProbe holds nobody deaf whom the broker does not let ask, or with MQTT 3.1.1", async () => {
  for (const how of ["denied", "3.1.1"] as const) {
    const broker = new FakeBroker();
    for (const topic of HEARD) {
      broker.denyDelivery.add(topic);
      if (how === "denied") broker.denyPublish.add(topic);
    }
    const protocol = how === "3.1.1" ? "3.1.1" : "5";
    await using rig = await listening({
      async *links(signal) {
        while (!signal.aborted) {
          yield await broker.connect({ protocol })(signal);
        }
      },
    }, broker);
    await rig.clock.advance(3_600_000);
    assertEquals(rig.input.read().denied.read, [], how);
    assertEquals(rig.input.read().deaf, undefined, how);
    assertEquals(questions(broker), 0, how);
  }
});

/** The probe on one connection after the other, each of which publishes in this way. */
async function askedOn(
  connections: readonly { readonly ends: boolean; readonly lastsMs: number }[],
): Promise<readonly number[]> {
  const clock = new FakeClock({ now: 0 });
  const broker = new FakeBroker({ clock });
  const probe = new HearingProbe({ topics: HEARD, clock, onUnheard() {} });
  const asked: number[] = [];
  for (const { ends, lastsMs } of connections) {
    const over = new AbortController();
    const link = await broker.connect({ protocol: "5" })(over.signal);
    const harsh = Object.assign(Object.create(link), {
      protocol: "5",
      publish() {
        asked.push(clock.now());
        if (ends) over.abort();
        return Promise.reject(new Error("no answer"));
      },
    });
    const running = probe.run(harsh, over.signal);
    await clock.advance(lastsMs);
    over.abort();
    await running;
    await link.close();
  }
  return asked;
}

Deno.test("HearingProbe asks more and more seldom where the connection ends at its question", async () => {
  const end = { ends: true, lastsMs: 3 * 86_400_000 };
  const asked = await askedOn(Array.from({ length: 12 }, () => end));
  // The end of each is followed by a new connection at once.
  const waits = asked.map((at, index) => at - index * end.lastsMs);
  assertEquals(
    waits.map((ms) => ms / 60_000),
    [0, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_440, 1_440, 1_440],
  );
});

Deno.test("HearingProbe asks on after a question that nobody answered, while the connection stands", async () => {
  const asked = await askedOn([{ ends: false, lastsMs: 1_300_000 }]);
  assertEquals(asked, [0, 630_000, 1_260_000]);
  // And what ended before a connection that stood is forgotten.
  const end = { ends: true, lastsMs: 1_000 };
  const stands = { ends: false, lastsMs: 640_000 };
  assertEquals(await askedOn([end, stands, end]), [0, 601_000, 641_000]);
});
