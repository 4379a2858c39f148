/**
 * How fast the program obeys, beside the least that this takes on this machine.
 * Run it with all permissions: `deno task bench [--rounds N]`; KOLIKKO_BINARY
 * names a compiled program to be timed instead of the source.
 */

import { parseArgs } from "@std/cli/parse-args";
import { Rig, standIn, USUAL, type Way } from "../e2e/rig.ts";
import { Mosquitto, mosquittoPath } from "../mosquitto.ts";
import { openStdout } from "../../lib/stdout.ts";
import { type Heater, startFloor, startProgram } from "./heaters.ts";
import { readingAppetite } from "./reading.ts";
import { type Round, Stopwatch } from "./stopwatch.ts";
import { type Usage, usage } from "./usage.ts";

const ROUNDS = 50;
/** More would take longer than anybody waits. */
const ROUNDS_MAX = 150;
const WARM_UP_ROUNDS = 3;
const USAGE_MS = 10_000;
const FIXED_MS = 2;
const FACTOR = 1.5;
const PROOF_MS = 60;

const ROWS: readonly {
  readonly name: string;
  readonly key: keyof Round;
  readonly extraMs: number;
}[] = [
  { name: "ON to the child's first instruction", key: "started", extraMs: 0 },
  { name: "ON to status ON", key: "statusOn", extraMs: 0 },
  { name: "OFF to the last process dead", key: "dead", extraMs: 0 },
  {
    name: "OFF to status OFF, with proof",
    key: "statusOff",
    extraMs: PROOF_MS,
  },
];

const stdout = openStdout();

/** Why nothing can be measured here; undefined if it can. */
async function missing(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "it reads /proc of Linux";
  if (mosquittoPath === undefined) return "no mosquitto found";
  for (const tool of ["mosquitto_sub", "mosquitto_pub", "mkfifo"]) {
    try {
      await new Deno.Command(tool, { args: ["--help"] }).output();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return `no ${tool} found`;
    }
  }
}

/** The program and the floor in turns, so that a busy machine slows both. */
async function race(
  port: number,
  way: Way,
  rounds: number,
): Promise<{ ours: Round[]; floor: Round[] }> {
  const dir = await Deno.makeTempDir({ prefix: "kolikko_bench_" });
  const ours: Round[] = [];
  const floor: Round[] = [];
  try {
    await using stopwatch = await Stopwatch.join(port);
    await using program = await startProgram(port, dir, way);
    await using loop = await startFloor(port, dir);
    for (const heater of [program, loop]) await stopwatch.untilReady(heater);
    const lanes: [Heater, Round[]][] = [[program, ours], [loop, floor]];
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const [heater, times] of lanes) {
        const time = await stopwatch.round(heater);
        if (round >= 0) times.push(time);
      }
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
  return { ours, floor };
}

/** The program alone with two miners: before and while they print. */
async function appetite(port: number, way: Way): Promise<[Usage, Usage]> {
  const flags = ["--print-every", "100ms", "--on-signal", "0"];
  await using stopwatch = await Stopwatch.join(port);
  await using rig = await Rig.start({
    way,
    port,
    commands: [standIn("one", flags), standIn("two", flags)],
  });
  await stopwatch.untilReady({ base: "/kolikko1/heat" });
  const idle = await usage(rig.pid, USAGE_MS);
  await stopwatch.heat("/kolikko1/heat");
  return [idle, await usage(rig.pid, USAGE_MS)];
}

/** The value that so large a part of all does not exceed. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(part * sorted.length) - 1, 0)] ?? NaN;
}

function printTable(ours: readonly Round[], floor: readonly Round[]): void {
  printRow(["milliseconds", "floor", "ours", "p95", "limit", ""]);
  for (const { name, key, extraMs } of ROWS) {
    const times = ours.map((round) => round[key]);
    const least = quantile(floor.map((round) => round[key]), 0.5);
    const median = quantile(times, 0.5);
    const limit = FIXED_MS + FACTOR * least + extraMs;
    const numbers = [least, median, quantile(times, 0.95), limit];
    const verdict = median <= limit ? "ok" : "over";
    printRow([name, ...numbers.map((one) => one.toFixed(2)), verdict]);
  }
}

function printRow([name = "", ...cells]: readonly string[]): void {
  const columns = cells.map((cell) => cell.padStart(8));
  stdout.write(`${name.padEnd(38)}${columns.join("")}`);
}

function printUsage(name: string, { rssMib, anonymousMib, cpuPercent }: Usage) {
  const memory = `${rssMib.toFixed(1)} MiB (${
    anonymousMib.toFixed(1)
  } its own)`;
  stdout.write(`${name.padEnd(38)}  ${memory}, ${cpuPercent.toFixed(2)} % CPU`);
}

async function main(): Promise<number> {
  const given = Number(parseArgs(Deno.args).rounds ?? ROUNDS);
  if (!Number.isInteger(given) || given < 1 || given > ROUNDS_MAX) {
    stdout.write(
      `Cannot run so many rounds: --rounds must be a number from 1 to ${ROUNDS_MAX}`,
    );
    return 2;
  }
  const lack = await missing();
  if (lack !== undefined) {
    stdout.write(`skipped: ${lack}`);
    return 0;
  }
  const way = USUAL;
  await using mosquitto = await Mosquitto.start();
  stdout.write(
    `${given} rounds each of the program (${way.name}) and the floor, in turns; medians.
The floor is mosquitto_sub piped into a shell loop that starts, kills and awaits
the same child, and answers through a mosquitto_pub that is connected already.
Limit: ${FIXED_MS} ms + ${FACTOR} x the floor; for status OFF, with its proof, ${PROOF_MS} ms more.
`,
  );
  const { ours, floor } = await race(mosquitto.port, way, given);
  printTable(ours, floor);
  const [idle, busy] = await appetite(mosquitto.port, way);
  const seconds = USAGE_MS / 1000;
  stdout.write("");
  printUsage(`idle, over ${seconds} s`, idle);
  printUsage(`two miners, ten lines a second each`, busy);
  const { unread, read, faulty } = await readingAppetite(mosquitto.port, way);
  printUsage(`ten commands, none read`, unread);
  printUsage(`ten commands, each read every 10 s`, read);
  for (const [index, one] of faulty.entries()) {
    printUsage(`ten broken APIs every 2 s, minute ${index + 1}`, one);
  }
  return 0;
}

const code = await main();
await stdout.flush(1_000);
Deno.exit(code);
