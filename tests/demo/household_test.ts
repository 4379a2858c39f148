import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Happening,
  lineOf,
  type Moment,
} from "../../lib/demo/happening.ts";
import { Household } from "../../lib/demo/household.ts";
import type { Link } from "../../lib/mqtt/link.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { topicsBelow } from "../fakes/topics.ts";

const TOPICS = topicsBelow("heat");

/** A household on a broker; the test is the rig. */
class Scene {
  readonly clock: FakeClock;
  readonly broker: FakeBroker;
  readonly told: { moment: Moment; happening: Happening }[] = [];
  readonly away = new AbortController();
  readonly household: Household;
  readonly living: Promise<void>;

  private constructor({ clock, broker, link }: Joined) {
    this.clock = clock;
    this.broker = broker;
    this.household = new Household({
      link,
      clock,
      topics: TOPICS,
      watts: { cpu: 200, gpu: 1_000 },
      tell: (moment, happening) => this.told.push({ moment, happening }),
    });
    this.living = this.household.run(this.away.signal);
  }

  static async begin(): Promise<Scene> {
    return new Scene(await join());
  }

  say(topic: string, payload: string): void {
    this.broker.publish(topic, payload, { retain: true });
  }

  words(): string[] {
    return this.broker.payloads("heat");
  }

  async end(): Promise<void> {
    this.away.abort();
    await this.living;
  }
}

interface Joined {
  readonly clock: FakeClock;
  readonly broker: FakeBroker;
  readonly link: Link;
}

async function join(): Promise<Joined> {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
  const connect = broker.connect({ clientId: "household" });
  const link = await connect(new AbortController().signal);
  return { clock, broker, link };
}

Deno.test("Household is heated by what runs, not by what was said", async () => {
  const scene = await Scene.begin();
  scene.say("heat/availability", "online");
  scene.say("heat/status", "OFF");
  await scene.clock.advance(1_000);
  assertEquals(scene.words()[0], "ON");
  const { coldestC } = scene.household.account;
  await scene.clock.advance(5_000);
  // Nothing runs: it gets colder, and the word is repeated.
  assert(scene.household.account.coldestC < coldestC);
  assert(scene.words().length > 10);
  assertEquals(scene.household.account.heatedMs, 0);

  scene.say("heat/status", "ON");
  scene.say("heat/command/gpu/state", "running");
  await scene.clock.advance(60_000);
  assertEquals(scene.words().at(-1), "OFF");
  const { warmestC } = scene.household.account;
  // Told OFF, but still running: it gets warmer.
  scene.say("heat/command/gpu/state", "stopping");
  await scene.clock.advance(5_000);
  assert(scene.household.account.warmestC > warmestC);
  assertEquals(scene.household.account.heatings, 1);
  await scene.end();
});

Deno.test("Household says nothing to a rig that is offline", async () => {
  const scene = await Scene.begin();
  scene.say("heat/status", "OFF");
  await scene.clock.advance(10_000);
  assertEquals(scene.words(), []);
  assertEquals(scene.broker.retained(TOPICS.thermostatStatus), "online");
  await scene.end();
});

Deno.test("Household tells apart its own words and those of others", async () => {
  const scene = await Scene.begin();
  scene.say("heat/availability", "online");
  scene.say("heat/status", "OFF");
  await scene.clock.advance(200);
  scene.broker.publish("heat", "OFF");
  scene.broker.publish("heat", "\u001b[2J");
  await scene.clock.advance(100);
  const by = (who: string) =>
    scene.told.map(({ happening }) => happening)
      .filter((one) => one.who === who).map(({ word }) => word);
  assertEquals(by("somebody"), ["OFF", '"\\u{1b}[2J"']);
  assertEquals(by("thermostat").includes("ON"), true);
  await scene.end();
});

Deno.test("Household writes one line for a burst of the rig's messages", async () => {
  const scene = await Scene.begin();
  scene.say("heat/availability", "online");
  scene.say("heat/status", "ON");
  scene.say("heat/statusmsg", "gpu waits");
  scene.say("heat/command/cpu/state", "running");
  scene.say("heat/command/cpu", JSON.stringify({ pid: 4711 }));
  scene.say("heat/command/gpu/state", "starting");
  scene.say("heat/command/gpu", "no JSON");
  await scene.clock.advance(1_000);
  const lines = scene.told.filter(({ happening }) => happening.who === "rig")
    .map(({ moment, happening }) =>
      lineOf(moment, happening, {
        tolerated: { lowestC: 20.7, highestC: 21.3 },
        colour: false,
      })
    );
  assertEquals(lines, [
    "06:00 20.5 C  200 W  rig        ON   cpu running (4711), gpu starting\n" +
    `${" ".repeat(37)}statusmsg: gpu waits`,
  ]);
  await scene.end();
});

Deno.test("Household.run() fails when its connection is lost", async () => {
  const scene = await Scene.begin();
  await scene.clock.advance(500);
  const failing = assertRejects(
    () => scene.living,
    Error,
    "The household lost the broker",
  );
  scene.broker.cut("household");
  await scene.clock.advance(500);
  await failing;
});

Deno.test("Household shows what the miners tell, now and then", async () => {
  const scene = await Scene.begin();
  scene.say("heat/availability", "online");
  scene.say("heat/status", "ON");
  scene.say("heat/command/accepted", "3");
  scene.say("heat/command/hashrate", "2.5");
  await scene.clock.advance(9_000);
  const shown = scene.told.map(({ happening }) => happening)
    .filter((one) => one.who === "rig" && one.states.includes("kH/s"));
  assertEquals(shown.length, 3);
  assertEquals(shown[0], {
    who: "rig",
    word: "ON",
    states: "2.5 kH/s, 3 shares",
    message: "OK",
  });
  await scene.end();
});
