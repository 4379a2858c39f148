/** The cgminer family: cgminer itself and TeamRedMiner; JSON and the older text, each with a zero byte at its end. */

import {
  type ApiAnswer,
  type ApiWorld,
  type Family,
  parseObject,
  rounded,
} from "./family.ts";
import type { DeviceClaim } from "./miner.ts";

type Values = Readonly<Record<string, string | number | boolean>>;

/** What differs between the miners of this family. */
interface Make {
  readonly name: string;
  /** The keys of a rate in H/s. */
  rates(hashrate: number, quirks: readonly string[]): Values;
  device(one: DeviceClaim): Values;
}

/** Quirks: `strings` (rates as texts, as in ASIC firmware), `inf`, `glued` (a comma is missing). */
export const cgminer: Family = family({
  name: "cgminer 4.12.1",
  rates(hashrate, quirks) {
    if (quirks.includes("strings")) {
      const ghs = (hashrate / 1e9).toFixed(2);
      return { "GHS 5s": ghs, "GHS av": Number(ghs) };
    }
    const mhs = rounded(hashrate / 1e6, 2);
    return {
      "MHS av": mhs,
      "MHS 5s": mhs,
      "MHS 1m": mhs,
      "MHS 5m": mhs,
      "MHS 15m": mhs,
    };
  },
  device: ({ index, temperatureC }) => ({
    ASC: index,
    Name: "STI",
    ID: index,
    Enabled: "Y",
    Status: "Alive",
    Temperature: rounded(temperatureC, 2),
  }),
});

/** Version 0.3.10; its window is that of its log, 30 s. */
export const teamredminer: Family = family({
  name: "TeamRedMiner 0.3.10",
  rates: (hashrate) => ({
    "MHS av": rounded(hashrate / 1e6, 3),
    "MHS 30s": rounded(hashrate / 1e6, 3),
    "KHS av": rounded(hashrate / 1e3),
    "KHS 30s": rounded(hashrate / 1e3),
  }),
  device: ({ index, temperatureC }) => ({
    GPU: index,
    Enabled: "Y",
    Status: "Alive",
    Temperature: rounded(temperatureC),
    "Fan Speed": 2_106,
    "Fan Percent": 47,
    "GPU Clock": 1_187,
    "Memory Clock": 1_500,
    "GPU Voltage": 1.081,
    "GPU Activity": 0,
    Powertune: 0,
    Intensity: "20",
  }),
});

const PRIVILEGED = ["quit", "restart", "gpudisable", "gpuenable", "ascdisable"];

/** One command's part of an answer. */
interface Section {
  readonly code: number;
  readonly message: string;
  readonly status: "S" | "E";
  readonly name?: string;
  readonly rows: readonly Values[];
}

function family(make: Make): Family {
  return {
    framing: "once",
    denied:
      `{"STATUS":[{"STATUS":"E","When":0,"Code":45,"Msg":"Access denied",` +
      `"Description":"${make.name}"}],"id":1}\0`,
    answer(request, world) {
      const asked = parseObject(request.body);
      // The older text form, with its parameter behind a bar.
      const isText = asked === undefined;
      const words = isText
        ? request.body.trim().split("|")[0] ?? ""
        : String(asked["command"] ?? "");
      const names = words.split("+");
      if (words === "quit" && world.settings.unrestricted) {
        world.quit();
        return zeroEnded(isText ? "BYE" : `{"STATUS":"BYE","id":1}`);
      }
      const sections = names.map((name) => sectionOf(make, name, world));
      const body = isText
        ? sections.map((one) => asText(one, make, world)).join("")
        : asJson(names, sections, make, world);
      return zeroEnded(damaged(body, world.settings.quirks));
    },
  };
}

function zeroEnded(body: string): ApiAnswer {
  return { body: body + "\0", close: true };
}

function damaged(body: string, quirks: readonly string[]): string {
  if (quirks.includes("inf")) body = body.replace(/("MHS 5s":)[^,]+/, "$1inf");
  return quirks.includes("glued") ? body.replaceAll("},{", "}{") : body;
}

function sectionOf(make: Make, name: string, world: ApiWorld): Section {
  const { claim, settings } = world;
  const good = { status: "S" as const };
  switch (name) {
    case "summary":
      return {
        ...good,
        code: 11,
        message: "Summary",
        name: "SUMMARY",
        rows: [summary(make, world)],
      };
    case "devs":
      return {
        ...good,
        code: 9,
        message: `${claim.devices.length} GPU(s)`,
        name: "DEVS",
        rows: claim.devices.map((one) => ({
          ...make.device(one),
          ...make.rates(one.hashrate, settings.quirks),
          Accepted: one.accepted,
          Rejected: one.rejected,
          "Hardware Errors": 0,
          Utility: 5.268,
          "Device Elapsed": claim.uptimeS,
        })),
      };
    case "pools":
      return {
        ...good,
        code: 7,
        message: "1 Pool(s)",
        name: "POOLS",
        rows: [{
          POOL: 0,
          URL: `stratum+tcp://${claim.pool}`,
          Status: claim.phase === "starting" ? "Dead" : "Alive",
          Priority: 0,
          Accepted: claim.accepted,
          Rejected: claim.rejected,
          User: "stand-in",
          "Stratum Active": claim.phase !== "starting",
        }],
      };
    case "version":
      return {
        ...good,
        code: 22,
        message: "CGMiner versions",
        name: "VERSION",
        rows: [{ CGMiner: "4.12.1", API: "3.7" }],
      };
    default:
      return PRIVILEGED.includes(name)
        ? error(45, `Access denied to '${name}' command`)
        : error(14, "Invalid command");
  }
}

function error(code: number, message: string): Section {
  return { status: "E", code, message, rows: [] };
}

function summary(make: Make, { claim, settings, wallS }: ApiWorld): Values {
  const { uptimeS, accepted, rejected } = claim;
  return {
    Elapsed: uptimeS,
    ...make.rates(claim.hashrate, settings.quirks),
    "Found Blocks": 0,
    Getworks: 120,
    Accepted: accepted,
    Rejected: rejected,
    "Hardware Errors": 0,
    Utility: rounded(accepted / Math.max(uptimeS / 60, 1), 2),
    Discarded: 200,
    Stale: 0,
    "Get Failures": 0,
    "Local Work": 900,
    "Remote Failures": 0,
    "Network Blocks": 6,
    "Total MH": rounded(claim.hashrate * uptimeS / 1e6, 4),
    "Work Utility": 187.5,
    "Difficulty Accepted": accepted * 64,
    "Difficulty Rejected": rejected * 64,
    "Difficulty Stale": 0,
    "Best Share": 81_234,
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Pool Rejected%": 0,
    "Pool Stale%": 0,
    "Last getwork": wallS,
  };
}

function statusOf(section: Section, make: Make, wallS: number): Values {
  return {
    STATUS: section.status,
    When: wallS,
    Code: section.code,
    Msg: section.message,
    Description: make.name,
  };
}

function asJson(
  names: readonly string[],
  sections: readonly Section[],
  make: Make,
  { wallS }: ApiWorld,
): string {
  const bodies = sections.map((one) => ({
    STATUS: [statusOf(one, make, wallS)],
    ...(one.name === undefined ? {} : { [one.name]: one.rows }),
    id: 1,
  }));
  const [only] = bodies;
  if (bodies.length === 1 && only !== undefined) return JSON.stringify(only);
  const nested = names.map((name, index) => {
    const { id: _id, ...body } = { id: 1, ...bodies[index] };
    return [name, [body]];
  });
  return JSON.stringify({ ...Object.fromEntries(nested), id: 1 });
}

function asText(section: Section, make: Make, { wallS }: ApiWorld): string {
  const pairs = (values: Values) =>
    Object.entries(values).map(([key, value]) => `${key}=${value}`).join(",");
  const rows = section.rows.map((row) => {
    const first = section.name === "DEVS" ? "" : `${section.name},`;
    return `${first}${pairs(row)}|`;
  });
  return `${pairs(statusOf(section, make, wallS))}|${rows.join("")}`;
}
