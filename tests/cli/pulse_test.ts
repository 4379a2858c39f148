import { assertEquals } from "@std/assert";
import { Pulse } from "../../lib/cli/pulse.ts";

/** Each look: at this second the loop had turned so often; is it alive? */
const cases: Readonly<Record<string, readonly [number, number, boolean][]>> = {
  "a loop that turns": [[4, 1, true], [8, 2, true], [12, 3, true]],
  "a loop that has never turned": [
    ...[4, 8, 12, 16, 19].map((at) =>
      [at, 0, true] as [number, number, boolean]
    ),
    [20, 0, false],
  ],
  "a loop that hangs after a while": [
    [4, 7, true],
    [8, 7, true],
    [12, 7, true],
    [16, 7, true],
    [20, 7, true],
    [23, 7, true],
    [24, 7, false],
  ],
  "a process that was stopped, and a loop that hangs only then": [
    [4, 7, true],
    [3_600, 7, true],
    [3_605, 7, true],
    [3_610, 7, true],
    [3_615, 7, true],
    [3_620, 7, false],
  ],
};

for (const [what, looks] of Object.entries(cases)) {
  Deno.test(`Pulse.lives() judges ${what} by the time in which it was looked at`, () => {
    const pulse = new Pulse({ limitMs: 20_000, now: 0 });
    const told = looks.map(([at, turns]) => pulse.lives(turns, at * 1_000));
    assertEquals(told, looks.map(([, , lives]) => lives));
  });
}
