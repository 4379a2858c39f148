/** Each failsafe against a real broker: nobody can say OFF, or nobody does. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { CuttableProxy } from "../cuttable_proxy.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { until } from "../stand_in/stand_in.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";
const HOST = "homeassistant/status";
const PATIENCE_MS = 40_000;
const MINERS = [
  standIn("cpu", ["--like", "xmrig"]),
  standIn("gpu", ["--on-signal", "0"]),
];
/** The shortest keepalive: a dead connection is noticed after seven seconds or so. */
const MQTT = ['keepalive = "5s"'];

/** A home, a rig that heats, and a network between them that can break. */
interface House {
  readonly broker: Mosquitto;
  readonly proxy: CuttableProxy;
  readonly home: Home;
  readonly rig: Rig;
  /** The processes that heat. */
  readonly heating: readonly number[];
}

/** Says a retained ON, which is a fresh one for those who listen, and waits until all heats. */
async function inHouse(
  heat: readonly string[],
  story: (house: House) => Promise<void>,
): Promise<void> {
  await using broker = await Mosquitto.start();
  await using proxy = new CuttableProxy(broker.port);
  await using home = await Home.join(broker.port);
  await using rig = await Rig.start({
    port: proxy.port,
    mqtt: MQTT,
    heat,
    commands: MINERS,
  });
  await home.until(`${BASE}/availability`, "online");
  await home.say(BASE, "ON", { retain: true });
  await home.until(`${BASE}/command/cpu/state`, "running");
  await home.until(`${BASE}/command/gpu/state`, "running");
  const heating = await marked(rig);
  assertEquals(heating.length, 2);
  await story({ broker, proxy, home, rig, heating });
}

/** Nothing lives, and the rig knows it: so many trees are proven gone by then. */
async function untilCold({ rig }: House, proofs = 2): Promise<void> {
  const isCold = async () =>
    (await marked(rig)).length === 0 &&
    rig.log.split("Proved gone").length > proofs;
  await until("nothing heats", isCold, PATIENCE_MS);
}

/** The rig is connected once more: then it has said `Listening` so often. */
async function untilListening({ rig }: House, times: number): Promise<void> {
  const count = () => rig.log.split("Listening").length - 1;
  await until("it listens", () => count() >= times, PATIENCE_MS);
}

/** The topics say OFF, why and for how long; only a fresh ON heats again. */
async function staysColdUntilFreshOn(
  { home, rig }: House,
  { why, since }: { readonly why: RegExp; readonly since: number },
): Promise<void> {
  const says = (text: string) =>
    why.test(text) && text.includes('A retained "ON" does not count');
  await home.until(`${BASE}/statusmsg`, says, PATIENCE_MS);
  await home.until(
    `${BASE}/problem`,
    (text) => text.includes('"problem":"ON"') && why.test(text),
  );
  await home.until(`${BASE}/status`, "OFF");
  await home.until(`${BASE}/availability`, "online");
  assertEquals(await marked(rig), []);
  const states = home.payloads(`${BASE}/status`, since);
  assertEquals(states.filter((state) => state !== "OFF"), []);
  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  await home.until(`${BASE}/command/gpu/state`, "running");
  await home.until(
    `${BASE}/problem`,
    (text) => text.includes('"problem":"OFF"'),
  );
  assertEquals((await marked(rig)).length, 2);
}

/** A way in which the broker gets lost, and is found again. */
interface Loss {
  readonly name: string;
  readonly lose: (house: House) => void | Promise<void>;
  readonly find: (house: House) => void | Promise<void>;
}

const LOSSES: readonly Loss[] = [
  {
    name: "a broker that was killed",
    lose: ({ broker }) => broker.kill(),
    async find({ broker, proxy, home }) {
      // It lost what was retained: that is there again before the rig is.
      proxy.swallow();
      await broker.restart();
      await home.say(BASE, "ON", { retain: true });
      proxy.restore();
    },
  },
  {
    name: "a frozen broker",
    lose: ({ broker }) => broker.freeze(),
    find: ({ broker }) => broker.thaw(),
  },
  {
    name: "a network that swallows all",
    lose: ({ proxy }) => proxy.swallow(),
    find: ({ proxy }) => proxy.restore(),
  },
];

for (const { name, lose, find } of LOSSES) {
  mosquittoTest(
    `kolikko run stops heating without ${name}, and says afterwards why`,
    () =>
      inHouse(['broker_lost_after = "2s"'], async (house) => {
        await lose(house);
        await untilCold(house);
        const since = performance.now();
        await find(house);
        const why = /No broker for \d+ s: heat is off/;
        await staysColdUntilFreshOn(house, { why, since });
      }),
  );

  mosquittoTest(
    `kolikko run heats on after a short time without ${name}`,
    () =>
      inHouse(['broker_lost_after = "2m"'], async (house) => {
        const { home, rig, heating } = house;
        await lose(house);
        await rig.untilLogged("No connection to the broker", PATIENCE_MS);
        const since = performance.now();
        await find(house);
        await untilListening(house, 2);
        await home.untilCount(`${BASE}/command/gpu/state`, 1, since);
        assertEquals(await marked(rig), heating);
        assertEquals(home.payloads(`${BASE}/status`, since), ["ON"]);
        const message = home.latest(`${BASE}/statusmsg`) ?? "";
        assertEquals(message.includes("retained"), false, message);
        assertStringIncludes(
          home.latest(`${BASE}/problem`) ?? "",
          '"problem":"OFF"',
        );
        await home.say(BASE, "OFF");
        await home.until(`${BASE}/status`, "OFF");
        assertEquals(await marked(rig), []);
      }),
  );
}

mosquittoTest(
  "kolikko run does not heat again by an ON that the broker repeats after the failsafe struck",
  () =>
    inHouse(['broker_lost_after = "1s"'], async (house) => {
      const { home, proxy, rig } = house;
      // A retained one would be another matter: see above.
      await home.say(BASE, "", { retain: true });
      await home.say(BASE, "OFF");
      await home.until(`${BASE}/status`, "OFF");
      // The rig hears; the broker does not hear that it does.
      proxy.swallow("up");
      await home.say(BASE, "ON");
      await until(
        "it heats",
        async () => (await marked(rig)).length === 2,
        PATIENCE_MS,
      );
      await rig.untilLogged("No connection to the broker", PATIENCE_MS);
      await untilCold(house, 4);
      const since = performance.now();
      proxy.restore();
      await home.until(
        `${BASE}/statusmsg`,
        (text) => text.includes('"ON" does not count, as it may be old'),
        PATIENCE_MS,
      ).catch((error) => {
        throw new Error(`${error.message}; the rig:\n${rig.log}`);
      });
      await home.until(`${BASE}/availability`, "online");
      assertEquals(await marked(rig), []);
      assertEquals(
        home.payloads(`${BASE}/status`, since).includes("ON"),
        false,
      );
      await home.say(BASE, "ON");
      await home.until(`${BASE}/status`, "ON");
    }),
);

mosquittoTest(
  "kolikko run stops heating when the thermostat's host stays offline, whatever the broker keeps",
  () =>
    inHouse([
      'thermostat_offline_after = "2s"',
      'retained_commands = "accept"',
    ], async (house) => {
      const { home, proxy } = house;
      await home.say(HOST, "offline");
      await untilCold(house);
      await home.until(`${BASE}/status`, "OFF");
      const since = performance.now();
      proxy.cut();
      await untilListening(house, 2);
      await home.say(HOST, "online");
      const why = /Home Assistant is offline for \d+ s: heat is off/;
      await staysColdUntilFreshOn(house, { why, since });
    }),
);

mosquittoTest(
  "kolikko run heats on where the thermostat's host is back in time",
  () =>
    inHouse(['thermostat_offline_after = "5s"'], async (house) => {
      const { home, rig, heating } = house;
      await home.say(HOST, "offline");
      await home.say(HOST, "online");
      await new Promise((resolve) => setTimeout(resolve, 7_000));
      assertEquals(await marked(rig), heating);
      assertEquals(home.latest(`${BASE}/status`), "ON");
      assertEquals(home.latest(`${BASE}/statusmsg`), "OK");
    }),
);

mosquittoTest(
  "kolikko run stops heating when nobody repeats ON for silent_after, whatever the broker keeps",
  () =>
    inHouse([
      'silent_after = "6s"',
      'retained_commands = "accept"',
    ], async (house) => {
      const { home, proxy, rig, heating } = house;
      const end = performance.now() + 8_000;
      while (performance.now() < end) {
        await home.say(BASE, "ON");
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      assertEquals(await marked(rig), heating);
      // A connection that comes back is not a thermostat that speaks.
      proxy.cut();
      await untilCold(house);
      await home.until(`${BASE}/status`, "OFF");
      const since = performance.now();
      proxy.cut();
      const why = /No word from the thermostat for \d+ s: heat is off/;
      await staysColdUntilFreshOn(house, { why, since });
    }),
);
