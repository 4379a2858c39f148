/** How much heat each command makes, and who says so. */

import { assertEquals } from "@std/assert";
import {
  fullPowerOf,
  machinePower,
  type Power,
  powerOf,
  totalPower,
} from "../../lib/core/power.ts";
import { readingOf } from "../../lib/core/reading.ts";
import { absorb, beginRun } from "../../lib/core/telemetry.ts";
import type {
  MachinePower,
  TelemetryFacts,
} from "../../lib/core/telemetry_types.ts";
import type { CommandFacts } from "../../lib/core/types.ts";
import { facts, READ, running, S, SAFETY } from "./make.ts";

const NOW = 100 * S;

/** A run whose miner tells so many watts. */
function telling(powerW: number | undefined, at = NOW): TelemetryFacts {
  return absorb(
    beginRun(READ, 0),
    { reading: readingOf({ powerW }), at },
    { minHashrateHs: 0, safety: SAFETY },
  );
}

interface One {
  readonly told?: TelemetryFacts;
  readonly watts?: number;
  readonly facts?: CommandFacts;
}

function powers(
  ones: readonly One[],
  machine?: { readonly watts: number; readonly at: number },
): (string | undefined)[] {
  const found = powerOf(
    {
      commands: ones.map((one) => one.facts ?? running(0)),
      telemetry: ones.map(({ told }) => told ?? READ),
      machine: { sensors: [], power: machine },
    },
    ones.map(({ watts }) => ({ watts })),
    NOW,
  );
  return found.map((power) => power && `${power.watts} ${power.source}`);
}

Deno.test("powerOf() asks the miner first, then the machine, then the owner", () => {
  const machine = { watts: 300, at: NOW };
  const told = telling(120);
  assertEquals(powers([{ told, watts: 90 }], machine), ["120 miner"]);
  assertEquals(powers([{ watts: 90 }], machine), ["300 machine"]);
  assertEquals(powers([{ watts: 90 }]), ["90 estimated"]);
  assertEquals(powers([{}]), [undefined]);
});

Deno.test("powerOf() takes nothing old for new", () => {
  const told = (at: number) => [{ told: telling(120, at), watts: 90 }];
  assertEquals(powers(told(NOW - 30 * S + 1)), ["120 miner"]);
  assertEquals(powers(told(NOW - 30 * S)), ["90 estimated"]);
  const machine = (at: number) => ({ watts: 300, at });
  assertEquals(powers([{}], machine(NOW - 30 * S + 1)), ["300 machine"]);
  assertEquals(powers([{}], machine(NOW - 30 * S)), [undefined]);
});

Deno.test("powerOf() says 0 W of what is proven gone", () => {
  const rests = { facts: facts(), watts: 90, told: telling(120) };
  assertEquals(powers([rests]), ["0 miner"]);
  // What still lives after its stop heats on.
  const stopping = running(0, { signalledAt: 5, exitedAt: 6 });
  assertEquals(powers([{ ...rests, facts: stopping }]), ["120 miner"]);
});

Deno.test("powerOf() does not take far less than the owner says for the power of what heats", () => {
  const machine = { watts: 60, at: NOW };
  assertEquals(powers([{ watts: 120 }], machine), ["60 machine"]);
  assertEquals(powers([{ watts: 121 }], machine), ["121 estimated"]);
  assertEquals(powers([{}], machine), ["60 machine"]);
});

Deno.test("powerOf() shares what the machine measures among those that tell nothing", () => {
  const machine = { watts: 400, at: NOW };
  const told = telling(100);
  assertEquals(
    powers([{ told, watts: 90 }, { watts: 50 }, { watts: 100 }], machine),
    ["100 miner", "100 machine", "200 machine"],
  );
  // Without the owner's word on each of them nobody knows better.
  assertEquals(powers([{ watts: 50 }, {}], machine), [
    "200 machine",
    "200 machine",
  ]);
  assertEquals(powers([{}, {}], machine), ["200 machine", "200 machine"]);
  assertEquals(powers([{ facts: facts() }, {}], machine), [
    "0 miner",
    "400 machine",
  ]);
  // Never less than nothing.
  const much = { told: telling(500) };
  assertEquals(powers([much, {}], machine), ["500 miner", "0 machine"]);
});

Deno.test("totalPower() knows a total only if it knows all, and names its weakest source", () => {
  const miner: Power = { watts: 1, source: "miner" };
  const machine: Power = { watts: 2, source: "machine" };
  const estimated: Power = { watts: 4, source: "estimated" };
  const off: Power = { watts: 0, source: "estimated" };
  const table: [(Power | undefined)[], Power | undefined][] = [
    [[], { watts: 0, source: "miner" }],
    [[miner, undefined], undefined],
    [[miner, miner], { watts: 2, source: "miner" }],
    [[miner, machine], { watts: 3, source: "machine" }],
    [[estimated, machine, miner], { watts: 7, source: "estimated" }],
    // What makes no heat has no say.
    [[miner, off], { watts: 1, source: "miner" }],
    [[miner, { ...estimated, watts: 0.5 }], {
      watts: 1.5,
      source: "estimated",
    }],
  ];
  for (const [powers, expected] of table) {
    assertEquals(totalPower(powers), expected);
  }
});

Deno.test("powerOf() believes no sensor that does not see what heats", () => {
  const machine = (watts: number) => ({ watts, at: NOW });
  assertEquals(powers([{ watts: 120 }], machine(60)), ["60 machine"]);
  assertEquals(powers([{ watts: 120 }], machine(59.9)), ["120 estimated"]);
  assertEquals(powers([{}], machine(1)), ["1 machine"]);
});

Deno.test("machinePower() notes since when the machine takes half of what all commands take, at rest", () => {
  const read = (
    watts: number,
    at: number,
    before?: MachinePower,
    some: { isIdle?: boolean; fullW?: number | undefined } = {},
  ) => machinePower(watts, before, { at, isIdle: true, fullW: 400, ...some });
  const first = read(200, S);
  assertEquals(first, { watts: 200, at: S, busySince: S });
  assertEquals(read(199.9, S), { watts: 199.9, at: S });
  assertEquals(read(300, 2 * S, first).busySince, S);
  assertEquals(read(100, 2 * S, first).busySince, undefined);
  assertEquals(read(300, 3 * S, read(100, 2 * S, first)).busySince, 3 * S);
  // Nobody knows what was in between.
  assertEquals(read(300, 31 * S - 1, first).busySince, S);
  assertEquals(read(300, 31 * S, first).busySince, 31 * S);
  assertEquals(read(300, S, first, { isIdle: false }).busySince, undefined);
  const unknown = { fullW: undefined };
  assertEquals(read(900, S, first, unknown).busySince, undefined);
});

Deno.test("fullPowerOf() adds what is configured, else what was measured at work", () => {
  const rated = (ratedW: number | undefined) => ({ ratedW });
  const limits = [{ watts: 100 }, { watts: undefined }];
  assertEquals(fullPowerOf(limits, [rated(7), rated(50)]), 150);
  assertEquals(fullPowerOf(limits, [rated(7), rated(undefined)]), undefined);
  assertEquals(
    fullPowerOf([...limits].reverse(), [rated(undefined), rated(7)]),
    undefined,
  );
});
