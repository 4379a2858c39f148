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

/** A controller whose command runs at a thermostat's ON. */
async function heating(
  some: {
    links?: World["links"];
    behaviour?: Behaviour;
    overseer?: Overseer;
    leftovers?: (system: FakeProcesses) => World["leftovers"];
  } = {},
) {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
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
    telemetry: unread(1),
    energy: NO_KEPT_ENERGY,
    links: some.links ?? (async function* (signal: AbortSignal) {
      while (!signal.aborted) yield await broker.connect()(signal);
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
  assertEquals(broker.retained("/kolikko1/heat/availability"), "offline");
});

Deno.test("Controller.run() gives up on what nothing can stop, and says so by its result", async () => {
  const { clock, broker, controller, running } = await heating({
    behaviour: {
      obeysAfterMs: Infinity,
      obeysTermAfterMs: Infinity,
      unkillableMs: 1e9,
    },
  });
  controller.end("stop");
  await clock.advance(20_000);
  assertEquals(await running, false);
  // It lives on, so it must not be called off.
  assertEquals(broker.retained("/kolikko1/heat/status"), "ON");
});

Deno.test("Controller.run() stops what heats when one of its parts fails, and throws that failure", async () => {
  const failure = Promise.withResolvers<never>();
  const broker = new FakeBroker();
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

Deno.test("Controller.killAll() kills without asking, and waits for the proof", async () => {
  const { clock, broker, system, controller, running } = await heating({
    behaviour: {
      obeysAfterMs: Infinity,
      obeysTermAfterMs: Infinity,
      children: 2,
    },
  });
  const killed = controller.killAll();
  await clock.advance(2_000);
  await killed;
  assertEquals(system.living("cpu").length, 0);
  assertEquals(broker.payloads("/kolikko1/heat/status").at(-1), "OFF");
  await clock.advance(5_000);
  await running;
});

Deno.test("Controller shows its overseer each turn of the loop, turns when it is woken, and says when it ends", async () => {
  const heard: string[] = [];
  let wake = () => {};
  const { clock, controller, running } = await heating({
    overseer: {
      turned: (status) => heard.push(status),
      ending: () => heard.push("ending"),
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
  assertEquals(heard.at(-1), "ending");
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
