/**
 * `deno task simulate --years N --seed S [--whole]`: long runs. Prints the seed
 * first and the speed at the end; a failure comes with a short script.
 * `--home-assistant` plays weeks of the whole controller with a model of it.
 */

import { parseArgs } from "@std/cli/parse-args";
import { playWeeks } from "../home_assistant/weeks.ts";
import { EPISODE_DAYS, type Layer, playEpisodes } from "./episodes.ts";
import { freshSeed } from "./random.ts";

/** So many episodes are played between two lines of progress. */
const EPISODES_A_LINE = 50;

const USAGE =
  "deno task simulate [--years N | --episodes N] [--seed S] [--whole | --home-assistant]";

async function simulate(): Promise<number> {
  const args = parseArgs(Deno.args, {
    string: ["years", "episodes", "seed"],
    boolean: ["whole", "home-assistant"],
  });
  const layer: Layer = args["whole"] === true ? "whole" : "core";
  const days = EPISODE_DAYS[layer];
  const years = Number(args["years"] ?? (layer === "core" ? 10 : 1));
  const count = Number(args["episodes"] ?? Math.ceil(years * 365 / days));
  const seed = Number(args["seed"] ?? freshSeed());
  if (!Number.isInteger(seed) || !(count >= 1)) {
    say(`Cannot read ${JSON.stringify(Deno.args)}; say ${USAGE}`);
    return 2;
  }
  if (args["home-assistant"] === true) {
    return await weeksOf(seed, Number(args["episodes"] ?? 20));
  }
  say(`Seed ${seed}: ${count} episodes of ${days} days, layer ${layer}`);
  const startedAt = performance.now();
  const sum = { days: 0, steps: 0, starts: 0 };
  for (let done = 0; done < count; done += EPISODES_A_LINE) {
    const batch = Math.min(EPISODES_A_LINE, count - done);
    try {
      const tally = await playEpisodes(layer, {
        seed: seed + done,
        count: batch,
      });
      sum.days += tally.days;
      sum.steps += tally.steps;
      sum.starts += tally.starts;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      return 1;
    }
    say(`${done + batch} of ${count}: ${speed(sum, startedAt)}`);
  }
  return 0;
}

/** A week from each seed, with the old and the new rules in turns. */
async function weeksOf(seed: number, count: number): Promise<number> {
  for (let week = 0; week < count; week += 1) {
    const generation = week % 2 === 0 ? "old" : "new";
    const own = seed + week;
    const report = await playWeeks({ seed: own, weeks: 1, generation });
    const { violations, ...told } = report;
    say(`Seed ${own} (${generation}): ${JSON.stringify(told)}`);
    if (violations.length === 0) continue;
    say(violations.join("\n"));
    return 1;
  }
  return 0;
}

function speed(
  sum: { readonly days: number; readonly steps: number; starts: number },
  startedAt: number,
): string {
  const seconds = (performance.now() - startedAt) / 1000;
  const years = sum.days / 365;
  return `${
    years.toFixed(1)
  } years, ${sum.steps} steps, ${sum.starts} starts ` +
    `in ${seconds.toFixed(1)} s: ${(seconds / years).toFixed(2)} s a year`;
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}

Deno.exit(await simulate());
