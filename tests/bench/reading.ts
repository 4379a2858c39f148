/** What it costs to read ten miners, beside the same ten commands that nobody reads. */

import { systemClock } from "../../lib/clock.ts";
import { StandIn } from "../../lib/demo/miner_api/stand_in.ts";
import { Rig, type Way } from "../e2e/rig.ts";
import { Stopwatch } from "./stopwatch.ts";
import { type Usage, usage } from "./usage.ts";

/** One of each kind of interface: HTTP, lines of JSON, words over TCP. */
const FAMILIES = [
  "xmrig",
  "cgminer",
  "claymore",
  "ccminer",
  "trex",
  "lolminer",
  "gminer",
  "nbminer",
  "srbminer",
  "bzminer",
];

const USAGE_MS = 60_000;
/** The first readings compile the code that reads. */
const WARM_UP_MS = 25_000;

/** The program with ten commands, unread and read every ten seconds. */
export async function readingAppetite(
  port: number,
  way: Way,
): Promise<{ readonly unread: Usage; readonly read: Usage }> {
  const over = new AbortController();
  try {
    const ports = await Promise.all(
      FAMILIES.map((family) => answer(family, over.signal)),
    );
    const unread = await measured(
      port,
      way,
      FAMILIES.map(() => `api = "none"`),
    );
    const read = await measured(
      port,
      way,
      FAMILIES.map((api, index) => `api = "${api}", port = ${ports[index]}`),
    );
    return { unread, read };
  } finally {
    over.abort();
  }
}

async function measured(
  port: number,
  way: Way,
  telemetry: readonly string[],
): Promise<Usage> {
  await using stopwatch = await Stopwatch.join(port);
  await using rig = await Rig.start({
    way,
    port,
    commands: telemetry.map((how, index) =>
      `[[command]]\nname = "c${index}"\nexec = "sleep"\nargs = ["300"]\n` +
      `telemetry = { ${how} }\n`
    ),
  });
  await stopwatch.untilReady({ base: "/kolikko1/heat" });
  await stopwatch.heat("/kolikko1/heat");
  await systemClock.sleep(WARM_UP_MS);
  return await usage(rig.pid, USAGE_MS);
}

/** An API in this very program; gives its port. */
async function answer(family: string, signal: AbortSignal): Promise<number> {
  const port = Promise.withResolvers<number>();
  const miner = new StandIn({
    args: ["--api", family, "--api-port", "0", "--age", "1m"],
    clock: systemClock,
    print: (text) => {
      const found = text.match(/^API on .*:(\d+)$/m)?.[1];
      if (found !== undefined) port.resolve(Number(found));
    },
    quit: () => {},
  });
  void miner.run(signal);
  return await port.promise;
}
