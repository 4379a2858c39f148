/** A stand-in for a miner: it prints what XMRig prints and ends as XMRig ends, and computes nothing. */

import { parseArgs } from "@std/cli/parse-args";
import { listenForEnd } from "../cli/signals.ts";
import { systemClock } from "../clock.ts";

/** It ends by itself after this, should everybody have forgotten it. */
const LIFE_MS_MAX = 10 * 60_000;

/** Between two lines. */
const LINE_MS = 2_000;

/** What the stand-ins claim, in H/s. */
const RATES: Readonly<Record<string, number>> = { cpu: 2_750, gpu: 25_100_000 };

/** `kolikko demo-miner --name cpu`; returns the exit code. */
export async function mine(args: readonly string[]): Promise<number> {
  const { name } = parseArgs([...args], {
    string: ["name"],
    default: { name: "cpu" },
  });
  const clock = systemClock;
  const end = new AbortController();
  let because = "";
  const deaf = listenForEnd((_ask, signal) => {
    because = signal;
    end.abort();
  });
  const print = async (tag: string, text: string) => {
    await write(`[${stamp(clock.wall())}]  ${tag.padEnd(8)} ${text}\n`);
  };
  try {
    const endAt = clock.now() + LIFE_MS_MAX;
    for (let count = 0; clock.now() < endAt && !end.signal.aborted; count++) {
      for (const [tag, text] of linesOf(String(name), count)) {
        await print(tag, text);
      }
      await clock.sleep(LINE_MS, end.signal);
    }
    if (because !== "") await print("signal", `${because} received, exiting`);
    return 0;
  } catch (error) {
    // Whoever started it is gone, so it is of no use any more.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    throw error;
  } finally {
    deaf();
  }
}

/** What it prints in its `count`th moment. */
function linesOf(
  name: string,
  count: number,
): readonly (readonly [tag: string, text: string])[] {
  const tag = name === "gpu" ? "nvidia" : "cpu";
  if (count === 0) {
    return [
      ["net", "use pool pool.example.org:3333  192.0.2.5"],
      ["net", "new job from pool.example.org:3333 diff 50000 algo rx/0"],
      [tag, "READY (a stand-in: nothing is mined)"],
    ];
  }
  const rate = (RATES[name] ?? 1_000) * (1 + Math.sin(count) / 100);
  const speed = rate >= 1_000_000
    ? `${(rate / 1_000_000).toFixed(2)} n/a n/a MH/s`
    : `${rate.toFixed(1)} n/a n/a H/s`;
  return count % 2 === 0
    ? [[
      "miner",
      `speed 10s/60s/15m ${speed} max ${speed.replace(/ .* /, " ")}`,
    ]]
    : [[tag, `accepted (${(count + 1) / 2}/0) diff 50000 (94 ms)`]];
}

/** `2026-03-28 12:00:01.123`, local time. */
function stamp(wallMs: number): string {
  const date = new Date(wallMs);
  const local = new Date(wallMs - date.getTimezoneOffset() * 60_000);
  return local.toISOString().replace("T", " ").slice(0, -1);
}

async function write(text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    bytes = bytes.subarray(await Deno.stdout.write(bytes));
  }
}
