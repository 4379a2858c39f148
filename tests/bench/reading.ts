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

/** All that an API can do wrong, one for each family. */
const FAULTS = [
  "huge",
  "hang",
  "reset",
  "wrong-json",
  "huge",
  "half",
  "slow",
  "html",
  "huge",
  "not-json",
];

const USAGE_MS = 60_000;
/** Whatever grows shows in this time. */
const MINUTES = 4;
/** The first readings compile the code that reads. */
const WARM_UP_MS = 25_000;

/** What ten commands cost in three ways. */
export interface ReadingAppetite {
  readonly unread: Usage;
  /** Every ten seconds. */
  readonly read: Usage;
  /** Every two seconds, from APIs that answer as they should not, minute by minute. */
  readonly faulty: readonly Usage[];
}

/** Measures the program with ten commands. */
export async function readingAppetite(
  port: number,
  way: Way,
): Promise<ReadingAppetite> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const good = await Promise.all(
      FAMILIES.map((family) => answer(family, { signal })),
    );
    const bad = await Promise.all(
      FAMILIES.map((family, index) =>
        answer(family, { signal, fault: FAULTS[index] })
      ),
    );
    const read = (ports: readonly number[], more: string) =>
      FAMILIES.map((api, index) =>
        `api = "${api}", port = ${ports[index]}${more}`
      );
    const ask = { port, way };
    const [unread] = await measured(ask, FAMILIES.map(() => `api = "none"`));
    const [healthy] = await measured(ask, read(good, ""));
    const faulty = await measured(ask, read(bad, `, interval = "2s"`), MINUTES);
    if (unread === undefined || healthy === undefined) {
      throw new Error("Nothing was measured");
    }
    return { unread, read: healthy, faulty };
  } finally {
    over.abort();
  }
}

async function measured(
  { port, way }: { readonly port: number; readonly way: Way },
  telemetry: readonly string[],
  times = 1,
): Promise<readonly Usage[]> {
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
  const seen: Usage[] = [];
  while (seen.length < times) seen.push(await usage(rig.pid, USAGE_MS));
  return seen;
}

/** An API in this very program; gives its port. */
async function answer(
  family: string,
  { signal, fault = "none" }: {
    readonly signal: AbortSignal;
    readonly fault?: string | undefined;
  },
): Promise<number> {
  const port = Promise.withResolvers<number>();
  const miner = new StandIn({
    args: ["--api", family, "--api-port", "0", "--age", "1m", "--fault", fault],
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
