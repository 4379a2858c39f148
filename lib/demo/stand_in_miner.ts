/** A stand-in for a miner: it prints what XMRig prints and ends as XMRig ends, and computes nothing. */

import { listenForEnd } from "../cli/signals.ts";
import { systemClock } from "../clock.ts";
import type { Settings } from "./miner_api/settings.ts";
import { flagValue } from "./miner_api/settings.ts";
import { StandIn } from "./miner_api/stand_in.ts";

/** It ends by itself after this, should everybody have forgotten it. */
const LIFE_MS_MAX = 10 * 60_000;

/** What the stand-ins claim. */
const CLAIMS: Readonly<Record<string, Partial<Settings>>> = {
  // XMRig tells no rate in its first seconds; a demonstration is short.
  cpu: { hashrate: 2_750, powerW: 118, ageMs: 20_000 },
  gpu: {
    hashrate: 25_100_000,
    powerW: 1_010,
    algo: "kawpow",
    quirks: ["gpu"],
  },
};

const MANNER = ["--like", "xmrig", "--no-color", "--rate-every", "4s"];
const SHARE_EVERY_MS = 4_000;

/**
 * `kolikko demo-miner --name cpu`; takes the flags of miner_api/stand_in.ts,
 * too. Returns the exit code.
 */
export async function mine(args: readonly string[]): Promise<number> {
  const end = new AbortController();
  let because = "";
  listenForEnd({ endsAtHangup: true }).heed({
    onAsk(_ask, signal) {
      because = signal;
      end.abort();
    },
  });
  const standIn = new StandIn({
    args: [...MANNER, ...args],
    base: {
      shareEveryMs: SHARE_EVERY_MS,
      ...CLAIMS[flagValue(args, "name") ?? "cpu"],
    },
    clock: systemClock,
    print: write,
    quit: () => end.abort(),
  });
  try {
    void systemClock.sleep(LIFE_MS_MAX, end.signal).then(() => end.abort());
    await standIn.run(end.signal);
    if (because !== "") await standIn.end(because);
    return 0;
  } catch (error) {
    // Whoever started it is gone, so it is of no use any more.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    throw error;
  } finally {
    end.abort();
  }
}

async function write(text: string, stream: "stdout" | "stderr"): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    bytes = bytes.subarray(await Deno[stream].write(bytes));
  }
}
