/** documented.json holds what real miners were seen to answer, or are documented to. */

import { assert, assertEquals } from "@std/assert";
import documented from "./documented.json" with { type: "json" };
import { ask, type Asked, isWarming } from "./ask.ts";

const REQUESTS: Readonly<Record<keyof typeof documented, Asked>> = {
  xmrig: { family: "xmrig", path: "/1/summary" },
  "xmrig cpu": { family: "xmrig", path: "/2/backends" },
  "xmrig cards": { family: "xmrig", path: "/2/backends", quirks: ["gpu"] },
  wildrig: { family: "wildrig", path: "/" },
  cgminer: { family: "cgminer", body: `{"command":"summary"}` },
  teamredminer: { family: "teamredminer", body: `{"command":"devs"}` },
  phoenix: { family: "phoenix", body: `{"id":0,"method":"miner_getstat1"}` },
  claymore: { family: "claymore", body: `{"id":0,"method":"miner_getstat1"}` },
  ethminer: { family: "ethminer", body: `{"id":0,"method":"miner_getstat1"}` },
  "ethminer detail": {
    family: "ethminer",
    body: `{"id":1,"method":"miner_getstatdetail"}`,
  },
  srbminer: { family: "srbminer", path: "/", quirks: ["cpu"] },
  lolminer: { family: "lolminer", path: "/summary" },
  trex: { family: "trex", path: "/summary", quirks: ["old"] },
  gminer: { family: "gminer", path: "/stat" },
  nbminer: { family: "nbminer", path: "/api/v1/status" },
  rigel: { family: "rigel", path: "/stat" },
  bzminer: { family: "bzminer", path: "/status" },
  miniz: { family: "miniz", body: `{"id":"0","method":"getstat"}` },
  onezero: { family: "onezero", path: "/" },
  nanominer: { family: "nanominer", path: "/stats" },
  axeos: { family: "axeos", path: "/api/system/info" },
};

/** What of the documented shape is missing, or of another kind. */
function lacks(answer: unknown, wanted: unknown, at: string): string[] {
  // What may be null says nothing of its kind.
  if (wanted === null || answer === null) return [];
  if (Array.isArray(wanted)) {
    if (!Array.isArray(answer)) return [`${at} is no list`];
    const count = Math.min(wanted.length, answer.length);
    return Array.from({ length: count }).flatMap((_, index) =>
      lacks(answer[index], wanted[index], `${at}[${index}]`)
    );
  }
  if (typeof wanted !== typeof answer) {
    return [`${at} is a ${typeof answer}, wanted a ${typeof wanted}`];
  }
  if (typeof wanted !== "object") return [];
  const found = { ...answer as Record<string, unknown> };
  return Object.entries(wanted).flatMap(([key, value]) => {
    const inside = `${at}.${key}`;
    if (!(key in found)) return [`${inside} is missing`];
    return lacks(found[key], value, inside);
  });
}

const ALGORITHMS: Readonly<Record<string, string>> = {
  rigel: "xelishashv3",
  nanominer: "Ethash",
};

for (const [name, wanted] of Object.entries(documented)) {
  const asked = REQUESTS[name as keyof typeof documented];
  Deno.test(`FAMILIES answer as documented: ${name}`, () => {
    const algo = ALGORITHMS[name];
    const text = ask(asked, algo === undefined ? {} : { algo });
    const end = asked.family === "cgminer" || asked.family === "teamredminer"
      ? "\0"
      : "";
    assert(text.endsWith(end));
    const answer: unknown = JSON.parse(text.slice(0, text.length - end.length));
    assertEquals(lacks(answer, wanted, name), []);
    // Not by chance: an answer of another kind lacks it all.
    assert(lacks({}, wanted, name).length > 0);
  });
}

const TEXTS: readonly (readonly [Asked, string])[] = [
  [
    { family: "ccminer", body: "summary" },
    "NAME=nevermore;VER=0.2.3;API=1.9;ALGO=x16r;GPUS=8;KHS=1.23;SOLV=0;ACC=0;REJ=0;ACCMN=0.000;DIFF=0.000000;NETKHS=0;POOLS=2;WAIT=3;UPTIME=6;TS=1530729709|",
  ],
  [
    { family: "cpuminer", body: "summary|\r\n" },
    "NAME=cpuminer-opt;VER=3.9.1.1;API=1.0;ALGO=lyra2z;CPUS=12;URL=lyra2z.example.org:4553;HS=117826.50;KHS=117.83;ACC=0;REJ=0;SOL=0;ACCMN=0.000;DIFF=1327.367028;TEMP=0.0;FAN=0;FREQ=0;UPTIME=9;TS=1559572258|",
  ],
  [
    { family: "cpuminer", body: "threads" },
    "CPU=0;kH/s=36.59|CPU=1;kH/s=38.73|",
  ],
];

for (const [asked, wanted] of TEXTS) {
  Deno.test(`FAMILIES answer as documented: ${asked.family} ${asked.body}`, () => {
    const names = (text: string) =>
      text.split("|").map((record) =>
        record.split(";").map((pair) => {
          const [key = "", value = ""] = pair.split("=");
          return `${key} ${/\./.test(value) && !/[a-z]/.test(value)}`;
        })
      );
    const text = ask(asked);
    assert(text.endsWith("|\0"), text);
    assertEquals(names(text.slice(0, -1)), names(wanted));
    assertEquals(ask({ ...asked, body: "nonsense" }), "\0");
  });
}

Deno.test("FAMILIES know of no rate before they hash, and say so in their ways", () => {
  const body = (asked: Asked) => JSON.parse(ask(asked, isWarming));
  const xmrig = body({ family: "xmrig", path: "/2/summary" });
  assertEquals(xmrig.hashrate, { total: [0, 0, 0], highest: null });
  assertEquals([xmrig.algo, xmrig.connection.pool], [null, ""]);
  const backends = body({ family: "xmrig", path: "/2/backends" });
  assertEquals("hashrate" in backends[0], false);
  assertEquals("threads" in backends[0], false);
  const lolminer = body({ family: "lolminer", path: "/summary" });
  assertEquals("Algorithms" in lolminer, false);
  const rigel = body({ family: "rigel", path: "/stat" });
  assertEquals(rigel.hashrate, {});
  const bzminer = body({ family: "bzminer", path: "/status" });
  assertEquals(bzminer.devices[0].hashrate, [null]);
  const gminer = body({ family: "gminer", path: "/stat" });
  assertEquals([gminer.server, gminer.devices[0].speed], [null, 0]);
  const onezero = body({ family: "onezero", path: "/" });
  assertEquals(onezero.devices[0].temp, null);
  const srbminer = body({ family: "srbminer", path: "/" });
  assertEquals(srbminer.algorithms[0].hashrate.gpu, {});
});
