import { assert, assertEquals } from "@std/assert";
import { failureText, literal } from "./failure_text.ts";
import { generate } from "./generate.ts";
import { type Outcome, type Scenario, Violation } from "./script.ts";
import { shrink } from "./shrink.ts";

/** A world that breaks if two kinds of events happen in this order. */
function playPair({ events, untilMs }: Scenario): Promise<Outcome> {
  const kills = events.findIndex(({ kind }) => kind === "crash");
  const later = events.slice(kills + 1);
  const cut = later.find(({ kind }) => kind === "broker");
  const breaks = kills >= 0 && cut !== undefined && cut.at < untilMs;
  return Promise.resolve({
    violation: breaks ? new Violation("pair", cut.at, "broke") : undefined,
    lines: ["something happened"],
    steps: 1,
    starts: 0,
  });
}

Deno.test("shrink() leaves only the events that matter", async () => {
  const scenario = generate(3, 30);
  const outcome = await playPair(scenario);
  const { violation } = outcome;
  assert(violation !== undefined && scenario.events.length > 100);
  const short = await shrink(scenario, violation, playPair);
  assertEquals(short.events.map(({ kind }) => kind), ["crash", "broker"]);
  assertEquals(short.fromMs, 0);
  assertEquals(short.setup.commands.length, 1);
  const text = failureText({ layer: "core", seed: 3, outcome, short });
  assert(text.includes("seed 3") && text.includes("something happened"), text);
  assert(text.includes("2 events are enough"), text);
});

Deno.test("literal() writes what JSON cannot", () => {
  const value = { a: Infinity, b: [{ c: 'x"y' }], d: undefined, e: [] };
  assertEquals(
    literal(value),
    '{ a: Infinity, b: [\n{ c: "x\\"y" },\n], e: [] }',
  );
});
