import { assertEquals } from "@std/assert";
import { NO_ENERGY } from "../lib/core/energy.ts";
import { type Found, readingOf } from "../lib/core/reading.ts";
import type { CommandFacts, CommandLimits } from "../lib/core/types.ts";
import { Doorbell } from "../lib/doorbell.ts";
import { TelemetryBuffer } from "../lib/telemetry_buffer.ts";
import {
  commandLimits,
  facts,
  heatLimits,
  running,
  S,
  SAFETY,
  WATCHDOG,
} from "./core/make.ts";
import { FakeClock } from "./fakes/fake_clock.ts";

/** A buffer of two commands that are read, and who looks at it. */
function make(some: Partial<CommandLimits> = {}) {
  const clock = new FakeClock();
  const doorbell = new Doorbell();
  let rings = 0;
  doorbell.ring = () => void (rings += 1);
  const reads = { isRead: true, staleAfterMs: 30 * S };
  const buffer = new TelemetryBuffer({
    clock,
    doorbell,
    limits: {
      heat: heatLimits(),
      safety: SAFETY,
      commands: [commandLimits(some), commandLimits({ ...some, name: "b" })],
    },
    reads: [reads, reads],
    energy: NO_ENERGY,
  });
  return {
    clock,
    buffer,
    rings: () => rings,
    put: (index: number, run: number | undefined, found: Found) =>
      buffer.put(index, run, readingOf(found)),
    told: (...commands: readonly CommandFacts[]) =>
      buffer.observe(commands).telemetry,
  };
}

const RESTS = facts({ name: "b" });

Deno.test("TelemetryBuffer.put() stamps what the present run tells, and rings", async () => {
  const watchdog = { ...WATCHDOG, minHashrateHs: 100 };
  const { clock, rings, put, told } = make({ watchdog });
  told(running(0), RESTS);
  await clock.advance(7);
  put(0, 0, {
    hashrateHs: 99,
    accepted: 5,
    temperatures: [{ device: "GPU0", celsius: 91 }],
  });
  assertEquals(rings(), 1);
  const [a, b] = told(running(0), RESTS);
  assertEquals([a?.readAt, a?.accepted, a?.lowSince], [7, 5, 7]);
  assertEquals(a?.sensors[0]?.hotReadings, 1);
  assertEquals(b?.reading, undefined);
});

Deno.test("TelemetryBuffer.put() drops what comes late, of another run or of nothing", () => {
  const { buffer, rings, put, told } = make();
  told(running(0), RESTS);
  put(0, 5, { accepted: 5 });
  put(0, undefined, { hashrateHs: 5 });
  put(1, 0, { accepted: 5 });
  put(2, undefined, { hashrateHs: 5 });
  buffer.fail(0, 5, "no answer");
  buffer.fail(1, 0, "no answer");
  buffer.fail(2, undefined, "no answer");
  assertEquals(rings(), 0);
  for (const one of told(running(0), RESTS)) {
    assertEquals([one.accepted, one.busy, one.fault], [
      0,
      undefined,
      undefined,
    ]);
  }
  // Gone: a dead miner tells nothing.
  told(running(0, { emptyAt: 9 }), RESTS);
  put(0, 0, { accepted: 5 });
  assertEquals(told(running(0, { emptyAt: 9 }), RESTS)[0]?.accepted, 0);
});

Deno.test("TelemetryBuffer.put() takes nothing for its own of what an earlier controller left", () => {
  const { rings, put, told } = make();
  const left = running(0, { leftover: 2 });
  told(left, RESTS);
  put(0, 0, { hashrateHs: 5, accepted: 5 });
  const [a] = told(left, RESTS);
  assertEquals([a?.runAt, a?.accepted, a?.busy], [undefined, 0, undefined]);
  assertEquals(rings(), 1);
});

Deno.test("TelemetryBuffer.observe() begins a run anew, keeps the counts, and tells which run is to be read", async () => {
  const { clock, buffer, put, told } = make();
  told(facts(), RESTS);
  assertEquals([buffer.runOf(0), buffer.runOf(7)], [undefined, undefined]);
  told(running(0), RESTS);
  assertEquals([buffer.runOf(0), buffer.runOf(1)], [0, undefined]);
  await clock.advance(5);
  put(0, 0, { hashrateHs: 5, accepted: 5 });
  // Looked at again, it is the same run.
  assertEquals(told(running(0), RESTS)[0]?.readAt, 5);
  const gone = running(0, { emptyAt: 9 });
  assertEquals(told(gone, RESTS)[0]?.readAt, 5);
  assertEquals(buffer.runOf(0), undefined);
  // A start that failed is no run.
  const failed = facts({ startedAt: 20, emptyAt: 20 });
  assertEquals(told(failed, RESTS)[0]?.runAt, 0);
  const [a] = told(running(30), RESTS);
  assertEquals([a?.runAt, a?.reading, a?.accepted], [30, undefined, 5]);
  assertEquals(buffer.runOf(0), 30);
});

Deno.test("TelemetryBuffer.fail() notes why, and lets the last reading grow old", async () => {
  const { clock, buffer, rings, put, told } = make();
  told(running(0), RESTS);
  put(0, 0, { hashrateHs: 5 });
  await clock.advance(5);
  buffer.fail(0, 0, "no answer");
  const [a] = told(running(0), RESTS);
  assertEquals([a?.fault, a?.readAt], ["no answer", 0]);
  assertEquals(a?.reading?.hashrateHs, 5);
  assertEquals(rings(), 2);
});

Deno.test("TelemetryBuffer.put() notes what answers where nothing of ours runs", async () => {
  const { clock, buffer, rings, put, told } = make();
  told(facts(), RESTS);
  await clock.advance(5);
  put(1, undefined, { hashrateHs: 7 });
  await clock.advance(5);
  put(1, undefined, { hashrateHs: 8 });
  const busy = { hashrateHs: 8, since: 5, at: 10 };
  assertEquals(told(facts(), RESTS)[1]?.busy, busy);
  buffer.fail(1, undefined, "connection refused");
  const [, b] = told(facts(), RESTS);
  // That nothing answers there is as it should be.
  assertEquals([b?.busy, b?.fault], [undefined, undefined]);
  assertEquals(rings(), 3);
});

Deno.test("TelemetryBuffer.putMachine() keeps sensors, and the power that was told last", async () => {
  const { clock, buffer, rings } = make();
  const cpu = (celsius: number) => [{ device: "CPU", celsius }];
  buffer.putMachine({ temperatures: cpu(91), powerW: 300 });
  await clock.advance(10);
  buffer.putMachine({ temperatures: cpu(92), powerW: undefined });
  const { machine } = buffer.observe([facts(), RESTS]);
  assertEquals(machine, {
    sensors: [
      { device: "CPU", celsius: 92, at: 10, hotReadings: 2, isHot: true },
    ],
    power: undefined,
  });
  buffer.putMachine({ temperatures: [], powerW: 200 });
  assertEquals(buffer.observe([facts(), RESTS]).machine.power, {
    watts: 200,
    at: 10,
  });
  assertEquals(rings(), 3);
});

Deno.test("TelemetryBuffer.putMachine() notes power that nothing of ours takes", async () => {
  const { clock, buffer } = make({ watts: 100 });
  const measured = (powerW: number, ...commands: CommandFacts[]) => {
    buffer.observe(commands);
    buffer.putMachine({ temperatures: [], powerW });
    return buffer.observe(commands).machine.power?.busySince;
  };
  assertEquals(measured(300, running(0), RESTS), undefined);
  await clock.advance(5 * S);
  assertEquals(measured(300, facts(), RESTS), 5 * S);
  await clock.advance(5 * S);
  assertEquals(measured(300, facts(), RESTS), 5 * S);
  assertEquals(measured(20, facts(), RESTS), undefined);
});

Deno.test("TelemetryBuffer.observe() counts energy, heat hours and starts of each command and of all", async () => {
  const { clock, buffer, put } = make({ watts: 100 });
  const hour = 3_600_000;
  /** So many hours, looked at every ten seconds. */
  const pass = async (hours: number, ...commands: CommandFacts[]) => {
    for (let ms = 0; ms < hours * hour; ms += 10 * S) {
      await clock.advance(10 * S);
      buffer.observe(commands);
    }
  };
  buffer.observe([running(0), RESTS]);
  await pass(0.5, running(0), RESTS);
  // Of what was left behind nobody knows since when it runs.
  buffer.observe([running(0), running(5, { name: "b", leftover: 1 })]);
  await pass(0.5, running(0), running(5, { name: "b", leftover: 1 }));
  const gone = running(0, { emptyAt: clock.now() });
  const b = running(clock.now(), { name: "b" });
  buffer.observe([gone, b]);
  put(1, clock.now(), { powerW: 400 });
  buffer.observe([gone, b]);
  await clock.advance(10 * S);
  // Nothing is told that a power cut could take back.
  assertEquals(buffer.observe([gone, b]).energy, NO_ENERGY);
  const { energy } = buffer;
  buffer.energyKept(energy);
  assertEquals(buffer.observe([gone, b]).energy, energy);
  const rounded = (name: string) => {
    const { kwh, heatHours, starts } = energy.commands.get(name) ??
      energy.total;
    return [kwh, heatHours].map((one) => one.toFixed(6)).concat(`${starts}`);
  };
  assertEquals(rounded("a"), ["0.100000", "1.000000", "1"]);
  assertEquals(rounded("b"), ["0.001111", "0.002778", "1"]);
  // The one ended as the other began: the heater began once.
  assertEquals(rounded("all"), ["0.101111", "1.002778", "1"]);
});
