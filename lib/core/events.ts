/** What happened between two looks, for whoever wants to be told once. Pure. */

import { hasFailed } from "./guard.ts";
import type { CommandFacts, Decision, Observed, VerdictKind } from "./types.ts";
import { exitInWords } from "./words.ts";

/** What an event can be. */
export const EVENT_TYPES = [
  "heat_on",
  "heat_off",
  "miner_started",
  "miner_crashed",
  "miner_gave_up",
  "command_rejected",
  "overheat",
  "safety_stop",
] as const;

/** One event, as it is published. */
export interface Incident {
  readonly "event_type": typeof EVENT_TYPES[number];
  readonly [key: string]: string | number | null;
}

/** What one look showed. */
export interface Seen {
  /** As `status` says it. */
  readonly isEngaged: boolean;
  readonly observed: Pick<Observed, "commands">;
  readonly decision: Pick<Decision, "cause" | "verdicts">;
  readonly notice: string | undefined;
  /** So many were given so far. */
  readonly notices?: number | undefined;
}

/** In the order in which they are understood: heat first, then its commands. */
export function eventsOf(before: Seen, after: Seen): Incident[] {
  const events: Incident[] = [];
  if (after.isEngaged !== before.isEngaged) {
    events.push({ event_type: after.isEngaged ? "heat_on" : "heat_off" });
  }
  const { cause } = after.decision;
  if (cause === "forgotten" && before.decision.cause !== "forgotten") {
    events.push({ event_type: "safety_stop" });
  }
  const isNews = after.notice !== before.notice ||
    after.notices !== before.notices;
  if (after.notice !== undefined && isNews) {
    events.push({ event_type: "command_rejected", reason: after.notice });
  }
  for (const [index, facts] of after.observed.commands.entries()) {
    const was = before.observed.commands[index];
    if (was === undefined) continue;
    events.push(...ofRun(was, facts));
    const is = (kind: VerdictKind) =>
      after.decision.verdicts[index]?.kind === kind &&
      before.decision.verdicts[index]?.kind !== kind;
    const { name: command, failures } = facts;
    if (is("lockout")) {
      events.push({ event_type: "miner_gave_up", command, failures });
    }
    if (is("too_hot")) events.push({ event_type: "overheat", command });
  }
  return events;
}

function ofRun(was: CommandFacts, facts: CommandFacts): Incident[] {
  // What an earlier controller left was not started now.
  if (facts.leftover > 0) return [];
  const { name: command } = facts;
  const events: Incident[] = [];
  const isNew = facts.startedAt !== was.startedAt;
  if (isNew && facts.pid !== undefined) {
    events.push({ event_type: "miner_started", command, pid: facts.pid });
  }
  const hasEnded = facts.exitedAt !== undefined &&
    (isNew || was.exitedAt === undefined);
  if (hasEnded && hasFailed(facts)) {
    events.push({
      event_type: "miner_crashed",
      command,
      exit: facts.exit === undefined ? null : exitInWords(facts.exit),
      watchdog: facts.bark?.kind ?? null,
    });
  }
  return events;
}
