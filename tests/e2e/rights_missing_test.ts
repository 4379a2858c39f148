/** A controller that the broker gives a little less than it needs: it says what. */

import { assert } from "@std/assert";
import type { LogRecord } from "@logtape/logtape";
import { createConnect } from "../../lib/mqtt/connect.ts";
import { systemClock } from "../../lib/clock.ts";
import { Broker } from "../../lib/mqtt/broker.ts";
import { Controller } from "../../lib/controller.ts";
import { FakeProcesses } from "../fakes/fake_process.ts";
import { HastyClock } from "../fakes/hasty_clock.ts";
import { withLogged } from "../fakes/logged.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { NO_KEPT_ENERGY, unread } from "../fakes/unread.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { configFor, lacking, PASSWORD } from "./lacking.ts";

/** How much faster time goes for the controllers. */
const SPEED = 10;
/** So often it is looked, ten times a second, whether something was noticed. */
const TRIES_MAX = 150;

/** A controller in this process that heats with nothing, until it is disposed of. */
async function start(
  name: string,
  port: number,
): Promise<AsyncDisposable> {
  const config = await configFor(name, port);
  const clock = new HastyClock(SPEED);
  const log = new RecordedLog();
  const broker = new Broker({
    connect: createConnect(config.broker, { log, now: () => clock.now() }),
    clock,
    log,
    random: () => 0.5,
  });
  const system = new FakeProcesses({
    ticker: {
      now: () => clock.now(),
      later: (ms, then) => void clock.sleep(ms).then(then),
    },
  });
  const controller = new Controller(config, {
    clock,
    random: () => 0.5,
    newMark: (command) => command,
    spawn: system.spawn,
    leftovers: [],
    telemetry: unread(config.commands.length),
    energy: NO_KEPT_ENERGY,
    links: (signal) => broker.links(signal),
    rival: () => broker.rival,
    hurry: () => broker.hurry(),
    powerOff: () => Promise.resolve(),
    outputOf: () => () => {},
    info: {},
  });
  const running = controller.run();
  return {
    async [Symbol.asyncDispose]() {
      controller.end("force");
      await running;
    },
  };
}

/** A warning, or worse. */
function warningIn(
  { level, message, properties }: LogRecord,
): string | undefined {
  if (level !== "warning" && level !== "error") return undefined;
  return `${message.join("")} ${JSON.stringify(properties)}`;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    assert(tries < TRIES_MAX, what);
    await systemClock.sleep(100);
  }
}

/** Of what nobody says anything, nothing can be said either; `kolikko check` names them. */
function isSilent(filter: string): boolean {
  return filter === "homeassistant/status" || filter.includes("+");
}

mosquittoTest(
  "Controller names each topic that it may not read or write",
  async () => {
    await withLogged(warningIn, async (lines) => {
      const rigs = await lacking();
      // Who may write there and not read is told of no denial by the broker.
      const deaf = rigs.slice(0, 3).map(({ lacks, acl }, index) => {
        const name = `deaf${index}`;
        const topic = lacks.replace(/^\/rig\d+/, `/${name}`);
        const lines = acl.replaceAll(/\brig\d+\b/g, name);
        return { name, lacks: topic, acl: `${lines}\ntopic write ${topic}` };
      });
      const all = [...rigs, ...deaf];
      await using broker = await Mosquitto.start({
        users: {
          ...Object.fromEntries(all.map(({ name }) => [name, PASSWORD])),
          home: PASSWORD,
        },
        acl: [
          ...all.flatMap(({ acl }) => acl.split("\n")),
          "user home",
          "topic #",
        ],
      });
      await using home = await Home.join(broker.port, {
        username: "home",
        password: PASSWORD,
      });
      await using stack = new AsyncDisposableStack();
      // The last waits of a controller are not cut short.
      stack.defer(() => systemClock.sleep(300));
      for (const { name } of all) {
        stack.use(await start(name, broker.port));
        // Where this cannot be written, nothing else is wrong.
        const topic = `/${name}/heat/status`;
        const other = `/${name}/heat/problem`;
        await until(
          () => (home.latest(topic) ?? home.latest(other)) !== undefined,
          `${name} says nothing`,
        );
        await home.say(`/${name}/heat`, "ON");
        await home.say(`/${name}/heat/request/restart`, "PRESS");
      }
      for (const { name, lacks } of rigs) {
        if (lacks === "" || isSilent(lacks)) continue;
        const topic = lacks.replace("/#", "/cpu/state");
        const isNamed = () =>
          lines.some((line) => line.includes(`{"topic":"${topic}"`));
        await until(isNamed, `${name} does not name ${topic}`);
      }
      for (const { name, lacks } of deaf) {
        const isNamed = (text: string) =>
          text.includes(`is said on ${lacks} does not reach this rig:`);
        await home.until(`/${name}/heat/statusmsg`, isNamed);
        await home.until(`/${name}/heat/problem`, isNamed);
      }
      const owners = new Set(
        lines.map((line) => /\b(?:rig|deaf)\d+\b/.exec(line)?.[0]),
      );
      // Whoever lacks nothing is warned of nothing.
      const happy = rigs.at(-1)?.name;
      assert(!owners.has(happy), `${happy}: ${lines.join("\n")}`);
    });
  },
);
