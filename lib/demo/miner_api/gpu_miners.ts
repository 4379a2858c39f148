// The names of the members are the miners' own.
// deno-lint-ignore-file camelcase
/** GMiner, lolMiner, NBMiner, Rigel: closed miners of cards, each with JSON of its own. */

import { type Family, httpFamily, rounded } from "./family.ts";

/** 2.90: no total, and 0 for what it does not know. */
export const gminer: Family = httpFamily(["/stat"], ({ claim }) => ({
  miner: "GMiner 2.90",
  uptime: claim.uptimeS,
  server: claim.phase === "starting" ? null : `stratum://${claim.pool}`,
  user: "stand-in",
  algorithm: claim.algo,
  electricity: rounded(claim.powerW * claim.uptimeS / 3_600_000, 3),
  total_accepted_shares: claim.accepted,
  total_rejected_shares: claim.rejected,
  total_stale_shares: 0,
  total_invalid_shares: 0,
  pool_speed: rounded(claim.hashrate),
  shares_per_minute: 2.1,
  speed_unit: "H/s",
  devices: claim.devices.map((one) => ({
    gpu_id: one.index,
    bus_id: `0000:0${one.index + 1}:00.0`,
    name: "Stand-in RTX",
    speed: rounded(one.hashrate, 1),
    accepted_shares: one.accepted,
    rejected_shares: one.rejected,
    stale_shares: 0,
    invalid_shares: 0,
    fan: 60,
    temperature: rounded(one.temperatureC),
    temperature_limit: 90,
    memory_temperature: 0,
    memory_temperature_limit: 110,
    core_clock: 1_300,
    memory_clock: 10_500,
    power_usage: rounded(one.powerW),
  })),
}));

const MEGA = 1_000_000;

/** 1.92: its unit is told beside the rate, and no algorithm is there until it hashes. */
export const lolminer: Family = httpFamily(["/summary"], (world) => {
  const { claim, wallS } = world;
  const { devices } = claim;
  const isReady = claim.phase === "mining" || claim.phase === "paused";
  const algorithm = {
    Algorithm: claim.algo,
    Algorithm_Appendix: "",
    Pool: claim.pool,
    User: "stand-in",
    Worker: "rig",
    Performance_Unit: "Mh/s",
    Performance_Factor: MEGA,
    Total_Performance: rounded(claim.hashrate / MEGA, 6),
    Total_Accepted: claim.accepted,
    Total_Rejected: claim.rejected,
    Total_Stales: 0,
    Total_Errors: 0,
    Worker_Performance: devices.map((one) => rounded(one.hashrate / MEGA, 6)),
    Worker_Accepted: devices.map((one) => one.accepted),
    Worker_Rejected: devices.map((one) => one.rejected),
    Worker_Stales: devices.map(() => 0),
    Worker_Errors: devices.map(() => 0),
  };
  return {
    Software: "lolMiner 1.92",
    Session: {
      Startup: wallS - claim.uptimeS,
      Startup_String: "2025-07-07_08-55-38",
      Uptime: claim.uptimeS,
      Last_Update: wallS,
    },
    Num_Workers: devices.length,
    Workers: devices.map((one) => ({
      Index: one.index,
      Name: "Stand-in RTX",
      Power: rounded(one.powerW, 1),
      CCLK: 1_500,
      MCLK: 7_000,
      Core_Temp: rounded(one.temperatureC),
      Juc_Temp: rounded(one.temperatureC) + 12,
      Mem_Temp: 0,
      Fan_Speed: 45,
      LHR_Unlock_Pct: 100.0,
      PCIE_Address: `${one.index + 1}:0`,
    })),
    Num_Algorithms: isReady ? 1 : 0,
    ...(isReady ? { Algorithms: [algorithm] } : {}),
  };
});

/** 40.0: each rate as a text and, beside it, raw. */
export const nbminer: Family = httpFamily(["/api/v1/status"], (world) => {
  const { claim, wallS } = world;
  const words = (hashrate: number) => `${(hashrate / MEGA).toFixed(2)} M`;
  const pools = words(claim.hashrate);
  return {
    miner: {
      devices: claim.devices.map((one) => ({
        accepted_shares: one.accepted,
        core_clock: 1_530,
        core_utilization: 100,
        fan: 59,
        hashrate: words(one.hashrate),
        hashrate2: "0.000 ",
        hashrate2_raw: 0,
        hashrate_raw: rounded(one.hashrate, 2),
        id: one.index,
        info: "Stand-in RTX",
        invalid_shares: 0,
        lhr: 0,
        memTemperature: -1,
        mem_clock: 8_000,
        mem_utilization: 100,
        pci_bus_id: one.index + 1,
        power: rounded(one.powerW),
        rejected_shares: one.rejected,
        temperature: rounded(one.temperatureC),
      })),
      total_hashrate: words(claim.hashrate),
      total_hashrate2: "0.000 ",
      total_hashrate2_raw: 0,
      total_hashrate_raw: rounded(claim.hashrate, 2),
      total_power_consume: rounded(claim.powerW),
    },
    reboot_times: 0,
    start_time: wallS - claim.uptimeS,
    stratum: {
      accepted_shares: claim.accepted,
      algorithm: claim.algo,
      difficulty: "4.295 G",
      dual_mine: false,
      invalid_shares: 0,
      latency: 217,
      pool_hashrate_10m: pools,
      pool_hashrate_4h: pools,
      pool_hashrate_24h: pools,
      rejected_shares: claim.rejected,
      url: claim.pool,
      use_ssl: false,
      user: "stand-in",
    },
    version: "40.0",
  };
});

/** 1.23: all by the name of the algorithm, which is not there before it hashes. */
export const rigel: Family = httpFamily(["/stat"], ({ claim }) => {
  const { algo, accepted, rejected } = claim;
  const isReady = claim.phase === "mining" || claim.phase === "paused";
  const solutions = { [algo]: { accepted, rejected, invalid: 0 } };
  const by = (hashrate: number) =>
    isReady ? { [algo]: rounded(hashrate, 2) } : {};
  const [hostname, port] = claim.pool.split(":");
  return {
    name: "Rigel",
    version: "1.23.2",
    os_name: "Linux",
    cuda_driver: "596.49",
    uptime: claim.uptimeS,
    algorithm: algo,
    watchdog: "on",
    pools: {
      [algo]: [{
        id: 0,
        connection_details: {
          protocol: "stratum",
          username: "stand-in",
          worker: "rig",
          hostname,
          port: Number(port),
          ssl: false,
        },
        state: { issued_job: "16.00K" },
        solution_stat: { accepted, rejected, invalid: 0 },
        average_latency_ms: 29,
      }],
    },
    devices: claim.devices.map((one) => ({
      id: one.index,
      selected: true,
      name: "Stand-in RTX",
      pci_address: `0${one.index + 1}:0`,
      state: "mining",
      solution_stat: {
        [algo]: { accepted: one.accepted, rejected: one.rejected, invalid: 0 },
      },
      monitoring_info: {
        core_temperature: rounded(one.temperatureC),
        memory_temperature: rounded(one.temperatureC) + 16,
        fan_speed: 83,
        power_usage: rounded(one.powerW, 5),
        core_clock: 1_980,
      },
      hashrate: by(one.hashrate),
      pool_hashrate: {},
      dual_ratio: null,
      crash_count: 0,
    })),
    solution_stat: solutions,
    hashrate: by(claim.hashrate),
    power_usage: rounded(claim.powerW, 2),
  };
});
