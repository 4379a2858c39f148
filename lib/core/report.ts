/** What to publish: the actual state, never the wish. Pure. */

import { isAlive, isInGrace } from "./guard.ts";
import { type Picture, problemReason, statusMessage } from "./message.ts";
import type { Topics } from "./topics.ts";
import type { CommandFacts, Decision, Observed, Verdict } from "./types.ts";
import { numberPayloads, numbersOf, plain } from "./telemetry_report.ts";
import { exitInWords } from "./words.ts";

/** What `<base>/command/<name>/state` can say. */
export const COMMAND_STATES = [
  "stopped",
  "starting",
  "running",
  "stopping",
  "held",
  "restarting",
  "failed",
] as const;

/** One of them. */
export type CommandState = typeof COMMAND_STATES[number];

export interface ReportOptions extends Omit<Picture, "commandTopic"> {
  readonly topics: Topics;
}

/** The latest payload of each topic. */
export function report(options: ReportOptions): ReadonlyMap<string, string> {
  const { topics, observed, decision } = options;
  const picture: Picture = { ...options, commandTopic: topics.command };
  const payloads = new Map<string, string>();
  const engaged = isEngaged(options);
  payloads.set(topics.status, engaged ? "ON" : "OFF");
  payloads.set(topics.statusmsg, statusMessage(picture));
  payloads.set(topics.level, plain(levelOf(options.desired)));
  const reason = problemReason(picture);
  payloads.set(
    topics.problem,
    JSON.stringify({
      problem: reason === undefined ? "OFF" : "ON",
      reason: reason ?? null,
    }),
  );
  const { commands } = options.desired.limits;
  const numbers = numbersOf(observed, commands, options.now);
  for (const [index, facts] of observed.commands.entries()) {
    const verdict = decision.verdicts[index];
    if (verdict === undefined) continue;
    const topic = `${topics.commandBase}/${facts.name}`;
    payloads.set(`${topic}/state`, stateOf(verdict, facts));
    const everything = {
      ...everythingOf(verdict, facts),
      ...numbers.commands[index],
    };
    payloads.set(topic, JSON.stringify(everything));
  }
  const names = observed.commands.map(({ name }) => name);
  for (const [topic, payload] of numberPayloads(numbers, { topics, names })) {
    payloads.set(topic, payload);
  }
  payloads.set(
    topics.telemetry,
    JSON.stringify({
      ...numbers.total,
      heating_since: heatingSince(observed.commands),
      effective_percent: effectivePercent(decision),
      on_percent: options.desired.onLevel,
    }),
  );
  return payloads;
}

/**
 * Is the heater engaged? True while any process may live. After a crash it stays
 * true for the configured grace if a restart is due within it: a switch that
 * flaps resets the thermostat's clocks.
 */
export function isEngaged(
  options: Pick<ReportOptions, "desired" | "observed" | "decision">,
): boolean {
  const { desired, observed, decision } = options;
  return observed.commands.some((facts, index) => {
    const verdict = decision.verdicts[index];
    return isAlive(facts) ||
      verdict !== undefined && isInGrace(facts, verdict, desired.limits.heat);
  });
}

/** The plain truth about one command, without grace. */
export function stateOf(verdict: Verdict, facts: CommandFacts): CommandState {
  switch (verdict.kind) {
    case "idle":
    case "stage":
      return "stopped";
    case "running":
    case "min_on":
      return isAlive(facts) ? "running" : "starting";
    case "stagger":
      return "starting";
    case "min_off":
    case "quiet_hours":
    case "too_hot":
      return "held";
    case "backoff":
      return "restarting";
    case "lockout":
      return "failed";
    case "stopping":
    case "stuck":
      return "stopping";
  }
}

/** Everything known of one command, apart: wanted, actual (state), proven (running). */
function everythingOf(
  verdict: Verdict,
  facts: CommandFacts,
): Readonly<Record<string, unknown>> {
  return {
    state: stateOf(verdict, facts),
    running: isAlive(facts) ? "ON" : "OFF",
    wanted: verdict.wanted ? "ON" : "OFF",
    verdict: verdict.kind,
    pid: isAlive(facts) ? facts.pid ?? null : null,
    failures: facts.failures,
    restarts: facts.restarts,
    last_exit: facts.exit === undefined ? null : exitInWords(facts.exit),
    last_line: facts.endedByItself ? facts.lastLines.at(-1) ?? null : null,
  };
}

/** Is there nothing left to do for a controller that ends? */
export function isOver(observed: Observed, decision: Decision): boolean {
  return decision.cause === "ending" && !observed.commands.some(isAlive);
}

/** Since when what runs longest runs; ISO 8601. */
function heatingSince(commands: readonly CommandFacts[]): string | null {
  // Texts of this form are in the order of their moments.
  const since = commands.filter(isAlive)
    .flatMap(({ startedOn }) => startedOn ?? []).sort();
  return since[0] ?? null;
}

/** The level as it was asked for: 0 while no word counts. */
function levelOf({ word }: Picture["desired"]): number {
  return word?.demand === "on" ? word.level ?? 100 : 0;
}

/** What is delivered of full heat, on average. */
function effectivePercent({ level }: Decision): number {
  return level === undefined ? 0 : Math.round(100 * level.average);
}
