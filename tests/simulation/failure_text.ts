/** What a broken rule looks like to whoever has to mend it. */

import type { Outcome, Scenario } from "./script.ts";

export interface Failure {
  readonly layer: "core" | "whole";
  readonly seed: number;
  readonly outcome: Outcome;
  /** The short script that still fails. */
  readonly short: Scenario;
}

/** The seed, what broke and when, what happened before, and a script for regressions_test.ts. */
export function failureText(failure: Failure): string {
  const { layer, seed, outcome, short } = failure;
  const whole = layer === "whole" ? " --whole" : "";
  const { violation, lines } = outcome;
  return [
    `Simulation failed with seed ${seed}; again with: ` +
    `deno task simulate --episodes 1 --seed ${seed}${whole}`,
    `${violation?.message}`,
    "",
    "What happened before:",
    ...lines,
    "",
    `${short.events.length} events are enough; for regressions_test.ts:`,
    `{`,
    `  name: ${JSON.stringify(violation?.rule)},`,
    `  layer: ${JSON.stringify(layer)},`,
    `  scenario: ${literal(short)},`,
    `},`,
  ].join("\n");
}

/** A value as TypeScript; JSON knows no Infinity. */
export function literal(value: unknown): string {
  if (typeof value === "number" || value === undefined) return `${value}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => `\n${literal(item)},`);
    return items.length === 0 ? "[]" : `[${items.join("")}\n]`;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  const shown = entries.map(([key, one]) => `${key}: ${literal(one)}`);
  return `{ ${shown.join(", ")} }`;
}
