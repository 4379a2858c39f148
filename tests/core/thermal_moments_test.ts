/** The thermal guard: what is too hot, or cannot be told any more, does not heat. */

import { followRead } from "./follow.ts";
import { MIN, S } from "./make.ts";
import type { Moment } from "./rehearsal.ts";

const HOUR = 60 * MIN;
const START = ["start a"];
const STOP = ["signal a polite"];

/** What the cards of command "a" tell, in degrees Celsius. */
function reads(...cards: number[]): Pick<Moment, "reads"> {
  const temperatures = cards.map((celsius, index) => {
    return { device: `GPU${index}`, celsius };
  });
  return { reads: { a: { hashrateHs: 5, temperatures } } };
}

Deno.test("decide() stops what is above the limit for two readings in a row, whatever min_on says", () => {
  followRead({ heat: { minOnMs: HOUR } }, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, ...reads(60, 91) },
    { at: 20 * S, ...reads(60, 90) },
    { at: 30 * S, ...reads(60, 91) },
    { at: 40 * S, ...reads(91, 60) },
    // Two readings of one sensor, that is.
    {
      at: 50 * S,
      ...reads(90.1, 60),
      does: STOP,
      verdicts: ["stopping"],
      says: 'a is held: "GPU0" had 90 °C, more than 90 °C is too hot; ' +
        "rests until 12:10",
    },
    { at: 10 * MIN + 50 * S - 1, verdicts: ["too_hot"] },
    { at: 10 * MIN + 50 * S, does: START },
    // The new run is judged by its own readings.
    { at: 11 * MIN, ...reads(99, 60), verdicts: ["running"] },
    { at: 11 * MIN + 10 * S, ...reads(99, 60), does: STOP },
  ]);
});

Deno.test("decide() stops what is too hot and not wanted at once, min_on or not", () => {
  followRead({ heat: { minOnMs: HOUR } }, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, say: "off", ...reads(91), verdicts: ["min_on"] },
    { at: 20 * S, ...reads(91), does: STOP },
    // Nobody wants it: nothing is held.
    { at: 30 * S, verdicts: ["idle"], says: "OK" },
    { at: 40 * S, say: "on", verdicts: ["too_hot"] },
  ]);
});

Deno.test("decide() stops what is too hot alone, and lets the others heat", () => {
  const commands = [{ name: "a" }, { name: "b" }];
  followRead({ commands }, [
    { at: 0, say: "on", does: ["start a", "start b"] },
    { at: 10 * S, ...reads(95) },
    {
      at: 20 * S,
      ...reads(95),
      does: STOP,
      verdicts: ["stopping", "running"],
    },
    { at: 30 * S, verdicts: ["too_hot", "running"] },
  ]);
});

Deno.test("decide() keeps min_off after a cool-down, too", () => {
  followRead({ heat: { minOffMs: HOUR } }, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, ...reads(95) },
    { at: 20 * S, ...reads(95), does: STOP },
    { at: 20 * S + 10 * MIN, verdicts: ["min_off"] },
    { at: 20 * S + HOUR, does: START },
  ]);
});

Deno.test("decide() takes a sensor that falls silent while it heats for too hot after a minute", () => {
  followRead({}, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, ...reads(60, 61) },
    { at: 20 * S, ...reads(60) },
    { at: 70 * S - 1, ...reads(60), verdicts: ["running"] },
    {
      at: 70 * S,
      ...reads(60),
      does: STOP,
      says: 'a is held: the sensor "GPU1" told nothing for 60 s, ' +
        "which counts as too hot; rests until 12:10",
    },
    { at: 70 * S + 10 * MIN - 1, verdicts: ["too_hot"] },
    { at: 70 * S + 10 * MIN, does: START },
    // A sensor that the new run never told of cannot fall silent.
    { at: 12 * MIN, ...reads(60), verdicts: ["running"] },
    { at: 12 * MIN + 59 * S, ...reads(60), verdicts: ["running"] },
    { at: 13 * MIN + 50 * S, ...reads(60), verdicts: ["running"] },
  ]);
});

Deno.test("decide() takes what tells nothing but nonsense for silent", () => {
  for (const nonsense of [NaN, -1, 0, 255]) {
    followRead({}, [
      { at: 0, say: "on", does: START },
      { at: 10 * S, ...reads(60) },
      { at: 20 * S, ...reads(nonsense) },
      { at: 70 * S - 1, ...reads(nonsense), verdicts: ["running"] },
      { at: 70 * S, ...reads(nonsense), does: STOP },
    ]);
    followRead({}, [
      { at: 0, say: "on", does: START },
      { at: 10 * S, machine: { CPU: 60 } },
      { at: 70 * S - 1, machine: { CPU: nonsense }, verdicts: ["running"] },
      { at: 70 * S, machine: { CPU: nonsense }, does: STOP },
    ]);
  }
});

Deno.test("decide() lets nonsense between two hot readings fool it neither way", () => {
  for (const nonsense of [NaN, -1, 0, 255]) {
    followRead({}, [
      { at: 0, say: "on", does: START },
      { at: 10 * S, ...reads(60) },
      { at: 20 * S, ...reads(nonsense) },
      { at: 30 * S, ...reads(nonsense) },
      { at: 40 * S, ...reads(91) },
      { at: 50 * S, ...reads(nonsense), verdicts: ["running"] },
      { at: 60 * S, ...reads(91), does: STOP },
    ]);
  }
});

Deno.test("decide() minds no silence of what is asked seldom, of what ended, or without a limit", () => {
  const seldom = { staleAfterMs: 3 * MIN };
  followRead({}, [
    { at: 0, say: "on", does: START },
    { at: MIN, ...reads(60) },
    { at: 4 * MIN - 1, verdicts: ["running"] },
    { at: 4 * MIN, does: STOP },
  ], seldom);
  followRead({}, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, ...reads(60) },
    { at: 70 * S - 1, say: "off", does: STOP },
    { at: 90 * S, say: "on", does: START },
  ]);
  followRead({ safety: { maxTemperatureC: Infinity } }, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, machine: { CPU: 60 }, ...reads(60) },
    { at: 20 * S, machine: { CPU: 120 }, ...reads(120) },
    { at: 30 * S, machine: { CPU: 120 }, ...reads(120) },
    { at: HOUR, verdicts: ["running"] },
  ]);
});

Deno.test("decide() holds all while the machine itself is too hot, until it is cool enough", () => {
  const commands = [{ name: "a" }, { name: "b" }];
  const heat = { minOnMs: HOUR };
  const says = (celsius: number) =>
    `All is held: "CPU" has ${celsius} °C, more than 90 °C is too hot; ` +
    "goes on below 80 °C";
  followRead({ commands, heat }, [
    { at: 0, say: "on", does: ["start a", "start b"] },
    { at: 10 * S, machine: { CPU: 95, disk: 40 } },
    {
      at: 20 * S,
      machine: { CPU: 95, disk: 40 },
      does: ["signal b polite", "signal a polite"],
      verdicts: ["stopping", "stopping"],
      says: says(95),
    },
    {
      at: 30 * S,
      machine: { CPU: 80, disk: 40 },
      verdicts: ["too_hot", "too_hot"],
      says: says(80),
    },
    {
      at: 40 * S,
      machine: { CPU: 79, disk: 40 },
      does: ["start a", "start b"],
      says: "OK",
    },
  ]);
});

Deno.test("decide() lets nothing begin on a machine that is too hot, and says so only if heat is wanted", () => {
  followRead({}, [
    { at: 0, say: "off", machine: { CPU: 95 } },
    { at: 10 * S, machine: { CPU: 95 }, verdicts: ["idle"], says: "OK" },
    { at: 20 * S, say: "on", verdicts: ["too_hot"] },
    // After a start of the controller one reading decides nothing yet.
  ]);
  followRead({}, [
    { at: 0, machine: { CPU: 95 }, say: "on", does: START },
    { at: 10 * S, machine: { CPU: 95 }, does: STOP },
  ]);
});

Deno.test("decide() holds all once a sensor of the machine fell silent while it heated, until it tells again", () => {
  const says = (span: string) =>
    `All is held: the sensor "CPU" tells nothing for ${span}, ` +
    "which counts as too hot";
  followRead({}, [
    { at: 0, say: "on", machine: { CPU: 60 }, does: START },
    { at: 50 * S, machine: { disk: 40 }, verdicts: ["running"] },
    { at: MIN - 1, machine: { disk: 40 }, verdicts: ["running"] },
    { at: MIN, does: STOP, says: says("60 s") },
    { at: 2 * HOUR, verdicts: ["too_hot"], says: says("2 h") },
    { at: 2 * HOUR + 1, machine: { CPU: 50, disk: 40 }, does: START },
  ]);
});

Deno.test("decide() lets sensors of the machine sleep at rest", () => {
  followRead({}, [
    { at: 0, say: "off", machine: { GPU: 30 } },
    { at: 5 * MIN, verdicts: ["idle"], says: "OK" },
    // Silence counts from the start of the run on.
    { at: HOUR, say: "on", does: START },
    { at: HOUR + MIN - 1, verdicts: ["running"] },
    { at: HOUR + MIN, does: STOP, verdicts: ["stopping"] },
    { at: HOUR + MIN + 1, verdicts: ["too_hot"] },
  ]);
});

Deno.test("decide() gives a hot sensor that sleeps at rest the time to cool down", () => {
  followRead({}, [
    { at: 0, say: "on", does: START },
    { at: 10 * S, machine: { GPU: 95 } },
    { at: 20 * S, machine: { GPU: 95 }, does: STOP },
    {
      at: 80 * S - 1,
      verdicts: ["too_hot"],
      says: 'All is held: "GPU" has 95 °C, more than 90 °C is too hot; ' +
        "goes on below 80 °C",
    },
    {
      at: 80 * S,
      verdicts: ["too_hot"],
      says: 'All is held: "GPU" had 95 °C, more than 90 °C is too hot; ' +
        "rests until 12:09",
    },
    { at: 20 * S + 10 * MIN - 1, verdicts: ["too_hot"] },
    { at: 20 * S + 10 * MIN, does: START },
    { at: 21 * S + 10 * MIN, verdicts: ["running"], says: "OK" },
    // Its next readings count as ever.
    { at: 11 * MIN, machine: { GPU: 85 }, does: STOP },
  ]);
});

Deno.test("decide() puts the thermal guard before quiet hours, and both before the demand", () => {
  const quietHours = [{ days: [3], fromMinute: 720, toMinute: 780 }];
  followRead({ commands: [{ quietHours }] }, [
    { at: 0, say: "on", local: "Wed 11:59", does: START },
    { at: 10 * S, local: "Wed 11:59:10", ...reads(95) },
    { at: 20 * S, local: "Wed 11:59:20", ...reads(95), does: STOP },
    { at: MIN, local: "Wed 12:00", verdicts: ["quiet_hours"] },
    { at: 2 * MIN, local: "Wed 13:00", verdicts: ["too_hot"] },
  ]);
});
