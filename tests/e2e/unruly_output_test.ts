/** Miners that print more than anybody reads. */

import { assert } from "@std/assert";
import { mosquittoTest } from "../mosquitto.ts";
import { BASE, onThenOff, untilFile } from "./proof.ts";
import { standIn } from "./rig.ts";

const QUICK = ['stop_timeout = "2s"'];

mosquittoTest(
  "kolikko run is not held up by a miner that prints a gigabyte without a newline, or binary, or lines",
  async () => {
    for (const kind of ["no-newline", "binary", "lines"]) {
      const bytes = kind === "no-newline" ? 1_000_000_000 : 50_000_000;
      const flood = standIn("bad", [
        ...["--flood", kind, "--bytes", String(bytes)],
        ...["--exit-after", "50s", "--on-signal", "0"],
      ], QUICK);
      await onThenOff(`a flood of ${kind}`, {
        unruly: flood,
        during: async ({ home, rig }) => {
          const log = `${rig.dir}/logs/bad.log`;
          // Words go on being heard while it prints.
          await home.say(BASE, "nonsense");
          await home.until(
            `${BASE}/statusmsg`,
            (text) => text.includes('"nonsense"'),
          );
          await untilFile(log, kind === "no-newline" ? "" : "\n");
          let size = 0;
          for await (const { name } of Deno.readDir(`${rig.dir}/logs`)) {
            size += (await Deno.stat(`${rig.dir}/logs/${name}`)).size;
          }
          assert(size < 60 * 1024 * 1024, `the log grew to ${size}`);
        },
      });
    }
  },
);

mosquittoTest(
  "kolikko run obeys OFF at once while a miner prints rates without end, and tells them",
  async () => {
    const flood = standIn("bad", ["--flood", "rates"], QUICK);
    const tookMs = await onThenOff("a flood of rates", {
      unruly: flood,
      during: async ({ home }) => {
        const rate = `${BASE}/command/bad/hashrate`;
        const since = performance.now();
        await home.untilCount(rate, 5, since);
        // More often than once a second they are nobody's news.
        const seconds = (performance.now() - since) / 1_000;
        const count = home.payloads(rate, since).length;
        assert(count <= seconds + 2, `${count} rates in ${seconds} s`);
      },
    });
    assert(tookMs < 2_000, `OFF took ${tookMs} ms`);
  },
);
