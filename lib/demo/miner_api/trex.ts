/** T-Rex 0.19: whole hashes a second, long windows that begin at 0, and a key for orders. */

import {
  type ApiWorld,
  type Family,
  json,
  NOT_FOUND,
  rounded,
} from "./family.ts";

const SID = "stand-in-session";

/** `--token` is its API key; quirk `old`: the difficulty is a number. */
export const trex: Family = {
  framing: "http",
  answer({ path, query }, world) {
    const { token } = world.settings;
    if (path === "/login") {
      const isRight = query.get("password") === token;
      return json(isRight ? { sid: SID, success: 1 } : { success: 0 });
    }
    if (token !== undefined && query.get("sid") !== SID) {
      return json({ error: "Authorization required", success: 0 }, 401);
    }
    if (path === "/summary") return json(summary(world));
    if (path !== "/control") return NOT_FOUND;
    // Without a key it can only be read.
    if (token === undefined) return json({ error: "read only", success: 0 });
    const pause = query.get("pause");
    if (pause !== null) world.pause(pause.startsWith("true"));
    if (query.get("command") === "shutdown") world.quit();
    return json({ success: 1 });
  },
};

function summary({ claim, settings, wallS }: ApiWorld): unknown {
  const { accepted, rejected, devices, uptimeS } = claim;
  const total = rates(claim.hashrate, uptimeS);
  const isOld = settings.quirks.includes("old");
  return {
    accepted_count: accepted,
    active_pool: {
      difficulty: isOld ? 0.55858 : "4.29 G",
      ping: 38,
      retries: 0,
      url: `stratum+tcp://${claim.pool}`,
      user: "0x",
    },
    algorithm: claim.algo,
    api: isOld ? "3.2" : "3.3",
    build_date: "Dec 2 2020 21:17:31",
    coin: "",
    cuda: "10.0",
    description: "T-Rex NVIDIA GPU miner",
    difficulty: 0.55858,
    driver: "450.80.02",
    gpu_total: devices.length,
    gpus: devices.map((one) => ({
      device_id: one.index,
      efficiency: `${
        rounded(one.hashrate / 1_000 / Math.max(one.powerW, 1))
      }kH/W`,
      fan_speed: 49,
      gpu_id: one.index,
      gpu_user_id: one.index,
      ...rates(one.hashrate, uptimeS),
      hashrate_instant: rounded(one.hashrate),
      intensity: 22.0,
      low_load: false,
      mtweak: 0,
      name: "GTX Stand-in",
      power: rounded(one.powerW),
      power_avr: rounded(one.powerW),
      shares: {
        accepted_count: one.accepted,
        invalid_count: 0,
        rejected_count: one.rejected,
        solved_count: 0,
      },
      temperature: rounded(one.temperatureC),
      vendor: "EVGA",
    })),
    ...total,
    name: "t-rex",
    os: "linux",
    paused: claim.phase === "paused",
    rejected_count: rejected,
    revision: "99a7206c3590",
    sharerate: 6.082,
    sharerate_average: 5.448,
    solved_count: 0,
    stat_by_gpu: devices.map((one) => ({
      accepted_count: one.accepted,
      rejected_count: one.rejected,
      solved_count: 0,
    })),
    success: 1,
    ts: wallS,
    uptime: uptimeS,
    version: "0.19.1",
  };
}

function rates(hashrate: number, uptimeS: number): Record<string, number> {
  const rate = rounded(hashrate);
  return {
    hashrate: rate,
    hashrate_day: uptimeS < 86_400 ? 0 : rate,
    hashrate_hour: uptimeS < 3_600 ? 0 : rate,
    hashrate_minute: uptimeS < 60 ? 0 : rate,
  };
}
