import { assert, assertEquals } from "@std/assert";
import { DEMO_COMMANDS } from "../../lib/demo/demo_config.ts";
import { TIME_LAPSE } from "../../lib/demo/household.ts";
import { OFFICE, readingOf, temperatureAfter } from "../../lib/demo/room.ts";
import { Thermostat } from "../../lib/demo/thermostat.ts";

const HOUR_MS = 3_600_000;

Deno.test("temperatureAfter() does not depend on the length of a step", () => {
  const heatW = 1_200;
  const atOnce = temperatureAfter(OFFICE, { fromC: 20, heatW, ms: HOUR_MS });
  let stepped = 20;
  for (let count = 0; count < 3_600; count++) {
    stepped = temperatureAfter(OFFICE, { fromC: stepped, heatW, ms: 1_000 });
  }
  assert(Math.abs(atOnce - stepped) < 1e-9, `${atOnce} and ${stepped}`);
});

Deno.test("temperatureAfter() ends outside without heat, and where loss equals heat with it", () => {
  const ms = 1_000 * HOUR_MS;
  const cold = temperatureAfter(OFFICE, { fromC: 20, heatW: 0, ms });
  assertEquals(readingOf(cold), OFFICE.outsideC);
  const warm = temperatureAfter(OFFICE, { fromC: 20, heatW: 560, ms });
  assertEquals(readingOf(warm), OFFICE.outsideC + 560 / OFFICE.lossWPerK);
});

Deno.test("temperatureAfter() warms as energy says: joules over heat capacity", () => {
  const room = { joulesPerK: 1_000_000, lossWPerK: 1e-9, outsideC: 0 };
  const after = temperatureAfter(room, { fromC: 20, heatW: 1_000, ms: 1e6 });
  assertEquals(readingOf(after), 21);
});

Deno.test("The office goes on at once, off within 12 seconds, on again within 25", () => {
  const heatW = DEMO_COMMANDS.reduce((sum, { watts }) => sum + watts, 0);
  const thermostat = new Thermostat({ targetC: 21, now: 0 });
  const said: [word: string, realS: number][] = [];
  let temperatureC = 20.5;
  let isOn = false;
  thermostat.switched("off", 0);
  for (let realMs = 0; realMs <= 25_000; realMs += 100) {
    const now = realMs * TIME_LAPSE;
    const one = thermostat.sensed(readingOf(temperatureC), now);
    if (one !== undefined) {
      isOn = one.word === "ON";
      thermostat.switched(isOn ? "on" : "off", now);
      said.push([one.word, realMs / 1_000]);
    }
    temperatureC = temperatureAfter(OFFICE, {
      fromC: temperatureC,
      heatW: isOn ? heatW : 0,
      ms: 100 * TIME_LAPSE,
    });
  }
  assertEquals(said.map(([word]) => word).slice(0, 3), ["ON", "OFF", "ON"]);
  const [on = 99, off = 99, again = 99] = said.map(([, realS]) => realS);
  assertEquals(on, 0);
  // The second stage joins a second later, and a start takes its time.
  assert(off < 10.5, `off after ${off} s`);
  assert(again < 22, `on again after ${again} s`);
});
