/** Miners of another user, of another group, without an environment; and those of another rig. */

import { assertEquals } from "@std/assert";
import { Mosquitto, mosquittoPath, mosquittoTest } from "../mosquitto.ts";
import type { PidsFile } from "../stand_in/stand_in.ts";
import { Home } from "./home.ts";
import { BASE, onThenOff, untilMarked, untilThere } from "./proof.ts";
import { marked, Rig, standIn } from "./rig.ts";

const QUICK = ['stop_timeout = "2s"'];

/** A test in which one user starts programs as another: only root may. */
function rootTest(name: string, fn: () => Promise<void>): void {
  const lacks = mosquittoPath === undefined
    ? "no mosquitto found"
    : Deno.build.os !== "linux" || Deno.uid() !== 0
    ? "only root may start a program as another user"
    : !hasSetpriv()
    ? "no setpriv found"
    : undefined;
  const reason = lacks === undefined ? "" : ` (ignored: ${lacks})`;
  Deno.test({ name: name + reason, ignore: lacks !== undefined, fn });
}

function hasSetpriv(): boolean {
  try {
    return new Deno.Command("setpriv", { args: ["--version"] })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** A miner with a worker, neither of which listens, run with the rights of somebody else. */
function elsewhere(rights: readonly string[]) {
  return (pids: PidsFile): string => {
    Deno.chmodSync(pids.path, 0o666);
    const script = `trap "" INT TERM; ` +
      `echo "$$ $(cut -d " " -f 22 /proc/$$/stat)" >> ${pids.path}; ` +
      "sleep 60 & wait";
    const args = [...rights, "--clear-groups", "sh", "-c", script];
    return [
      "[[command]]",
      'name = "bad"',
      'exec = "setpriv"',
      `args = ${JSON.stringify(args)}`,
      ...QUICK,
      "",
    ].join("\n");
  };
}

rootTest("kolikko run stops a miner that runs as another user", async () => {
  await onThenOff("a miner of another user", {
    unruly: elsewhere(["--reuid=65534", "--regid=65534"]),
    during: async (scene) => {
      await untilThere(scene, 1);
      await untilMarked(scene, 3);
      assertEquals(idsOf(scene.pids.living()[0] ?? 0), ["65534", "65534"]);
    },
  });
});

rootTest("kolikko run stops a miner of another user's group", async () => {
  await onThenOff("a miner of another group", {
    unruly: elsewhere(["--regid=65534"]),
    during: async (scene) => {
      await untilThere(scene, 1);
      await untilMarked(scene, 3);
      assertEquals(idsOf(scene.pids.living()[0] ?? 0), ["0", "65534"]);
    },
  });
});

/** The user and the group that a process runs as. */
function idsOf(pid: number): (string | undefined)[] {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return ["Uid", "Gid"].map((name) =>
    status.match(new RegExp(`^${name}:\\t\\d+\\t(\\d+)`, "m"))?.[1]
  );
}

mosquittoTest(
  "kolikko run stops a miner, and its workers, that run with an empty environment",
  async () => {
    await onThenOff("a tree that lost its mark", {
      unruly: (pids) => {
        const flags = ["--fork", "2", "--clear-env-child"];
        const own = ["--pids-file", pids.path, "--ignore", "SIGINT,SIGTERM"];
        // `env -i` executes the stand-in in its own place, and without the mark.
        return standIn("bad", [...flags, ...own], QUICK)
          .replace(/exec = (.*)\nargs = \[/, 'exec = "env"\nargs = ["-i",$1,');
      },
      during: async (scene) => {
        await untilThere(scene, 4);
        // The good one alone carries the mark.
        assertEquals((await marked(scene.rig)).length, 1);
      },
    });
  },
);

mosquittoTest(
  "kolikko run leaves the same miner of another rig on this machine alone",
  async () => {
    const command = standIn(
      "bad",
      ["--fork", "1", "--ignore", "SIGINT"],
      QUICK,
    );
    await using broker = await Mosquitto.start();
    await using others = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using neighbour = await Home.join(others.port);
    await using rig = await Rig.start({
      port: broker.port,
      commands: [command],
    });
    await using other = await Rig.start({
      port: others.port,
      commands: [command],
    });
    for (const one of [home, neighbour]) {
      await one.until(`${BASE}/availability`, "online");
      await one.say(BASE, "ON");
      await one.until(`${BASE}/command/bad/state`, "running");
    }
    for (const one of [rig, other]) await untilMarked({ rig: one }, 2);
    const before = await marked(other);
    await home.say(BASE, "OFF");
    await home.until(`${BASE}/status`, "OFF");
    assertEquals(await marked(rig), []);
    assertEquals(await marked(other), before);
    assertEquals(neighbour.payloads(`${BASE}/status`).at(-1), "ON");
    assertEquals(neighbour.latest(`${BASE}/command/bad/state`), "running");
  },
);
