import { assertEquals } from "@std/assert";
import { UserPatterns } from "../../lib/telemetry/user_patterns.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { withLogged } from "../fakes/logged.ts";

/** A clock on which each look at the time takes so long. */
class SlowClock extends FakeClock {
  stepMs = 0;
  #ms = 0;

  override now(): number {
    this.#ms += this.stepMs;
    return this.#ms;
  }
}

const SOURCES = ["rate (?<hashrate>\\d+)", "(?<accepted>\\d+) good"];

function logged(test: () => void): Promise<string[]> {
  return withLogged(
    ({ level, properties }) =>
      `${level} ${properties["command"]} ${properties["pattern"]}`,
    test,
  );
}

Deno.test("UserPatterns leaves a pattern out that stays slow, and says so once", async () => {
  const lines = await logged(() => {
    const clock = new SlowClock();
    const patterns = new UserPatterns({ name: "rig", clock, sources: SOURCES });
    clock.stepMs = 201;
    const found = [1, 2, 3, 4].map(() => patterns.find("rate 5"));
    assertEquals(found.map((one) => one?.hashrateHs), [5, 5, 5, undefined]);
    clock.stepMs = 0;
    assertEquals(patterns.find("rate 5"), undefined);
    assertEquals(patterns.find("5 good"), { accepted: 5 });
  });
  assertEquals(lines, ["warning rig rate (?<hashrate>\\d+)"]);
});

Deno.test("UserPatterns forgives delays that are the machine's, however often and long they are", async () => {
  const lines = await logged(() => {
    const clock = new SlowClock();
    const patterns = new UserPatterns({ name: "rig", clock, sources: SOURCES });
    for (let round = 0; round < 1_000; round += 1) {
      // It was stopped and went on, or something else took the processor.
      clock.stepMs = round === 500 ? 3_600_000 : round % 10 === 0 ? 120 : 1;
      assertEquals(patterns.find("rate 5 good"), { hashrateHs: 5 });
    }
  });
  assertEquals(lines, []);
});

Deno.test("UserPatterns looks at the beginning of a long line alone", () => {
  const clock = new FakeClock();
  const patterns = new UserPatterns({ name: "rig", clock, sources: SOURCES });
  assertEquals(patterns.find(`${" ".repeat(249)}rate 5`), { hashrateHs: 5 });
  assertEquals(patterns.find(`${" ".repeat(256)}rate 5`), undefined);
});

Deno.test("UserPatterns takes H/s where no unit is told, and none that it does not know", () => {
  const clock = new FakeClock();
  const sources = ["(?<hashrate>[\\d.]+) ?(?<unit>\\S*)$"];
  const patterns = new UserPatterns({ name: "rig", clock, sources });
  const table: [string, number | undefined][] = [
    ["5", 5],
    ["5 kH/s", 5_000],
    ["5M", 5_000_000],
    ["5 Sol/s", 5],
    ["5 W", undefined],
  ];
  for (const [line, hashrateHs] of table) {
    assertEquals(patterns.find(line)?.hashrateHs, hashrateHs, line);
  }
});
