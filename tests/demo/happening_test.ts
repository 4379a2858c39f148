import { assertEquals } from "@std/assert";
import { type Happening, HEADING, lineOf } from "../../lib/demo/happening.ts";

const MOMENT = { atMs: 61 * 60_000, temperatureC: 21.34, heatW: 1_200 };
const TOLERATED = { lowestC: 20.7, highestC: 21.3 };

function line(happening: Happening, colour = false): string {
  return lineOf(MOMENT, happening, { tolerated: TOLERATED, colour });
}

Deno.test("lineOf() puts time, temperature, heat, who and what below the heading", () => {
  assertEquals(HEADING, "time    room   heat  who        says");
  assertEquals(
    line({ who: "thermostat", word: "OFF", why: "too_hot" }),
    "07:01 21.3 C 1200 W  thermostat OFF  too warm: above 21.3 C",
  );
  assertEquals(
    line({ who: "somebody", word: "OFF" }),
    "07:01 21.3 C 1200 W  somebody   OFF  by hand",
  );
  const states = "cpu running (4711)";
  assertEquals(
    line({ who: "rig", word: "ON", states, message: "OK" }),
    "07:01 21.3 C 1200 W  rig        ON   cpu running (4711)",
  );
});

Deno.test("lineOf() colours whole lines, and only when it is asked to", () => {
  const plain = line({ who: "thermostat", word: "ON", why: "too_cold" });
  const coloured = line(
    { who: "thermostat", word: "ON", why: "too_cold" },
    true,
  );
  assertEquals(coloured, `\u001b[33m${plain}\u001b[0m`);
  // What anybody may publish chooses no colour.
  const strange = line({ who: "somebody", word: '"toString"' }, true);
  assertEquals(strange.includes("\u001b"), false);
});
