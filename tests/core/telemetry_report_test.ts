/** The numbers that are published: null is unknown, 0 is stopped. */

import { assertEquals } from "@std/assert";
import { type EnergyCounts, NO_ENERGY } from "../../lib/core/energy.ts";
import { type Found } from "../../lib/core/reading.ts";
import { beginRun } from "../../lib/core/telemetry.ts";
import {
  numberPayloads,
  type Numbers,
  numbersOf,
} from "../../lib/core/telemetry_report.ts";
import type {
  MachineFacts,
  TelemetryFacts,
} from "../../lib/core/telemetry_types.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import {
  commandLimits,
  facts,
  observed,
  READ,
  running,
  S,
  toldOf,
  TOPICS,
  UNREAD,
} from "./make.ts";

const NOW = 100 * S;

interface One {
  readonly facts?: CommandFacts;
  readonly told: TelemetryFacts;
  readonly watts?: number;
}

function numbers(
  ones: readonly One[],
  some: { machine?: Partial<MachineFacts>; energy?: EnergyCounts } = {},
  now = NOW,
): Numbers {
  const commands = ones.map(({ facts }, index) => ({
    ...(facts ?? running(0)),
    name: "abc"[index] ?? "",
  }));
  const seen = observed(commands, undefined, {
    telemetry: ones.map(({ told }) => told),
    machine: { sensors: [], power: undefined, ...some.machine },
    energy: some.energy ?? NO_ENERGY,
  });
  const limits = ones.map(({ watts }) => commandLimits({ watts }));
  return numbersOf(seen, limits, now);
}

const FULL: Found = {
  hashrateHs: 6_421.5,
  accepted: 801,
  rejected: 2,
  stale: 1,
  powerW: 180.26,
  temperatures: [
    { device: "GPU0", celsius: 61 },
    { device: "GPU1", celsius: 58 },
  ],
  algorithm: "kawpow",
  pool: "pool.example:3333",
  others: [{ algorithm: undefined, hashrateHs: 70 }],
};

const RESTS = facts({ startedAt: 0, emptyAt: 50 * S, aliveUntil: 50 * S });

Deno.test("numbersOf() tells all that a fresh reading tells", () => {
  const { commands, total } = numbers([{ told: toldOf([NOW, FULL]) }]);
  const both = {
    hashrate_khs: 6.4215,
    accepted: 801,
    rejected: 2,
    stale: 1,
    power_w: 180.3,
    power_source: "miner",
    temperature_c: 61,
    energy_kwh: 0,
    heat_hours: 0,
    starts: 0,
  } as const;
  assertEquals(total, both);
  assertEquals(commands, [{
    ...both,
    proven: "ON",
    algorithm: "kawpow",
    pool: "pool.example:3333",
    others: [{ algorithm: null, hashrate_khs: 0.07 }],
    api_fault: null,
  }]);
});

Deno.test("numbersOf() repeats no reading that is older than three intervals", () => {
  const one = { told: toldOf([NOW - 30 * S, FULL]) };
  const fresh = numbers([one], {}, NOW - 1).commands[0];
  assertEquals(fresh?.hashrate_khs, 6.4215);
  assertEquals(fresh?.temperature_c, 61);
  assertEquals([fresh?.power_w, fresh?.power_source], [180.3, "miner"]);
  const { commands, total } = numbers([one]);
  const unknown = {
    "hashrate_khs": null,
    accepted: null,
    rejected: null,
    stale: null,
    "power_w": null,
    "power_source": null,
    "temperature_c": null,
    "energy_kwh": 0,
    "heat_hours": 0,
    starts: 0,
  };
  assertEquals(total, unknown);
  assertEquals(commands, [{
    ...unknown,
    proven: null,
    algorithm: null,
    pool: null,
    others: [],
    api_fault: null,
  }]);
});

Deno.test("numbersOf() says 0 of what is proven gone, and keeps its counts", () => {
  const one = { facts: RESTS, told: toldOf([40 * S, FULL]) };
  for (const now of [51 * S, 1e9]) {
    const { commands: [gone], total } = numbers([one], {}, now);
    for (const each of [gone, total]) {
      assertEquals(each?.hashrate_khs, 0);
      assertEquals([each?.power_w, each?.power_source], [0, null]);
      assertEquals([each?.accepted, each?.rejected, each?.stale], [801, 2, 1]);
      assertEquals(each?.temperature_c, null);
    }
    assertEquals([gone?.proven, gone?.algorithm], ["OFF", null]);
    assertEquals([gone?.pool, gone?.others], [null, []]);
  }
});

Deno.test("numbersOf() knows a count from before a run for as long as a reading", () => {
  const before = toldOf([NOW - 70 * S, FULL]);
  const one = { facts: running(60 * S), told: beginRun(before, 60 * S) };
  const accepted = (now: number) =>
    numbers([one], {}, now).commands[0]?.accepted;
  assertEquals(accepted(90 * S - 1), 801);
  assertEquals(accepted(90 * S), null);
  assertEquals(numbers([one], {}, 61 * S).commands[0]?.hashrate_khs, null);
  // The run that was told of is not the one that lives.
  const other = { facts: running(60 * S), told: before };
  const unknown = numbers([other], {}, 31 * S).commands[0];
  assertEquals([unknown?.accepted, unknown?.hashrate_khs], [null, null]);
  // Nothing was accepted before the first run.
  const never = numbers([{ facts: facts(), told: READ }]);
  assertEquals(never.commands[0]?.accepted, 0);
  assertEquals(never.total.accepted, 0);
  // What was left of an earlier controller is not read.
  const left = { facts: running(60 * S, { leftover: 1 }), told: READ };
  assertEquals(numbers([left], {}, 61 * S).commands[0]?.accepted, null);
});

Deno.test("numbersOf() tells kH/s with six decimals", () => {
  const others = [{ algorithm: "x", hashrateHs: 1.2345678 }];
  const one = { told: toldOf([NOW, { hashrateHs: 1.2345678, others }]) };
  const { commands, total } = numbers([one]);
  assertEquals(commands[0]?.hashrate_khs, 0.001235);
  assertEquals(commands[0]?.others, [
    { algorithm: "x", "hashrate_khs": 0.001235 },
  ]);
  assertEquals(total.hashrate_khs, 0.001235);
});

Deno.test("numbersOf() makes up no count that a miner does not tell", () => {
  const { accepted: _, ...some } = FULL;
  const silent = { told: toldOf([NOW, some]) };
  assertEquals(numbers([silent]).commands[0]?.accepted, null);
  assertEquals(numbers([silent]).commands[0]?.rejected, 2);
  const rests = { ...silent, facts: RESTS };
  assertEquals(numbers([rests]).commands[0]?.accepted, null);
});

Deno.test("numbersOf() has a total only if it knows each command that runs and is read", () => {
  const full = { told: toldOf([NOW, FULL]) };
  const mute = { told: beginRun(READ, 0) };
  const unread = { told: UNREAD };
  const rests = { facts: RESTS, told: toldOf([40 * S, FULL]) };
  const total = (...ones: One[]) => {
    const { hashrate_khs, accepted } = numbers(ones).total;
    return [hashrate_khs, accepted];
  };
  assertEquals(total(full, full), [12.843, 1602]);
  assertEquals(total(full, mute), [null, null]);
  assertEquals(total(full, unread), [6.4215, 801]);
  assertEquals(total(full, rests), [6.4215, 1602]);
  assertEquals(total(unread), [null, null]);
  assertEquals(total({ ...unread, facts: RESTS }), [0, null]);
  // Of all that runs nothing is read: that is not 0.
  assertEquals(total(unread, rests), [null, 801]);
});

Deno.test("numbersOf() says ON, OFF or null as the proof of heat", () => {
  const proven = (found: Found) =>
    numbers([{ told: toldOf([NOW, found]) }]).commands[0]?.proven;
  assertEquals(proven({ hashrateHs: 1 }), "ON");
  assertEquals(proven({ powerW: 1 }), "ON");
  assertEquals(proven({ hashrateHs: 0 }), "OFF");
  assertEquals(proven({ accepted: 1 }), null);
  assertEquals(numbers([{ told: UNREAD }]).commands[0]?.proven, null);
});

Deno.test("numbersOf() tells why a run cannot be read", () => {
  const fault = (one: One) => numbers([one]).commands[0]?.api_fault;
  const told = { ...beginRun(READ, 0), fault: "no answer" };
  assertEquals(fault({ told }), "no answer");
  assertEquals(fault({ told, facts: RESTS }), null);
});

Deno.test("numbersOf() tells the hottest of all that is fresh", () => {
  const sensor = (celsius: number, at: number) => {
    return { device: "CPU", celsius, at, hotReadings: 0, isHot: false };
  };
  const hottest = (celsius: number, at: number) => {
    const machine = { sensors: [sensor(celsius, at)] };
    return numbers([{ told: toldOf([NOW, FULL]) }], { machine }).total
      .temperature_c;
  };
  assertEquals(hottest(70, NOW), 70);
  assertEquals(hottest(50, NOW), 61);
  assertEquals(hottest(70, NOW - 30 * S + 1), 70);
  assertEquals(hottest(70, NOW - 30 * S), 61);
});

Deno.test("numbersOf() tells of each command and in total what was used", () => {
  const energy: EnergyCounts = {
    total: { kwh: 183.27449, heatHours: 12.34567, starts: 9 },
    commands: new Map([["a", { kwh: 1.0004, heatHours: 2, starts: 3 }]]),
  };
  const one = { told: UNREAD, watts: 120 };
  const { commands, total } = numbers([one, one], { energy });
  const used = ({ energy_kwh, heat_hours, starts }: Numbers["total"]) => [
    energy_kwh,
    heat_hours,
    starts,
  ];
  assertEquals(commands.map(used), [[1, 2, 3], [0, 0, 0]]);
  assertEquals(used(total), [183.274, 12.346, 9]);
  assertEquals([total.power_w, total.power_source], [240, "estimated"]);
});

Deno.test("numberPayloads() gives the totals, and the numbers of each command, topic by topic", () => {
  const found = numbers([{ told: toldOf([NOW, FULL]) }, { told: READ }]);
  const payloads = numberPayloads(found, { topics: TOPICS, names: ["a", "b"] });
  assertEquals(Object.fromEntries(payloads), {
    "h/command/hashrate": "null",
    "h/command/accepted": "null",
    "h/command/a/hashrate": "6.4215",
    "h/command/a/accepted": "801",
    "h/command/b/hashrate": "null",
    "h/command/b/accepted": "null",
  });
});
