import { assertEquals, assertRejects } from "@std/assert";
import { parseConfig } from "../lib/config.ts";
import { Controller, type Overseer, type World } from "../lib/controller.ts";
import type { Link } from "../lib/mqtt/link.ts";
import { FakeBroker } from "./fakes/fake_broker.ts";
import { FakeClock, settle } from "./fakes/fake_clock.ts";
import { NO_KEPT_ENERGY, unread } from "./fakes/unread.ts";
import { type Behaviour, FakeProcesses } from "./fakes/fake_process.ts";

const TOML = `
[mqtt]
url = "mqtt://127.0.0.1"
[[command]]
name = "cpu"
exec = "xmrig"
`;

const WILL = {
  topic: "/kolikko1/heat/availability",
  payload: "offline",
  retain: true,
};

/** Nothing ends it. */
const UNKILLABLE: Behaviour = {
  obeysAfterMs: Infinity,
  obeysTermAfterMs: Infinity,
  unkillableMs: 1e9,
};

/** Who said last whether the rig is there, and what. */
function lastAvailability(broker: FakeBroker): string {
  const last = broker.published.findLast(({ topic }) => topic === WILL.topic);
  return `${last?.from}: ${last?.payload}`;
}

/** Telemetry that fails when it is told to. */
function failing(): { part: World["telemetry"]; fail: (error: Error) => void } {
  const failure = Promise.withResolvers<never>();
  return {
    part: { ...unread(1), run: () => failure.promise },
    fail: failure.reject,
  };
}

/** A controller whose command runs at a thermostat's ON. */
async function heating(
  some: {
    links?: World["links"];
    behaviour?: Behaviour;
    overseer?: Overseer;
    telemetry?: World["telemetry"];
    leftovers?: (system: FakeProcesses) => World["leftovers"];
  } = {},
) {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
  // An earlier run has left it there, so that the broker's marks are known.
  broker.publish(WILL.topic, "offline", { retain: true });
  const connect = broker.connect({ will: WILL });
  const system = new FakeProcesses({
    ticker: {
      now: () => clock.now(),
      later: (ms, then) => void clock.sleep(ms).then(then),
    },
  });
  if (some.behaviour !== undefined) system.behave("cpu", some.behaviour);
  const config = await parseConfig(TOML, {
    file: "/rig/kolikko.toml",
    env: {},
  });
  const controller = new Controller(config, {
    clock,
    random: () => 0.5,
    newMark: (command) => command,
    spawn: system.spawn,
    leftovers: some.leftovers?.(system) ?? [],
    telemetry: some.telemetry ?? unread(1),
    energy: NO_KEPT_ENERGY,
    links: some.links ?? (async function* (signal: AbortSignal) {
      while (!signal.aborted) {
        const link = await connect(signal);
        try {
          yield link;
        } finally {
          link.destroy();
        }
      }
    }),
    rival: () => undefined,
    hurry: () => {},
    powerOff: () => Promise.resolve(),
    outputOf: () => () => {},
    ...some.overseer === undefined ? {} : { overseer: some.overseer },
    info: {},
  });
  const running = controller.run();
  await settle();
  broker.publish("/kolikko1/heat", "ON");
  await settle();
  return { clock, broker, system, controller, running };
}

Deno.test("Controller.end() stops all, then says OFF and offline, then leaves", async () => {
  const { clock, broker, system, controller, running } = await heating();
  assertEquals(system.living("cpu").length, 1);
  controller.end("stop");
  await clock.advance(5_000);
  assertEquals(await running, true);
  assertEquals(system.living("cpu").length, 0);
  assertEquals(broker.retained("/kolikko1/heat/status"), "OFF");
  assertEquals(lastAvailability(broker), "kolikko1: offline");
  await clock.advance(60_000);
  assertEquals(lastAvailability(broker), "kolikko1: offline");
});

Deno.test("Controller.run() gives up on what nothing can stop, and says so by its result", async () => {
  const { clock, broker, controller, running } = await heating({
    behaviour: UNKILLABLE,
  });
  controller.end("stop");
  await clock.advance(20_000);
  assertEquals(await running, false);
  // It lives on, so it must not be called off: the will says that nobody knows.
  assertEquals(broker.retained("/kolikko1/heat/status"), "ON");
  assertEquals(lastAvailability(broker), "will: offline");
});

Deno.test("Controller.run() stops what heats when one of its parts fails, and throws that failure", async () => {
  const failure = Promise.withResolvers<never>();
  const broker = new FakeBroker();
  broker.publish(WILL.topic, "offline", { retain: true });
  let link: Link | undefined;
  const { clock, system, running } = await heating({
    links: async function* (signal) {
      link = await broker.connect()(signal);
      yield link;
      await failure.promise;
    },
  });
  broker.publish("/kolikko1/heat", "ON");
  await settle();
  assertEquals(system.living("cpu").length, 1);
  const rejected = assertRejects(() => running, TypeError, "a bug");
  await link?.close();
  failure.reject(new TypeError("a bug"));
  await clock.advance(5_000);
  await rejected;
  assertEquals(system.living("cpu").length, 0);
});

Deno.test("Controller.run() says OFF and offline after one of its parts has failed and all is proven gone", async () => {
  const telemetry = failing();
  const { clock, broker, system, running } = await heating({
    telemetry: telemetry.part,
  });
  assertEquals(system.living("cpu").length, 1);
  const rejected = assertRejects(() => running, Error, "a bug");
  telemetry.fail(new Error("a bug"));
  await clock.advance(5_000);
  await rejected;
  assertEquals(system.living("cpu").length, 0);
  assertEquals(broker.retained("/kolikko1/heat/status"), "OFF");
  assertEquals(broker.retained("/kolikko1/heat/command/cpu/state"), "stopped");
  assertEquals(lastAvailability(broker), "kolikko1: offline");
});

Deno.test("Controller.run() lets the will speak after one of its parts has failed and something lives on", async () => {
  const telemetry = failing();
  const { clock, broker, running } = await heating({
    telemetry: telemetry.part,
    behaviour: UNKILLABLE,
  });
  const rejected = assertRejects(() => running, Error, "a bug");
  telemetry.fail(new Error("a bug"));
  await clock.advance(30_000);
  await rejected;
  assertEquals(broker.retained("/kolikko1/heat/status"), "ON");
  assertEquals(lastAvailability(broker), "will: offline");
});

Deno.test("Controller.fail() kills without asking, proves it, says OFF and offline, and heeds no second failure", async () => {
  const { clock, broker, system, controller, running } = await heating({
    behaviour: {
      obeysAfterMs: Infinity,
      obeysTermAfterMs: Infinity,
      children: 2,
    },
  });
  const rejected = assertRejects(() => running, Error, "first");
  controller.fail(new Error("first"));
  controller.fail(new Error("second"));
  await clock.advance(2_000);
  await rejected;
  assertEquals(system.living("cpu").length, 0);
  assertEquals(broker.payloads("/kolikko1/heat/status").at(-1), "OFF");
  assertEquals(lastAvailability(broker), "kolikko1: offline");
  controller.fail(new Error("third"));
});

Deno.test("Controller.run() kills all and says OFF where its own loop fails", async () => {
  let isBroken = false;
  const { clock, broker, system, running } = await heating({
    overseer: {
      turned() {
        if (isBroken) throw new TypeError("a bug");
      },
      ending() {},
      run: (signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve())
        ),
    },
  });
  const rejected = assertRejects(() => running, TypeError, "a bug");
  isBroken = true;
  broker.publish("/kolikko1/heat/level/set", "100");
  await clock.advance(3_000);
  await rejected;
  assertEquals(system.living("cpu").length, 0);
  assertEquals(broker.retained("/kolikko1/heat/status"), "OFF");
  assertEquals(broker.retained("/kolikko1/heat/command/cpu/state"), "stopped");
  assertEquals(lastAvailability(broker), "kolikko1: offline");
});

Deno.test("Controller shows its overseer each turn of the loop, turns when it is woken, and says when it ends", async () => {
  const heard: string[] = [];
  let wake = () => {};
  const { clock, controller, running } = await heating({
    overseer: {
      turned: (status) => heard.push(status),
      ending: (withinMs) => heard.push(`ending within ${withinMs}`),
      async run(signal, given) {
        wake = given;
        await new Promise((resolve) =>
          signal.addEventListener("abort", resolve)
        );
        heard.push("over");
      },
    },
  });
  assertEquals(heard.at(0)?.slice(0, 5), "OFF: ");
  assertEquals(heard.at(-1), "ON: OK");
  const { length } = heard;
  await settle();
  assertEquals(heard.length, length);
  for (let turn = 1; turn <= 3; turn += 1) {
    wake();
    await settle();
    assertEquals(heard.length, length + turn);
  }
  controller.end("stop");
  // stop_timeout and half a minute.
  assertEquals(heard.at(-1), "ending within 40000");
  await clock.advance(5_000);
  assertEquals(await running, true);
  assertEquals(heard.at(-1), "over");
  assertEquals(
    heard.findLast((line) => line.includes(":")),
    "OFF: KolikkoControl is ending",
  );
});

Deno.test("Controller stops what an earlier run left before it starts anything, and says so", async () => {
  const { clock, broker, system } = await heating({
    leftovers: (system) => {
      const spec = { exec: "xmrig", args: [], cwd: "/", env: {} };
      system.spawn({ name: "cpu", ...spec, mark: "old", onLine: () => {} });
      return system.leftovers();
    },
  });
  const [old] = system.living("cpu");
  assertEquals(broker.retained("/kolikko1/heat/status"), "ON");
  assertEquals(broker.retained("/kolikko1/heat/command/cpu/state"), "stopping");
  await clock.advance(290);
  assertEquals(system.living("cpu").map((tree) => tree === old), [true]);
  await clock.advance(200);
  const [now] = system.living("cpu");
  assertEquals([old?.lives, now?.lives], [false, true]);
  assertEquals(broker.retained("/kolikko1/heat/command/cpu/state"), "running");
  // It is told for a while, although the next run has begun.
  assertEquals(
    broker.retained("/kolikko1/heat/statusmsg"),
    "Stopped 1 process of cpu that an earlier run left",
  );
});
