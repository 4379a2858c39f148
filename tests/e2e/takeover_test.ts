/** Two clients with one id on a real broker: neither may fight for ever, or heat unheard. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import mqtt from "mqtt";
import { systemClock } from "../../lib/clock.ts";
import { parseConfig } from "../../lib/config.ts";
import { Controller } from "../../lib/controller.ts";
import { Broker } from "../../lib/mqtt/broker.ts";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { FakeProcesses } from "../fakes/fake_process.ts";
import { NO_KEPT_ENERGY, unread } from "../fakes/unread.ts";
import { HastyClock } from "../fakes/hasty_clock.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { until } from "../stand_in/stand_in.ts";
import { Home } from "./home.ts";

/** A minute takes so much less. */
const SPEED = 60;

/** More than the time that a controller takes for its last words, in a hurry. */
const LAST_WORDS_MS = 200;

/** A controller on a real broker, with programs in memory, in a hurry. */
class HastyRig implements AsyncDisposable {
  readonly system: FakeProcesses;
  readonly #controller: Controller;
  readonly #running: Promise<boolean>;

  private constructor(controller: Controller, system: FakeProcesses) {
    this.#controller = controller;
    this.system = system;
    this.#running = controller.run();
  }

  static async start(
    options: { port: number; protocol: "5" | "3.1.1"; base: string },
  ): Promise<HastyRig> {
    const { port, protocol, base } = options;
    const config = await parseConfig(
      `[mqtt]\nurl = "mqtt://127.0.0.1:${port}"\nprotocol = "${protocol}"\n` +
        `[topics]\nbase = "${base}"\n[[command]]\nname = "cpu"\nexec = "x"\n`,
      { file: "/rig/kolikko.toml", env: {} },
    );
    const clock = new HastyClock(SPEED);
    const log = new RecordedLog();
    const broker = new Broker({
      connect: createConnect(config.broker, { log, now: () => clock.now() }),
      clock,
      log,
      random: Math.random,
    });
    const system = new FakeProcesses({
      ticker: {
        now: () => clock.now(),
        later: (ms, then) => void clock.sleep(ms).then(then),
      },
    });
    const controller = new Controller(config, {
      clock,
      random: Math.random,
      newMark: (command) => command,
      spawn: system.spawn,
      leftovers: [],
      telemetry: unread(1),
      energy: NO_KEPT_ENERGY,
      links: (signal) => broker.links(signal),
      rival: () => broker.rival,
      hurry: () => broker.hurry(),
      powerOff: () => Promise.resolve(),
      outputOf: () => () => {},
      info: {},
    });
    return new HastyRig(controller, system);
  }

  get heats(): boolean {
    return this.system.living("cpu").length > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.end("stop");
    await this.#running;
    // The limit of its last words runs out on its own.
    await systemClock.sleep(LAST_WORDS_MS);
  }
}

const isOn = (payload: string) => payload.includes('"problem":"ON"');
const isOff = (payload: string) => payload.includes('"problem":"OFF"');

for (const protocol of ["5", "3.1.1"] as const) {
  mosquittoTest(
    `kolikko run makes a problem of a client that takes its id, until that is gone (MQTT ${protocol})`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using rig = await HastyRig.start({
        port: broker.port,
        protocol,
        base: "/rig",
      });
      await home.until("/rig/availability", "online");
      await home.until("/rig/problem", isOff);
      // It comes back each time it is thrown out.
      const rival = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, {
        clientId: "kolikko1",
        protocolVersion: protocol === "5" ? 5 : 4,
        reconnectPeriod: 300,
      });
      rival.on("error", () => {});
      try {
        const problem = await home.until("/rig/problem", isOn, 30_000);
        // Not every Mosquitto tells who throws us out: then nobody is named.
        const who = "again and again";
        assertStringIncludes(problem, who);
        await home.until("/rig/statusmsg", (text) => text.includes(who));
      } finally {
        await rival.endAsync(true);
      }
      // A word that comes while we are connected counts.
      await until("it heats", async () => {
        await home.say("/rig", "ON");
        return rig.heats;
      }, 30_000);
      await home.until("/rig/status", "ON");
      await home.until("/rig/problem", isOff, 60_000);
      const message = home.latest("/rig/statusmsg") ?? "";
      assertEquals(message.includes("again and again"), false, message);
      assertEquals(rig.heats, true);
    },
  );
}

mosquittoTest(
  "kolikko run does not heat on unheard where two rigs fight for one id",
  async () => {
    await Promise.all((["5", "3.1.1"] as const).map(fightUnheard));
  },
);

async function fightUnheard(protocol: "5" | "3.1.1"): Promise<void> {
  await using broker = await Mosquitto.start();
  await using home = await Home.join(broker.port);
  const { port } = broker;
  const bases = ["/one", "/two"];
  await using one = await HastyRig.start({ port, protocol, base: "/one" });
  await using two = await HastyRig.start({ port, protocol, base: "/two" });
  await until("both heat", async () => {
    for (const base of bases) await home.say(base, "ON");
    return one.heats && two.heats;
  }, 30_000);
  // From now on nobody repeats it, and an OFF would reach only one of them.
  await until("both are off", () => !one.heats && !two.heats, 60_000);
  for (const base of bases) {
    await home.until(`${base}/status`, "OFF", 30_000);
    await home.until(`${base}/problem`, isOn, 30_000);
    await home.until(
      `${base}/statusmsg`,
      (text) => text.includes("kept breaking for 10 min: heat is off"),
      30_000,
    );
  }
}
