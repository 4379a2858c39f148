/** The claymore family: JSON lines of texts, on a connection that stays open. */

import {
  type ApiAnswer,
  type ApiWorld,
  type Family,
  parseObject,
  rounded,
} from "./family.ts";

/** What differs between the miners of this family. */
interface Make {
  readonly version: string;
  /** H/s make one of its units. */
  readonly unit: number;
  /** The members before `result`. */
  head(id: unknown): Readonly<Record<string, unknown>>;
  readonly isEthminer?: boolean;
}

/** `error` stands before `result`, and `jsonrpc` is missing. */
export const claymore: Family = family({
  version: "11.8 - ETH",
  unit: 1_000,
  head: (id) => ({ id, error: null }),
});

/** PhoenixMiner. */
export const phoenix: Family = family({
  version: "PM 5.1c - ETH",
  unit: 1_000,
  head: (id) => ({ id, jsonrpc: "2.0" }),
});

/** Its rates are in H/s. */
export const ttminer: Family = family({
  version: "TT-Miner/2022.4.1",
  unit: 1,
  head: (id) => ({ id, jsonrpc: "2.0" }),
});

/** Asks for a login first if it has a password; quirk `pretty`: its answers have several lines. */
export const ethminer: Family = family({
  version: "ethminer-0.18.0",
  unit: 1_000,
  head: (id) => ({ id, jsonrpc: "2.0" }),
  isEthminer: true,
});

function family(make: Make): Family {
  return {
    framing: "line",
    denied: `{"error":{"code":-401,"message":"Unauthorized"},"id":0,` +
      `"jsonrpc":"2.0"}\n`,
    answer(request, world) {
      const asked = parseObject(request.body);
      if (asked === undefined) return undefined;
      const answer = make.isEthminer === true
        ? ethminerAnswer(make, asked, world)
        : claymoreAnswer(make, asked, world);
      if (answer === undefined) return undefined;
      const isPretty = world.settings.quirks.includes("pretty");
      return line(answer, isPretty ? 2 : undefined);
    },
  };
}

function line(value: unknown, indent: number | undefined): ApiAnswer {
  return { body: JSON.stringify(value, undefined, indent) + "\n" };
}

type Asked = Readonly<Record<string, unknown>>;

/** Orders get no answer, and neither does who does not know the password. */
function claymoreAnswer(make: Make, asked: Asked, world: ApiWorld): unknown {
  const { password } = world.settings;
  if (password !== undefined && asked["psw"] !== password) return undefined;
  const head = make.head(asked["id"]);
  switch (asked["method"]) {
    case "miner_getstat1":
      return { ...head, result: stat(make, world) };
    case "miner_getstat2":
      return { ...head, result: [...stat(make, world), ...perCard(world)] };
    default:
      return undefined;
  }
}

function ethminerAnswer(make: Make, asked: Asked, world: ApiWorld): unknown {
  const { settings, session } = world;
  const head = make.head(asked["id"]);
  const error = (code: number, message: string) => ({
    ...head,
    error: { code, message },
  });
  if (asked["method"] === "api_authorize") {
    const given = { ...asked["params"] as object | undefined } as Asked;
    session.authorized = settings.password === undefined ||
      given["psw"] === settings.password;
    return session.authorized
      ? { ...head, result: true }
      : error(-401, "Invalid password");
  }
  if (settings.password !== undefined && !session.authorized) {
    return error(-401, "Authorization needed");
  }
  switch (asked["method"]) {
    case "miner_ping":
      return { ...head, result: "pong" };
    case "miner_getstat1":
      return { ...head, result: stat(make, world) };
    case "miner_getstatdetail":
      return { ...head, result: detail(make, world) };
    default:
      return error(-32601, "Method not found");
  }
}

function stat(make: Make, { claim }: ApiWorld): string[] {
  const { devices, accepted, rejected } = claim;
  const rate = (hashrate: number) => String(rounded(hashrate / make.unit));
  return [
    make.version,
    String(Math.floor(claim.uptimeS / 60)),
    `${rate(claim.hashrate)};${accepted};${rejected}`,
    devices.map(({ hashrate }) => rate(hashrate)).join(";"),
    "0;0;0",
    devices.map(() => "off").join(";"),
    devices.map((one) => `${rounded(one.temperatureC)};50`).join(";"),
    claim.phase === "starting" ? "" : claim.pool,
    "0;0;0;0",
  ];
}

/** Accepted, rejected and invalid shares of each card, the same for a second coin, and where it sits. */
function perCard({ claim: { devices } }: ApiWorld): string[] {
  const each = (of: (index: number) => number) =>
    devices.map(({ index }) => of(index)).join(";");
  const none = each(() => 0);
  return [
    each((index) => devices[index]?.accepted ?? 0),
    each((index) => devices[index]?.rejected ?? 0),
    none,
    none,
    none,
    none,
    each((index) => index + 1),
  ];
}

function detail(make: Make, { claim }: ApiWorld): unknown {
  const hex = (hashrate: number) =>
    `0x${Math.round(hashrate).toString(16).padStart(16, "0")}`;
  const isPaused = claim.phase === "paused";
  return {
    connection: {
      connected: claim.phase !== "starting",
      switches: 1,
      uri: `stratum1+tcp://stand-in@${claim.pool}`,
    },
    devices: claim.devices.map((one) => ({
      _index: one.index,
      _mode: "CUDA",
      hardware: {
        name: "Stand-in 4 GB",
        pci: `0${one.index + 1}:00.0`,
        sensors: [rounded(one.temperatureC), 50, rounded(one.powerW)],
        type: "GPU",
      },
      mining: {
        hashrate: hex(one.hashrate),
        pause_reason: isPaused ? "Paused via API" : null,
        paused: isPaused,
        segment: ["0x0", "0x1"],
        shares: [one.accepted, one.rejected, 0, 15],
      },
    })),
    host: {
      name: "stand-in",
      runtime: claim.uptimeS,
      version: make.version,
    },
    mining: {
      difficulty: 3_999_938_964,
      epoch: 227,
      epoch_changes: 1,
      hashrate: hex(claim.hashrate),
      shares: [claim.accepted, claim.rejected, 0, 15],
    },
    monitors: null,
  };
}
