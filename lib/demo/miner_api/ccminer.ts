/** The ccminer family: `KEY=value;...|` and a zero byte, once per connection. */

import { type ApiWorld, type Family, rounded } from "./family.ts";

type Records = readonly Readonly<Record<string, string | number>>[];
type Commands = Readonly<Record<string, (world: ApiWorld) => Records>>;

/** ccminer: rates in kH/s alone, power in mW. */
export const ccminer: Family = family({
  summary: ({ claim, wallS }) => [{
    NAME: "ccminer",
    VER: "2.3.1",
    API: "1.9",
    ALGO: claim.algo,
    GPUS: claim.devices.length,
    KHS: khs(claim.hashrate),
    SOLV: 0,
    ACC: claim.accepted,
    REJ: claim.rejected,
    ACCMN: perMinute(claim),
    DIFF: "0.000000",
    NETKHS: 0,
    POOLS: 1,
    WAIT: claim.phase === "mining" ? 0 : 3,
    UPTIME: claim.uptimeS,
    TS: wallS,
  }],
  threads: ({ claim }) =>
    claim.devices.map((one) => ({
      GPU: one.index,
      BUS: one.index + 1,
      CARD: "Stand-in GTX",
      TEMP: one.temperatureC.toFixed(1),
      POWER: rounded(one.powerW * 1_000),
      FAN: 60,
      RPM: 1_500,
      FREQ: 1_683,
      MEMFREQ: 4_004,
      KHS: khs(one.hashrate),
      KHW: (one.hashrate / 1_000 / Math.max(one.powerW, 1)).toFixed(5),
      PLIM: 216_000,
      ACC: one.accepted,
      REJ: one.rejected,
      HWF: 0,
      I: "20.0",
      THR: 1_048_576,
    })),
  hwinfo: ({ claim }) => [
    ...claim.devices.map((one) => ({
      GPU: one.index,
      BUS: one.index + 1,
      CARD: "Stand-in GTX",
      SM: 610,
      MEM: 8_192,
      TEMP: one.temperatureC.toFixed(1),
      FAN: 84,
      POWER: rounded(one.powerW * 1_000),
      PLIM: 216_000,
    })),
    { OS: "linux", NVDRIVER: "550.00", CPUS: 8, CPUTEMP: 0, CPUFREQ: 0 },
  ],
  pool: ({ claim }) => [{
    POOL: claim.pool,
    ALGO: claim.algo,
    URL: `stratum+tcp://${claim.pool}`,
    USER: "stand-in",
    SOLV: 0,
    ACC: claim.accepted,
    REJ: claim.rejected,
    STALE: 0,
    DIFF: "16.000000",
    PING: 131,
    UPTIME: claim.uptimeS,
  }],
});

/** cpuminer-opt: rates in both units, no power; quirk `no-temp`: the temperature reads 0.0. */
export const cpuminer: Family = family({
  summary: ({ claim, settings, wallS }) => [{
    NAME: "cpuminer-opt",
    VER: "3.9.1.1",
    API: "1.0",
    ALGO: claim.algo,
    CPUS: claim.devices.length,
    URL: claim.pool,
    HS: claim.hashrate.toFixed(2),
    KHS: khs(claim.hashrate),
    ACC: claim.accepted,
    REJ: claim.rejected,
    SOL: 0,
    ACCMN: perMinute(claim),
    DIFF: "1327.367028",
    TEMP: settings.quirks.includes("no-temp")
      ? "0.0"
      : claim.temperatureC.toFixed(1),
    FAN: 0,
    FREQ: 0,
    UPTIME: claim.uptimeS,
    TS: wallS,
  }],
  threads: ({ claim }) =>
    claim.devices.map((one) => ({
      CPU: one.index,
      "kH/s": khs(one.hashrate),
    })),
});

function family(commands: Commands): Family {
  return {
    framing: "once",
    // Who is not on its list gets nothing.
    denied: "",
    answer({ body }, world) {
      const name = /^(?:GET \/)?(\w+)/.exec(body)?.[1] ?? "";
      const records = Object.hasOwn(commands, name)
        ? commands[name]?.(world) ?? []
        : [];
      return { body: records.map(asText).join("") + "\0", close: true };
    },
  };
}

function asText(record: Records[number]): string {
  const pairs = Object.entries(record).map(([key, value]) => `${key}=${value}`);
  return `${pairs.join(";")}|`;
}

function khs(hashrate: number): string {
  return (hashrate / 1_000).toFixed(2);
}

function perMinute(claim: ApiWorld["claim"]): string {
  return (claim.accepted / Math.max(claim.uptimeS / 60, 1)).toFixed(3);
}
