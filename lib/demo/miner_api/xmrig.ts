// The names of the members are the miners' own.
// deno-lint-ignore-file camelcase
/** The XMRig family: XMRig 6.26 with its rules of access, and WildRig, which is alike and has none. */

import {
  type ApiAnswer,
  type ApiRequest,
  type ApiWorld,
  type Family,
  floor2,
  httpFamily,
  rounded,
} from "./family.ts";
import type { Claim } from "./miner.ts";

const ID = "bbcf7f6893360fb3";
const VERSION = "6.26.0";
const DIFFICULTY = 50_000;

/** Quirk `gpu`: it mines on cards. */
export const xmrig: Family = {
  framing: "http",
  answer(request, world) {
    const status = statusOf(request, world.settings);
    const answer = status === undefined
      ? answerOf(request, world)
      : refusal(status);
    return { ...answer, close: true };
  },
};

const ERRORS: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

/** Why it is refused; undefined if it is not. */
function statusOf(
  { method, headers }: ApiRequest,
  { token, unrestricted }: ApiWorld["settings"],
): number | undefined {
  const given = headers.get("authorization");
  if (token === undefined && (unrestricted || given !== undefined)) return 401;
  if (token !== undefined && given === undefined) return 401;
  if (token !== undefined && given !== `Bearer ${token}`) return 403;
  if (method === "GET") return undefined;
  if (!unrestricted) return 403;
  return headers.get("content-type") === "application/json" ? undefined : 415;
}

function refusal(status: number): ApiAnswer {
  return pretty({ status, error: ERRORS[status] ?? "" }, status);
}

function answerOf(request: ApiRequest, world: ApiWorld): ApiAnswer {
  const { method, path } = request;
  switch (`${method} ${path}`) {
    case "GET /2/summary":
      return pretty(summary(world, 2));
    case "GET /1/summary":
    case "GET /api.json":
      return pretty(summary(world, 1));
    case "GET /2/backends":
      return pretty(backends(world));
    case "GET /1/config":
    case "GET /2/config":
      if (!world.settings.unrestricted) return refusal(403);
      return pretty({ autosave: true, cpu: { enabled: true, rx: [-1, -1] } });
    case "PUT /1/config":
    case "PUT /2/config":
      return isJson(request.body) ? { status: 204, body: "" } : refusal(400);
    case "POST /json_rpc":
      return order(request.body, world);
    default:
      return refusal(404);
  }
}

function order(body: string, world: ApiWorld): ApiAnswer {
  if (!isJson(body)) return refusal(400);
  const { method, id = null } = JSON.parse(body) as Record<string, unknown>;
  if (method === "pause" || method === "stop" || method === "resume") {
    world.pause(method !== "resume");
    return pretty({ result: { status: "OK" }, jsonrpc: "2.0", id });
  }
  const error = { code: -32601, message: "Method not found" };
  return pretty({ error, jsonrpc: "2.0", id });
}

function isJson(body: string): boolean {
  try {
    return typeof JSON.parse(body) === "object";
  } catch {
    return false;
  }
}

function pretty(value: unknown, status = 200): ApiAnswer {
  return { status, body: JSON.stringify(value, undefined, 4) };
}

function rates(claim: Claim, part = 1): (number | null)[] {
  return claim.windows.map((rate) =>
    rate === undefined ? null : floor2(rate * part)
  );
}

function summary({ claim, settings }: ApiWorld, version: 1 | 2): unknown {
  const { accepted, rejected, uptimeS, highest } = claim;
  const isIn = claim.phase !== "starting";
  const avgTime = accepted > 0 ? Math.round(uptimeS / accepted) : 0;
  const errorLog = version === 1 ? { error_log: [] } : {};
  const times = { avg_time: avgTime, avg_time_ms: avgTime * 1_000 };
  const hashes = accepted * DIFFICULTY;
  return {
    id: ID,
    worker_id: "stand-in",
    uptime: uptimeS,
    restricted: !settings.unrestricted,
    resources: {
      memory: {
        free: 6_970_064_896,
        total: 17_047_015_424,
        resident_set_memory: 11_784_192,
      },
      load_average: [0.0, 0.0, 0.0],
      hardware_concurrency: 12,
    },
    features: ["api", "asm", "http", "hwloc", "tls", "opencl", "cuda"],
    results: {
      diff_current: isIn ? DIFFICULTY : 0,
      shares_good: accepted,
      shares_total: accepted + rejected,
      ...times,
      hashes_total: hashes,
      best: Array.from({ length: 10 }, () => 0),
      ...errorLog,
    },
    algo: isIn ? claim.algo : null,
    connection: {
      pool: isIn ? claim.pool : "",
      ip: isIn ? "203.0.113.5" : null,
      uptime: isIn ? uptimeS : 0,
      uptime_ms: isIn ? uptimeS * 1_000 : 0,
      ping: isIn ? 42 : 0,
      failures: 0,
      tls: null,
      "tls-fingerprint": null,
      algo: isIn ? claim.algo : null,
      diff: isIn ? DIFFICULTY : 0,
      accepted,
      rejected,
      ...times,
      hashes_total: hashes,
      ...errorLog,
    },
    version: VERSION,
    kind: "miner",
    ua: `XMRig/${VERSION} (stand-in)`,
    cpu: { brand: "Stand-in CPU", aes: true, cores: 6, threads: 12 },
    donate_level: 1,
    paused: claim.phase === "paused",
    algorithms: ["cn/1", "rx/0", "rx/wow", "kawpow"],
    hashrate: {
      total: rates(claim),
      highest: highest === undefined ? null : floor2(highest),
      ...(version === 1 ? { threads: threads(claim) } : {}),
    },
    hugepages: version === 1 ? true : [1_173, 1_173],
  };
}

function threads(claim: Claim): (number | null)[][] {
  return claim.devices.map(() => rates(claim, 1 / claim.devices.length));
}

function backends({ claim, settings }: ApiWorld): unknown {
  const isGpu = settings.quirks.includes("gpu");
  const isIn = claim.phase !== "starting" && claim.phase !== "preparing";
  const running = {
    enabled: true,
    algo: claim.algo,
    profile: claim.algo.split("/")[0],
  };
  const idle = { enabled: false, algo: null, profile: null };
  const hashrate = isIn ? { hashrate: rates(claim) } : {};
  const cpu = {
    type: "cpu",
    ...(isGpu ? idle : running),
    "hw-aes": true,
    priority: -1,
    asm: "intel",
    hugepages: [1_173, 1_173],
    memory: 10_485_760,
  };
  const parts = threads(claim);
  const cpuThreads = parts.map((each, index) => ({
    intensity: 1,
    affinity: index,
    av: 1,
    hashrate: each,
  }));
  // A card with two threads is named twice.
  const cards = claim.devices.flatMap((one, index) => {
    const thread = {
      index: one.index,
      hashrate: (parts[index] ?? []).map((each) => each && floor2(each / 2)),
      name: "GeForce Stand-in",
      bus_id: `0${one.index + 1}:00.0`,
      health: {
        temperature: rounded(one.temperatureC),
        power: rounded(one.powerW),
        clock: 1_680,
        mem_clock: 6_801,
        fan_speed: [60],
      },
    };
    return [thread, thread];
  });
  return [
    isGpu
      ? cpu
      : { ...cpu, ...hashrate, ...(isIn ? { threads: cpuThreads } : {}) },
    { type: "opencl", ...idle, platform: null },
    {
      type: "cuda",
      ...(isGpu
        ? { ...running, ...hashrate, ...(isIn ? { threads: cards } : {}) }
        : idle),
    },
  ];
}

/** Version 0.10 with the `hwmon` of newer ones; unfilled windows are 0. */
export const wildrig: Family = httpFamily(["/", "/api.json"], ({ claim }) => {
  const windows = claim.windows.map((rate) => floor2(rate ?? 0));
  const { devices, accepted, rejected, uptimeS } = claim;
  return {
    id: "",
    worker_id: "stand-in",
    version: "0.10.0",
    kind: "opencl/cuda",
    ua: "WildRig/0.10.0 (stand-in)",
    algo: claim.algo,
    donate_level: 2,
    uptime: uptimeS,
    hashrate: {
      total: windows,
      highest: floor2(claim.highest ?? 0),
      threads: devices.map(() =>
        windows.map((rate) => floor2(rate / devices.length))
      ),
    },
    results: {
      diff_current: 128_888_516,
      shares_good: accepted,
      shares_total: accepted + rejected,
      avg_time: accepted > 0 ? Math.round(uptimeS / accepted) : 0,
      hashes_total: accepted * DIFFICULTY,
      best: Array.from({ length: 10 }, () => 0),
      error_log: [],
    },
    connection: {
      pool: claim.pool,
      uptime: uptimeS,
      ping: 88,
      failures: 0,
      error_log: [],
    },
    hwmon: {
      busID: devices.map(({ index }) => index + 1),
      temp: devices.map(({ temperatureC }) => rounded(temperatureC)),
      fan: devices.map(() => 55),
      power: devices.map(({ powerW }) => rounded(powerW)),
    },
  };
});
