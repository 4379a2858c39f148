import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { Miners } from "../../lib/telemetry/miners.ts";
import type { TelemetrySettings } from "../../lib/telemetry/settings.ts";
import { StandIn } from "../../lib/demo/miner_api/stand_in.ts";
import { until } from "../stand_in/stand_in.ts";
import { Buffered } from "./buffered.ts";

function settings(some: Partial<TelemetrySettings>): TelemetrySettings {
  return {
    api: "auto",
    host: "127.0.0.1",
    port: undefined,
    token: undefined,
    intervalMs: 20,
    patterns: [],
    ...some,
  };
}

/** A stand-in miner within this program; gives the port of its API. */
async function standIn(
  family: string,
  hashrateHs: number,
  stop: AbortSignal,
): Promise<number> {
  const port = Promise.withResolvers<number>();
  const miner = new StandIn({
    args: ["--api", family, "--api-port", "0", "--hashrate", `${hashrateHs}`],
    clock: systemClock,
    print: (line) => {
      const found = line.match(/^API on 127\.0\.0\.1:(\d+)$/m)?.[1];
      if (found !== undefined) port.resolve(Number(found));
    },
    quit: () => {},
  });
  void miner.run(stop);
  return await port.promise;
}

Deno.test("Miners reads an API, the output and nothing, each into its own place", async () => {
  const stop = new AbortController();
  const port = await standIn("gminer", 25e6, stop.signal);
  const programs = ["c0", "c1", "c2"].map((name) => ({
    name,
    exec: "start.sh",
    args: [],
  }));
  const miners = new Miners({
    clock: systemClock,
    programs,
    settings: [
      settings({ api: "gminer", port }),
      settings({}),
      settings({ api: "none" }),
    ],
  });
  const rig = new Buffered(systemClock, miners.reads);
  assertEquals(miners.reads, [
    { isRead: true, staleAfterMs: 60 },
    { isRead: true, staleAfterMs: 360_000 },
    { isRead: false, staleAfterMs: 60 },
  ]);
  const running = miners.run(rig.buffer, stop.signal);
  for (const index of [0, 1, 2]) rig.begin(index);
  miners.push("c1", "speed 10s/60s/15m 10.0 10.0 n/a H/s max 10.0 H/s");
  miners.push("c2", "speed 10s/60s/15m 10.0 10.0 n/a H/s max 10.0 H/s");
  await until(
    "both are read",
    () => rig.look().filter(({ reading }) => reading !== undefined).length > 1,
  );
  const rates = rig.look().map(({ reading }) => reading?.hashrateHs);
  assertEquals([Math.round((rates[0] ?? 0) / 1e6), rates[1], rates[2]], [
    25,
    10,
    undefined,
  ]);
  stop.abort();
  await running;
});
