// The names of the members are the miners' own.
// deno-lint-ignore-file camelcase
/** SRBMiner, BzMiner, OneZeroMiner, Nanominer, miniZ, and a Bitaxe, which is a device. */

import {
  type Family,
  httpFamily,
  json,
  NOT_FOUND,
  parseObject,
  rounded,
} from "./family.ts";

/** 3.x on cards, with the windows of older builds; quirk `cpu`: on the processor, without power. */
export const srbminer: Family = httpFamily(["/"], ({ claim, settings }) => {
  const isCpu = settings.quirks.includes("cpu");
  const [short, minute] = claim.windows;
  const isReady = claim.phase === "mining" || claim.phase === "paused";
  const workers = (name: string) => {
    const each = claim.devices.map((one) =>
      [`${name}${one.index}`, one.hashrate] as const
    );
    const all = [...each, ["total", claim.hashrate] as const];
    return isReady ? Object.fromEntries(all) : {};
  };
  return {
    rig_name: "SRBMiner-Multi-Rig",
    miner_version: "3.0.0",
    mining_time: claim.uptimeS,
    total_cpu_workers: isCpu ? claim.devices.length : 0,
    total_gpu_workers: isCpu ? 0 : claim.devices.length,
    total_workers: claim.devices.length,
    cpu_devices: isCpu
      ? [{ id: 0, device: "cpu0", model: "Stand-in CPU" }]
      : [],
    gpu_devices: isCpu ? [] : claim.devices.map((one) => ({
      id: one.index,
      device: `gpu${one.index}`,
      bus_id: one.index + 1,
      asic_power: rounded(one.powerW),
    })),
    algorithms: [{
      id: 0,
      name: claim.algo,
      pool: {
        pool: claim.pool,
        time_connected: "2020-11-23 08:47:31",
        uptime: claim.uptimeS,
        difficulty: 0.0,
        last_job_received: 45,
        latency: 88,
      },
      shares: {
        total: claim.accepted + claim.rejected,
        accepted: claim.accepted,
        rejected: claim.rejected,
        avg_find_time: 91,
      },
      hashrate: {
        now: short ?? claim.hashrate,
        "1min": minute ?? 0,
        "5min": 0,
        "30min": 0,
        max: claim.highest ?? 0,
        cpu: isCpu ? workers("thread") : { total: 0 },
        gpu: isCpu ? { total: 0 } : workers("gpu"),
      },
    }],
  };
});

/** 24: a list by algorithm for each card, `null` until it hashes. */
export const bzminer: Family = {
  framing: "http",
  answer({ path, query }, { claim, pause }) {
    if (path === "/rig_command") {
      pause(query.get("command") === "stop");
      return json({ method: "rig_command", error: "" });
    }
    if (path !== "/status") return NOT_FOUND;
    const isReady = claim.phase === "mining" || claim.phase === "paused";
    return json({
      method: "fullstatus",
      bzminer_version: "24.0.1",
      rig_name: "stand-in",
      uptime_s: claim.uptimeS,
      os_name: "Linux",
      watchdog_enabled: true,
      pools: [{
        id: 0,
        status: 2,
        algorithm: claim.algo,
        current_url: `stratum+tcp://${claim.pool}`,
        valid_solutions: claim.accepted,
        rejected_solutions: claim.rejected,
        invalid_solutions: 0,
        stale_solutions: 0,
        difficulty: 1.0,
        uptime_s: claim.uptimeS,
      }],
      devices: claim.devices.map((one) => ({
        name: "Stand-in RTX",
        vendor: 1,
        status: [isReady ? 3 : 1],
        pool: [0],
        hashrate: [isReady ? rounded(one.hashrate, 1) : null],
        valid_solutions: [one.accepted],
        rejected_solutions: [one.rejected],
        stale_solutions: [0],
        invalid_solutions: [0],
        power: rounded(one.powerW),
        core_temp: rounded(one.temperatureC),
        mem_temp: rounded(one.temperatureC) + 15,
        fan: 45,
        clock_rate: 1_500,
        memory_rate: 7_000,
        pci_bus_id: one.index + 1,
      })),
    });
  },
};

/** 1.4.5; temperatures are `null` until it hashes. */
export const onezero: Family = httpFamily(["/"], ({ claim, wallS }) => {
  const { devices } = claim;
  const isReady = claim.phase === "mining" || claim.phase === "paused";
  return {
    name: "onezerominer",
    version: "1.4.5",
    start_time: wallS - claim.uptimeS,
    uptime_seconds: claim.uptimeS,
    last_update: wallS,
    devices: devices.map((one) => ({
      id: one.index,
      bus_id: one.index + 1,
      name: "Stand-in RTX",
      cclk: 1_700,
      mclk: 9_500,
      temp: isReady ? rounded(one.temperatureC) : null,
      mem_temp: isReady ? rounded(one.temperatureC) + 22 : null,
      fan: isReady ? 55 : null,
      power: rounded(one.powerW),
    })),
    algos: [{
      name: claim.algo,
      pool: claim.pool,
      pool_status: claim.phase === "starting" ? "connecting" : "connected",
      total_hashrate: rounded(claim.hashrate, 1),
      hashrates: devices.map((one) => rounded(one.hashrate, 1)),
      total_accepted_shares: claim.accepted,
      total_rejected_shares: claim.rejected,
      devices_accepted_shares: devices.map((one) => one.accepted),
      devices_rejected_shares: devices.map((one) => one.rejected),
      split: 1.0,
      session: { active: true, next_session: null },
    }],
  };
});

/** Rates as texts such as `4.591157e+06`; algorithm and cards are names of members. */
export const nanominer: Family = httpFamily(["/stats"], ({ claim }) => {
  const { devices } = claim;
  const name = ({ index }: { readonly index: number }) => `GPU ${index}`;
  const rate = (hashrate: number) =>
    hashrate.toExponential(6).replace(/e([+-])(\d)$/, "e$10$2");
  return {
    Algorithms: [{
      [claim.algo]: {
        CurrentPool: claim.pool,
        ...Object.fromEntries(devices.map((one) => [name(one), {
          Accepted: one.accepted,
          Denied: one.rejected,
          Hashrate: rate(one.hashrate),
        }])),
        ReconnectionCount: 0,
        Total: {
          Accepted: claim.accepted,
          Denied: claim.rejected,
          Hashrate: rate(claim.hashrate),
        },
      },
    }],
    Devices: devices.map((one) => ({
      [name(one)]: {
        Name: "Stand-in GTX",
        Platform: "CUDA",
        Pci: `0${one.index + 1}:00.0`,
        Temperature: rounded(one.temperatureC),
        Power: rounded(one.powerW, 2),
      },
    })),
    WorkTime: claim.uptimeS,
  };
});

/** Quirks: `headers` (HTTP before the JSON), `sol-ps` (the rate stands in another member). */
export const miniz: Family = {
  framing: "line",
  denied: "",
  answer({ body: asked }, { claim, settings, wallS }) {
    if (parseObject(asked)?.["method"] !== "getstat") return undefined;
    const isOther = settings.quirks.includes("sol-ps");
    const startTime = wallS - claim.uptimeS;
    const body = JSON.stringify({
      id: 0,
      method: "getstat",
      error: null,
      start_time: startTime,
      current_server: claim.pool,
      server_latency: 24.1,
      available_servers: 1,
      server_status: claim.phase === "starting" ? 0 : 1,
      result: claim.devices.map((one) => ({
        gpuid: one.index,
        cudaid: one.index,
        busid: "busid",
        name: "Stand-in GTX",
        gpu_status: 2,
        solver: -1,
        temperature: rounded(one.temperatureC),
        gpu_fan_speed: 0,
        gpu_power_usage: rounded(one.powerW),
        gpu_clock_core_max: 1_746,
        gpu_clock_memory: 3_504,
        speed_sps: isOther ? 0 : rounded(one.hashrate, 2),
        ...(isOther ? { sol_ps: rounded(one.hashrate, 2) } : {}),
        accepted_shares: one.accepted,
        rejected_shares: one.rejected,
        start_time: startTime,
      })),
    });
    const head = settings.quirks.includes("headers")
      ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
      : "";
    // No line feed at its end: the close is the end.
    return { body: head + body, close: true };
  },
};

/** A Bitaxe; quirk `old`: firmware before the windows and the pause. */
export const axeos: Family = {
  framing: "http",
  answer({ method, path }, { claim, settings, pause }) {
    const isOld = settings.quirks.includes("old");
    if (
      method === "POST" && !isOld &&
      /^\/api\/system\/(pause|resume)$/.test(path)
    ) {
      pause(path.endsWith("pause"));
      return json({ message: "OK" });
    }
    if (path !== "/api/system/info") return NOT_FOUND;
    const ghs = (hashrate: number) => rounded(hashrate / 1e9, 2);
    const [, minute, quarter] = claim.windows;
    const [stratumURL, stratumPort] = claim.pool.split(":");
    const newer = {
      hashRate_1m: ghs(minute ?? 0),
      hashRate_10m: ghs(quarter ?? 0),
      hashRate_1h: 0,
      miningPaused: claim.phase === "paused",
    };
    return json({
      ASICModel: "BM1368",
      version: isOld ? "v2.4.0" : "v2.14.0",
      hostname: "stand-in",
      uptimeSeconds: claim.uptimeS,
      totalUptimeSeconds: claim.uptimeS + 86_400,
      hashRate: ghs(claim.hashrate),
      ...(isOld ? {} : newer),
      expectedHashrate: ghs(claim.hashrate),
      power: rounded(claim.powerW, 1),
      maxPower: 25,
      voltage: 5_100,
      current: 3_562,
      temp: rounded(claim.temperatureC, 1),
      temp2: -1,
      vrTemp: rounded(claim.temperatureC) + 2,
      frequency: 550,
      coreVoltage: 1_150,
      coreVoltageActual: 1_140,
      fanspeed: 80,
      fanrpm: 4_200,
      sharesAccepted: claim.accepted,
      sharesRejected: claim.rejected,
      sharesRejectedReasons: claim.rejected === 0
        ? []
        : [{ message: "Above target", count: claim.rejected }],
      stratumURL,
      stratumPort: Number(stratumPort),
      stratumUser: "stand-in",
      isUsingFallbackStratum: 0,
      poolDifficulty: 1_000,
      bestDiff: isOld ? "4.29G" : 4_290_000_000,
      overheat_mode: 0,
    });
  },
};
