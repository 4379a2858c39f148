/** A controller that is killed leaves its miners running: what its next life makes of that. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeMark } from "../../lib/process/mark.ts";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { freshSeed } from "../simulation/random.ts";
import { Decoys } from "./decoys.ts";
import { Home } from "./home.ts";
import { killNine } from "./kill_nine.ts";
import { marked, Rig, standIn, USUAL, type Way, WAYS, wayTest } from "./rig.ts";
import { livesAs, RunWatch } from "./runs.ts";

const BASE = "/kolikko1/heat";

for (const way of WAYS) {
  wayTest(
    way,
    `kolikko run stops what a killed one left before it starts anything, ${way.name}`,
    async () => {
      await using broker = await Mosquitto.start();
      await using home = await Home.join(broker.port);
      await using decoys = new Decoys();
      const stubborn = ["--fork", "1", "--escape", "--ignore", "SIGINT"];
      await using killed = await Rig.start({
        way,
        port: broker.port,
        commands: [
          standIn("one", stubborn, ['stop_timeout = "3s"']),
          standIn("two", ["--on-signal", "0"]),
        ],
      });
      const dead = { pid: Deno.pid, startTicks: 1 };
      const other = `${killed.id}-2`;
      const strangers = [
        decoys.start(),
        decoys.start({
          KOLIKKO_MARK: makeMark({
            rig: other,
            command: "one",
            controller: dead,
            run: "r1",
          }),
        }),
      ].map(({ pid }) => pid);
      await home.until(`${BASE}/availability`, "online");
      await home.say(BASE, "ON");
      const old = await settled(killed, 4);
      killed.signal("SIGKILL");
      await killed.ended();
      await home.until(`${BASE}/availability`, "offline");
      assertEquals(old.filter(livesAs), old);

      await using watch = new RunWatch(killed.id);
      const since = performance.now();
      await using rig = Rig.startIn(killed.dir, [
        "run",
        "--config",
        `${killed.dir}/kolikko.toml`,
      ], { way, id: killed.id });
      await home.until(`${BASE}/availability`, "online");
      await home.say(BASE, "ON");
      await untilNew(rig, watch);
      assertEquals(old.filter(livesAs), []);
      await home.until(
        `${BASE}/statusmsg`,
        (text) =>
          text.includes("Stopped 3 processes of one that an earlier run left"),
      );
      const said = home.payloads(`${BASE}/statusmsg`, since).join("\n");
      assertStringIncludes(said, "Stopping what an earlier run left of one");
      assertStringIncludes(said, "Stopped 1 process of two");
      assertEquals(watch.violations, []);

      rig.signal("SIGTERM");
      assertEquals((await rig.ended()).code, 0);
      assertEquals(await marked(rig), []);
      assertEquals(strangers.filter(livesAs), strangers);
    },
  );
}

/** In another network namespace, as of a container, the name of a rig is not taken. */
const APART: Way = {
  name: "in a namespace of its own",
  exec: "unshare",
  args: ["--net", "--", USUAL.exec, ...USUAL.args],
  skipped: canMakeNamespace() ? undefined : "no network namespace can be made",
};

wayTest(
  APART,
  "kolikko run ends with code 3 and the pid where another controller of its rig has started miners",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using rig = await Rig.start({
      port: broker.port,
      commands: [standIn("one", ["--on-signal", "0"])],
    });
    await home.until(`${BASE}/availability`, "online");
    await home.say(BASE, "ON");
    const pids = await settled(rig, 1);
    // With another folder for state nothing is locked there: the marks tell all the same.
    const env = { XDG_STATE_HOME: `${rig.dir}/other` };
    await using second = rig.again({ way: APART, env });
    assertEquals((await second.ended()).code, 3, second.log);
    assertStringIncludes(second.log, `process ${rig.pid}`);
    assertEquals(await marked(rig), pids);
    assertEquals(home.latest(`${BASE}/availability`), "online");
  },
);

mosquittoTest(
  "kolikko run leaves no stray, no second run and no dead stranger, whenever it is killed",
  async () => {
    const report = await killNine({ kills: 6, seed: freshSeed() });
    assertEquals(report.violations, [], `seed ${report.seed}`);
    assert(report.looks > 20, `seed ${report.seed}: hardly looked`);
  },
);

function canMakeNamespace(): boolean {
  try {
    return new Deno.Command("unshare", { args: ["--net", "--", "true"] })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Its processes, once there are so many and none of them is only passing by. */
async function settled(rig: Rig, count: number): Promise<number[]> {
  const end = performance.now() + 20_000;
  let before: number[] = [];
  while (performance.now() < end) {
    const now = await marked(rig);
    if (now.length === count && `${now}` === `${before}`) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`Waited for ${count} processes in:\n${rig.log}`);
}

/** Waits until this life of the controller has started both commands. */
async function untilNew(rig: Rig, watch: RunWatch): Promise<void> {
  const end = performance.now() + 20_000;
  const started = () =>
    new Set(
      watch.look().filter(({ mark }) => mark.controller?.pid === rig.pid)
        .map(({ mark }) => mark.command),
    );
  while (started().size < 2) {
    if (performance.now() > end) throw new Error(`No start in:\n${rig.log}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
