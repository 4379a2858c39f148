/** Makes a failing script short: what is left is what matters. */

import type { Outcome, Scenario, Violation, WorldEvent } from "./script.ts";

/** So many scripts are tried at most. */
const TRIES_MAX = 1_500;
/** No try begins after so long. */
const SHRINK_MS_MAX = 20_000;
/** Some rules look a little ahead. */
const AHEAD_MS = 120_000;

export type Play = (scenario: Scenario) => Promise<Outcome>;

/** The shortest script found that breaks the same rule. */
export async function shrink(
  scenario: Scenario,
  violation: Violation,
  play: Play,
): Promise<Scenario> {
  return await new Shrinker(violation.rule, play).run({
    ...scenario,
    events: scenario.events.filter(({ at }) => at <= violation.at),
    untilMs: Math.min(scenario.untilMs, violation.at + AHEAD_MS),
  });
}

class Shrinker {
  readonly #rule: string;
  readonly #play: Play;
  readonly #startedAt = performance.now();
  #tries = 0;

  constructor(rule: string, play: Play) {
    this.#rule = rule;
    this.#play = play;
  }

  async run(scenario: Scenario): Promise<Scenario> {
    let best = scenario;
    best = await this.#tail(best);
    best = await this.#fewer(best);
    best = await this.#simplerSetup(best);
    best = await this.#simplerPrograms(best);
    best = await this.#fewer(best);
    return await this.#fromZero(best);
  }

  async #fails(scenario: Scenario): Promise<boolean> {
    const spentMs = performance.now() - this.#startedAt;
    if (this.#tries >= TRIES_MAX || spentMs > SHRINK_MS_MAX) return false;
    this.#tries += 1;
    return (await this.#play(scenario)).violation?.rule === this.#rule;
  }

  /** Mostly the last few events are enough. */
  async #tail(scenario: Scenario): Promise<Scenario> {
    const { events } = scenario;
    for (let count = 8; count < events.length; count *= 3) {
      const short = { ...scenario, events: events.slice(-count) };
      if (await this.#fails(short)) return short;
    }
    return scenario;
  }

  /** Delta debugging: leaves out ever smaller pieces, as long as it still fails. */
  async #fewer(scenario: Scenario): Promise<Scenario> {
    let best = scenario;
    let size = Math.ceil(best.events.length / 2);
    while (size >= 1) {
      for (let from = 0; from < best.events.length;) {
        const events = best.events.toSpliced(from, size);
        const short = { ...best, events };
        if (await this.#fails(short)) best = short;
        else from += size;
      }
      size = size === 1 ? 0 : Math.ceil(size / 2);
    }
    return best;
  }

  async #simplerSetup(scenario: Scenario): Promise<Scenario> {
    let best = scenario;
    const attempt = async (setup: Scenario["setup"]) => {
      const short = { ...best, setup };
      if (await this.#fails(short)) best = short;
    };
    for (const [key, plain] of Object.entries(PLAIN_HEAT)) {
      const heat = { ...best.setup.heat, [key]: plain };
      await attempt({ ...best.setup, heat });
    }
    for (const { name } of scenario.setup.commands) {
      const commands = best.setup.commands.filter((one) => one.name !== name);
      const isUsed = best.events.some((event) =>
        "command" in event && event.command === name
      );
      if (commands.length > 0 && !isUsed) {
        await attempt({ ...best.setup, commands });
      }
    }
    const awake = best.setup.commands.map((one) => ({
      ...one,
      quietHours: [],
    }));
    await attempt({ ...best.setup, commands: awake });
    return best;
  }

  /** Takes away one bad habit of a program after the other. */
  async #simplerPrograms(scenario: Scenario): Promise<Scenario> {
    let best = scenario;
    for (const [index, event] of scenario.events.entries()) {
      if (event.kind !== "program") continue;
      for (const key of Object.keys(event.behaves)) {
        const now = best.events[index];
        if (now?.kind !== "program") continue;
        const behaves = Object.fromEntries(
          Object.entries(now.behaves).filter(([habit]) => habit !== key),
        );
        const events = best.events.with(index, { ...now, behaves });
        if (await this.#fails({ ...best, events })) best = { ...best, events };
      }
    }
    return best;
  }

  /** Begins a second before the first event, at 0. */
  async #fromZero(scenario: Scenario): Promise<Scenario> {
    const first = scenario.events[0]?.at ?? scenario.fromMs;
    const earlierMs = first - 1_000;
    const shifted = (event: WorldEvent): WorldEvent => {
      return { ...event, at: event.at - earlierMs };
    };
    const short: Scenario = {
      setup: {
        ...scenario.setup,
        localMs: scenario.setup.localMs + earlierMs - scenario.fromMs,
      },
      events: scenario.events.map(shifted),
      fromMs: 0,
      untilMs: scenario.untilMs - earlierMs,
    };
    return await this.#fails(short) ? short : scenario;
  }
}

const PLAIN_HEAT: Scenario["setup"]["heat"] = {
  brokerLostAfterMs: Infinity,
  thermostatOfflineAfterMs: Infinity,
  silentAfterMs: Infinity,
  maxOnMs: Infinity,
  minOnMs: 0,
  minOffMs: 0,
  staggerMs: 0,
  crashGraceMs: 60_000,
  modulationPeriodMs: 1_800_000,
};
