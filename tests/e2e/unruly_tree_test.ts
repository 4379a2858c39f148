/** Miners whose children flee, come back, or come and go. */

import { assertMatch } from "@std/assert";
import { mosquittoTest } from "../mosquitto.ts";
import type { PidsFile } from "../stand_in/stand_in.ts";
import {
  BASE,
  eventually,
  onThenOff,
  type Scene,
  untilThere,
} from "./proof.ts";
import { standIn } from "./rig.ts";

/** A tree of which each process writes down who it is. */
const tree = (flags: readonly string[]) => (pids: PidsFile) =>
  standIn("bad", ["--pids-file", pids.path, ...flags], [
    'stop_timeout = "2s"',
  ]);

mosquittoTest(
  "kolikko run stops a tree of six generations of which none listens",
  async () => {
    await onThenOff("six generations that ignore SIGINT and SIGTERM", {
      unruly: tree(["--fork", "5", "--ignore", "SIGINT,SIGTERM"]),
      during: (scene) => untilThere(scene, 6),
    });
  },
);

mosquittoTest(
  "kolikko run stops a helper that fled its group and session, and those that the fled one started",
  async () => {
    await onThenOff("a double fork with setsid that ignores SIGINT", {
      unruly: tree(["--escape", "--ignore", "SIGINT"]),
      // The one in between has ended by then.
      during: (scene) => untilThere(scene, 2),
    });
  },
);

mosquittoTest(
  "kolikko run stops what a miner left behind that is gone itself",
  async () => {
    await onThenOff("a leader that goes while its helper stays", {
      unruly: tree(["--escape", "--ignore", "SIGINT,SIGTERM", "--leave"]),
      during: async ({ home }) => {
        const message = await home.until(
          `${BASE}/statusmsg`,
          (text) => text.includes("still lives"),
        );
        assertMatch(message, /Stopping bad: pid \d+ \(deno\) still lives/);
      },
    });
  },
);

mosquittoTest(
  "kolikko run stops a child whose workers come and go every 100 ms",
  async () => {
    await onThenOff("a worker that is started anew every 100 ms", {
      unruly: tree([
        ...["--child", "--respawn 100ms --worker-life 0"],
        ...["--ignore", "SIGINT,SIGTERM"],
      ]),
      during: untilWorkersCame,
    });
  },
);

mosquittoTest(
  "kolikko run stops a miner with children, helpers that fled, and a worker that comes back",
  async () => {
    await onThenOff("children, a helper that fled, a worker that comes back", {
      unruly: tree([
        ...["--fork", "3", "--escape", "--respawn", "100ms"],
        ...["--ignore", "SIGINT"],
      ]),
      during: (scene) => untilThere(scene, 6),
    });
  },
);

/** The leader, its child, and three workers after each other. */
async function untilWorkersCame({ pids }: Scene): Promise<void> {
  await eventually(() => pids.all().length >= 5, "three workers");
}
