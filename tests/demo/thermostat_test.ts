import { assertEquals, assertThrows } from "@std/assert";
import {
  type SwitchState,
  Thermostat,
  type ThermostatOptions,
  type Utterance,
} from "../../lib/demo/thermostat.ts";

/** One moment: something happens, something is said. */
interface Moment {
  /** Minutes after the beginning. */
  readonly at: number;
  readonly sensor?: number | "gone";
  readonly heater?: SwitchState;
  readonly target?: number;
  readonly mode?: "heat" | "off";
  /** `ON too_cold`; nothing if left out. */
  readonly says?: string;
}

const MINUTE_MS = 60_000;

/** Plays the moments; whoever listens to nothing but the moments named hears the rest as well. */
function play(
  options: Omit<ThermostatOptions, "now" | "targetC">,
  moments: readonly Moment[],
): void {
  const thermostat = new Thermostat({ targetC: 21, now: 0, ...options });
  const heard: Moment[] = [];
  const expected: Moment[] = [];
  for (const moment of moments) {
    const now = moment.at * MINUTE_MS;
    const { sensor, heater, target, mode } = moment;
    const said: (Utterance | undefined)[] = [...thermostat.tick(now)];
    if (heater !== undefined) said.push(thermostat.switched(heater, now));
    if (sensor !== undefined) {
      const reading = sensor === "gone" ? undefined : sensor;
      said.push(thermostat.sensed(reading, now));
    }
    if (target !== undefined) said.push(thermostat.setTarget(target, now));
    if (mode !== undefined) said.push(thermostat.setMode(mode, now));
    const says = said.flatMap((one) =>
      one === undefined ? [] : `${one.word} ${one.why}`
    ).join(", ");
    heard.push({ at: moment.at, says });
    expected.push({ at: moment.at, says: moment.says ?? "" });
  }
  assertEquals(heard, expected);
}

Deno.test("Thermostat speaks beyond the tolerances, not at them", () => {
  play({ coldToleranceC: 0.5, hotToleranceC: 0.25 }, [
    { at: 0, heater: "off" },
    { at: 1, sensor: 20.5 },
    { at: 2, sensor: 20.49, says: "ON too_cold" },
    { at: 3, heater: "on" },
    { at: 4, sensor: 20.6 },
    { at: 5, sensor: 21.25 },
    { at: 6, sensor: 21.26, says: "OFF too_hot" },
    { at: 7, heater: "off" },
    { at: 8, sensor: 21.3 },
  ]);
});

Deno.test("Thermostat repeats ON at each new reading until the switch is on, not at equal ones", () => {
  play({}, [
    { at: 0, heater: "off" },
    { at: 1, sensor: 20, says: "ON too_cold" },
    { at: 2, sensor: 20 },
    { at: 3, sensor: 19.9, says: "ON too_cold" },
    { at: 4, heater: "unknown" },
    { at: 5, sensor: 19.8, says: "ON too_cold" },
    { at: 6, heater: "on" },
    { at: 7, sensor: 19.7 },
  ]);
});

Deno.test("Thermostat does not say OFF to a switch that does not show on", () => {
  play({}, [
    { at: 0, heater: "off" },
    { at: 1, sensor: 20, says: "ON too_cold" },
    { at: 2, sensor: 22 },
    { at: 3, mode: "off" },
  ]);
});

Deno.test("Thermostat with keep_alive repeats what it sees, within the tolerances too", () => {
  play({ keepAliveMs: 3 * MINUTE_MS }, [
    { at: 0, heater: "off", sensor: 21 },
    { at: 2 },
    { at: 3, says: "OFF keep_alive" },
    { at: 4, sensor: 20, says: "ON too_cold" },
    { at: 5, heater: "on" },
    { at: 6, says: "ON keep_alive" },
    { at: 9, sensor: 22, says: "ON keep_alive, OFF too_hot" },
    // The switch still shows on: the next tick decides again.
    { at: 12, says: "OFF too_hot" },
    { at: 13, heater: "off" },
    { at: 15, says: "OFF keep_alive" },
    // What was missed is said once.
    { at: 30, says: "OFF keep_alive" },
    { at: 32 },
    { at: 33, says: "OFF keep_alive" },
  ]);
});

Deno.test("Thermostat says nothing to a switch that is unavailable or not there yet", () => {
  play({ keepAliveMs: 5 * MINUTE_MS }, [
    { at: 0, sensor: 20 },
    { at: 1, heater: "unavailable" },
    { at: 2, sensor: 19.9 },
    { at: 5 },
    { at: 6, heater: "off" },
    // Back again is no reason to speak; the next reading or tick is.
    { at: 7, sensor: 19.8, says: "ON too_cold" },
    { at: 8, heater: "unavailable" },
    { at: 9, sensor: 22 },
    { at: 10 },
    { at: 11, heater: "on" },
    { at: 15, says: "OFF too_hot" },
  ]);
});

Deno.test("Thermostat in mode off is silent, but for one OFF to a switch that shows on", () => {
  play({ keepAliveMs: 3 * MINUTE_MS }, [
    { at: 0, heater: "off", sensor: 20, says: "ON too_cold" },
    { at: 1, heater: "on" },
    { at: 2, mode: "off", says: "OFF mode_off" },
    { at: 3 },
    { at: 6, sensor: 15 },
    { at: 7, heater: "unavailable" },
    { at: 8, heater: "on" },
    { at: 9 },
    { at: 10, mode: "heat" },
    { at: 12, says: "ON keep_alive" },
  ]);
});

Deno.test("Thermostat that begins in mode off stops a switch that it finds on", () => {
  play({ mode: "off" }, [{ at: 0, heater: "on", says: "OFF mode_off" }]);
  // It looks only once: what is unavailable at first is missed.
  play({ mode: "off" }, [
    { at: 0, heater: "unavailable" },
    { at: 1, heater: "on" },
  ]);
});

Deno.test("Thermostat without a reading keeps the state, and keep_alive repeats ON without end", () => {
  play({ keepAliveMs: 10 * MINUTE_MS }, [
    { at: 0, heater: "on" },
    // No temperature was seen yet: nothing to go by.
    { at: 10 },
    { at: 11, sensor: 21 },
    { at: 12, sensor: "gone" },
    { at: 20, says: "ON keep_alive" },
    { at: 600, says: "ON keep_alive" },
    { at: 601, sensor: 22, says: "OFF too_hot" },
  ]);
});

Deno.test("Thermostat keeps the shortest run and rest, except for its user", () => {
  const minOnMs = 10 * MINUTE_MS;
  play({ minOnMs, minOffMs: 5 * MINUTE_MS }, [
    { at: 0, heater: "off", sensor: 20 },
    // The switch was first seen at 0, which counts as a change.
    { at: 4, sensor: 20.1 },
    { at: 6, sensor: 20.2, says: "ON too_cold" },
    { at: 6.05, heater: "on" },
    { at: 10, sensor: 22 },
    { at: 16, sensor: 22.1 },
    { at: 16.1, sensor: 22.2, says: "OFF too_hot" },
    { at: 16.15, heater: "off" },
    { at: 17, sensor: 20 },
    { at: 18, target: 23, says: "ON too_cold" },
    { at: 18.05, heater: "on" },
    { at: 19, target: 18, says: "OFF too_hot" },
  ]);
});

Deno.test("Thermostat looks again when the shortest run is over, later than needed", () => {
  const minOnMs = 10 * MINUTE_MS;
  play({ minOnMs }, [
    { at: 0, heater: "off", sensor: 20, says: "ON too_cold" },
    { at: 0.05, heater: "on" },
    { at: 4, sensor: 22 },
    { at: 10.1 },
    // 3.95 minutes had passed, and they are added to the ten.
    { at: 17.94 },
    { at: 17.95, says: "OFF too_hot" },
  ]);
  // A change by hand drops what was put off.
  play({ minOnMs }, [
    { at: 0, heater: "off", sensor: 20, says: "ON too_cold" },
    { at: 0.05, heater: "on" },
    { at: 4, sensor: 22 },
    { at: 5, heater: "unavailable" },
    { at: 6, heater: "on" },
    { at: 18 },
  ]);
});

Deno.test("Thermostat is never due in between if nothing is put off or repeated", () => {
  const quiet = new Thermostat({ targetC: 21, now: 0 });
  assertEquals(quiet.dueAt, Infinity);
  const loud = new Thermostat({ targetC: 21, now: 7, keepAliveMs: 100 });
  assertEquals(loud.dueAt, 107);
  loud.tick(250);
  assertEquals(loud.dueAt, 307);
});

Deno.test("Thermostat refuses to repeat itself all the time", () => {
  assertThrows(
    () => new Thermostat({ targetC: 21, now: 0, keepAliveMs: 0 }),
    RangeError,
    "must be above 0",
  );
});
