import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  addEnergy,
  type CommandPower,
  type EnergyCounts,
  type EnergyMoment,
  NO_ENERGY,
} from "../../lib/core/energy.ts";
import { decodeEnergy, encodeEnergy } from "../../lib/core/energy_text.ts";
import { Random } from "../simulation/random.ts";

const HOUR_MS = 3_600_000;

function power(but: Partial<CommandPower> = {}): CommandPower {
  return {
    name: "cpu",
    runningSince: 0,
    measured: undefined,
    estimatedWatts: undefined,
    ...but,
  };
}

/** The counts after all these moments. */
function after(
  moments: readonly EnergyMoment[],
  counts = NO_ENERGY,
): EnergyCounts {
  let before: EnergyMoment | undefined;
  for (const now of moments) {
    counts = addEnergy(counts, before, now);
    before = now;
  }
  return counts;
}

/** One command at these moments. */
function life(
  ...steps: readonly (readonly [at: number, but?: Partial<CommandPower>])[]
): EnergyCounts {
  return after(steps.map(([at, but]) => ({ at, commands: [power(but)] })));
}

/** In watt milliseconds, so that the figures can be read. */
function wattMs(counts: EnergyCounts): number {
  return Math.round(counts.total.kwh * 1_000 * HOUR_MS);
}

Deno.test("addEnergy() makes 120 W over an hour 0.12 kWh, one heat hour, one start", () => {
  const measured = (at: number) => ({ measured: { watts: 120, at } });
  const steps = Array.from(
    { length: 361 },
    (_, index) => [index * 10_000, measured(index * 10_000)] as const,
  );
  const { total, commands } = life(...steps);
  assert(Math.abs(total.kwh - 0.12) < 1e-9);
  assert(Math.abs(total.heatHours - 1) < 1e-9);
  assertEquals(total.starts, 1);
  assertEquals(commands.get("cpu"), total);
});

Deno.test("addEnergy() holds a reading for 30 s, then takes the estimate, or nothing", () => {
  const measured = { watts: 100, at: 0 };
  assertEquals(wattMs(life([0, { measured }], [30_000])), 3_000_000);
  assertEquals(wattMs(life([0, { measured }], [40_000])), 3_000_000);
  const both = { measured, estimatedWatts: 50 };
  assertEquals(wattMs(life([0, both], [40_000])), 3_500_000);
  assertEquals(wattMs(life([0, { estimatedWatts: 50 }], [40_000])), 2_000_000);
  // It was old before the interval began.
  assertEquals(wattMs(life([31_000, both], [41_000])), 500_000);
  assertEquals(wattMs(life([25_000, both], [35_000])), 750_000);
});

Deno.test("addEnergy() counts what the earlier of two moments showed", () => {
  const estimatedWatts = 100;
  const off = { runningSince: undefined, estimatedWatts };
  assertEquals(
    wattMs(life([0, off], [10_000, { estimatedWatts, runningSince: 10_000 }])),
    0,
  );
  assertEquals(wattMs(life([0, { estimatedWatts }], [10_000, off])), 1_000_000);
});

Deno.test("addEnergy() adds nothing for a gap, for time that stands still or goes back", () => {
  const on = { estimatedWatts: 100 };
  assertEquals(wattMs(life([0, on], [120_000, on])), 12_000_000);
  for (const to of [120_001, 8 * HOUR_MS, Infinity, 0, -5_000, NaN]) {
    const { total } = life([0, on], [to, on]);
    assertEquals(total, { kwh: 0, heatHours: 0, starts: 1 }, `to ${to}`);
  }
});

Deno.test("addEnergy() takes no reading that no command can have", () => {
  for (const watts of [NaN, -1, Infinity, -Infinity, 100_001]) {
    const measured = { watts, at: 0 };
    assertEquals(
      wattMs(life([0, { measured, estimatedWatts: 10 }], [10_000])),
      100_000,
      `${watts} W`,
    );
    assertEquals(wattMs(life([0, { estimatedWatts: watts }], [10_000])), 0);
  }
  const strange = { watts: 100, at: NaN };
  assertEquals(wattMs(life([0, { measured: strange }], [10_000])), 0);
  // A reading of the future is not fresh for longer than one of now.
  const future = { watts: 100, at: 1e9 };
  assertEquals(wattMs(life([0, { measured: future }], [60_000])), 3_000_000);
});

Deno.test("addEnergy() counts starts: each run of a command, each waking of the heater", () => {
  const moment = (
    at: number,
    a: number | undefined,
    b: number | undefined,
  ): EnergyMoment => ({
    at,
    commands: [
      power({ name: "a", runningSince: a }),
      power({ name: "b", runningSince: b }),
    ],
  });
  const counts = after([
    moment(0, undefined, undefined),
    moment(1, 1, undefined),
    moment(2, 1, 2),
    // It ended and was started again between two looks.
    moment(3, 3, 2),
    moment(4, undefined, 2),
    moment(5, undefined, undefined),
    moment(6, undefined, 6),
  ]);
  assertEquals(counts.commands.get("a")?.starts, 2);
  assertEquals(counts.commands.get("b")?.starts, 2);
  assertEquals(counts.total.starts, 2);
});

Deno.test("addEnergy() counts an hour of two commands as one hour of heat", () => {
  const commands = ["a", "b"].map((name) =>
    power({ name, estimatedWatts: 100 })
  );
  const { total, commands: counts } = after([
    { at: 0, commands },
    { at: 36_000, commands },
  ]);
  assertEquals(total.heatHours, 0.01);
  assertEquals(counts.get("a")?.heatHours, 0.01);
  assert(Math.abs(total.kwh - 0.002) < 1e-12);
});

Deno.test("addEnergy() keeps the counts of commands that are configured no longer", () => {
  const old = life([0, { estimatedWatts: 100 }], [10_000]);
  const now = [power({ name: "gpu", estimatedWatts: 1_000 })];
  const counts = after([{ at: 5, commands: now }, {
    at: 10_005,
    commands: now,
  }], old);
  assertEquals(counts.commands.get("cpu"), old.commands.get("cpu"));
  assertEquals(wattMs(counts), 11_000_000);
});

/** A life of which nothing is known beforehand. */
function anyMoments(random: Random): EnergyMoment[] {
  let at = random.int(-1_000, 1_000);
  const watts = () =>
    random.chance(0.1)
      ? random.pick([NaN, Infinity, -Infinity, -50, 1e9])
      : random.int(0, 2_000);
  return Array.from({ length: random.int(1, 60) }, () => {
    at += random.chance(0.05)
      ? random.pick([-10_000, HOUR_MS, 0])
      : random.int(1, 60_000);
    const commands = ["a", "b", "__proto__"].filter(() => random.chance(0.9))
      .map((name) =>
        power({
          name,
          runningSince: random.chance(0.7) ? random.int(0, 3) : undefined,
          measured: random.chance(0.6)
            ? { watts: watts(), at: at - random.int(0, 60_000) }
            : undefined,
          estimatedWatts: random.chance(0.5) ? watts() : undefined,
        })
      );
    return { at, commands };
  });
}

/** Every number that it counts. */
function figures({ total, commands }: EnergyCounts): Map<string, number> {
  return new Map(
    [["total", total] as const, ...commands].flatMap(([name, one]) =>
      Object.entries(one).map(([key, value]) => [`${name} ${key}`, value])
    ),
  );
}

Deno.test("addEnergy() never goes back, is always finite, and adds up, whatever happens", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const moments = anyMoments(new Random(seed));
    let counts = NO_ENERGY;
    let before: EnergyMoment | undefined;
    for (const now of moments) {
      const next = addEnergy(counts, before, now);
      const was = figures(counts);
      for (const [what, value] of figures(next)) {
        const least = was.get(what) ?? 0;
        assert(Number.isFinite(value), `seed ${seed}: ${what} ${value}`);
        assert(value >= least, `seed ${seed}: ${what} ${least} -> ${value}`);
      }
      for (const what of was.keys()) assert(figures(next).has(what));
      counts = next;
      before = now;
    }
    const each = [...counts.commands.values()];
    const kwh = each.reduce((sum, one) => sum + one.kwh, 0);
    assert(Math.abs(kwh - counts.total.kwh) < 1e-9, `seed ${seed}`);
    const longest = Math.max(0, ...each.map(({ heatHours }) => heatHours));
    assert(counts.total.heatHours >= longest - 1e-9, `seed ${seed}`);
    assertEquals(decodeEnergy(encodeEnergy(counts)), counts, `seed ${seed}`);
  }
});

Deno.test("addEnergy() counts the same however often one looks in between", () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = new Random(seed);
    const from = anyMoments(random)[0] ?? { at: 0, commands: [] };
    const ms = random.int(2, 120_000);
    const cuts = [random.int(1, ms), random.int(1, ms)].sort((a, b) => a - b);
    const at = (some: number) => ({ ...from, at: from.at + some });
    const few = after([at(0), at(ms)]);
    const many = after([at(0), ...cuts.map(at), at(ms)]);
    for (const [what, value] of figures(few)) {
      const other = figures(many).get(what) ?? NaN;
      assert(
        Math.abs(value - other) < 1e-9,
        `seed ${seed}: ${what} ${value} or ${other}`,
      );
    }
  }
});

Deno.test("decodeEnergy() says what is wrong instead of making counts up", () => {
  const good = { kwh: 1.5, heatHours: 2, starts: 3 };
  const text = (but: Record<string, unknown>) =>
    JSON.stringify({ version: 1, total: good, commands: {}, ...but });
  assertEquals(decodeEnergy(text({})).total, good);
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [at, good]));
  assertEquals(
    decodeEnergy(text({ commands: many(1_000) })).commands.size,
    1_000,
  );
  const most = { ...good, kwh: 1e12 };
  assertEquals(decodeEnergy(text({ total: most })).total, most);
  const cases: [string, string][] = [
    [
      text({ commands: many(1_001) }),
      "it counts 1001 commands, wanted at most",
    ],
    [
      text({ total: { ...good, kwh: 1e12 + 1 } }),
      `"kwh" of "total" is 1000000000001`,
    ],
    ["", "it is no JSON"],
    [text({}).slice(0, -5), "it is no JSON"],
    ["[]", "the file is [], wanted an object"],
    ["null", "the file is null"],
    [text({ version: 2 }), "its version is 2, wanted 1"],
    [text({ version: undefined }), "its version is missing"],
    [text({ commands: [] }), `"commands" is [], wanted an object`],
    [text({ total: undefined }), `"total" is missing`],
    [text({ total: { ...good, kwh: -1 } }), `"kwh" of "total" is -1`],
    [text({ total: { ...good, kwh: "1" } }), `"kwh" of "total" is "1"`],
    [text({ total: { ...good, starts: 1.5 } }), `"starts" of "total" is 1.5`],
    [
      text({ commands: { a: { kwh: 1, starts: 1 } } }),
      `"heatHours" of "a" is missing`,
    ],
    [text({}).replace("1.5", "1e999"), `"kwh" of "total" is null`],
  ];
  for (const [given, message] of cases) {
    assertThrows(() => decodeEnergy(given), SyntaxError, message);
  }
});
