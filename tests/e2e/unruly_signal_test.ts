/** Miners that signals do not reach, and dead ones that nobody asks for. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mosquittoTest } from "../mosquitto.ts";
import type { PidsFile } from "../stand_in/stand_in.ts";
import { BASE, eventually, onThenOff, untilFile, untilThere } from "./proof.ts";
import { standIn } from "./rig.ts";

const bad = (flags: readonly string[]) => (pids: PidsFile) =>
  standIn("bad", ["--pids-file", pids.path, "--ready", ...flags], [
    'stop_timeout = "2s"',
  ]);

mosquittoTest(
  "kolikko run kills a miner that ignores SIGINT and SIGTERM, and says meanwhile what lives",
  async () => {
    let said = "";
    const tookMs = await onThenOff("a miner that ignores SIGINT and SIGTERM", {
      unruly: bad(["--ignore", "SIGINT,SIGTERM"]),
      during: async ({ home, rig }) => {
        await untilFile(`${rig.dir}/logs/bad.log`, "ready");
        void home.until(
          `${BASE}/statusmsg`,
          (text) => text.startsWith("Stopping"),
        ).then((text) => said = text);
      },
    });
    assert(tookMs >= 2_000, `killed too early: ${tookMs}`);
    assertStringIncludes(said, "Stopping bad: pid");
  },
);

mosquittoTest(
  "kolikko run kills a miner that was stopped and hears nothing",
  async () => {
    await onThenOff("a miner that was stopped with SIGSTOP", {
      unruly: bad(["--stop"]),
      during: async ({ rig, pids }) => {
        await untilFile(`${rig.dir}/logs/bad.log`, "ready");
        await eventually(
          () => pids.living().some((pid) => stateOf(pid) === "T"),
          "the stop",
        );
      },
    });
  },
);

mosquittoTest(
  "kolikko run proves OFF beside a zombie that is never asked for",
  async () => {
    await onThenOff("a child that is a zombie for good", {
      unruly: bad(["--zombie"]),
      during: async (scene) => {
        await untilThere(scene, 2);
        const { pids } = scene;
        await eventually(
          () => pids.childrenThatAreZombies().length > 0,
          "the zombie",
        );
        assertEquals(pids.childrenThatAreZombies().length, 1);
      },
    });
  },
);

function stateOf(pid: number): string | undefined {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}
