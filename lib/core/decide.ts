/** The only place that decides. Pure: the same facts give the same decision. */

import { type HeatVerdict, heatVerdict } from "./failsafe.ts";
import { heardChangesAt } from "./hearing.ts";
import { holdBack, isAlive } from "./guard.ts";
import { ladder } from "./ladder.ts";
import { quietForMs } from "./quiet_hours.ts";
import type { TelemetryFacts } from "./telemetry_types.ts";
import { telemetryWakeAt } from "./telemetry_wake.ts";
import { type Hot, hotCommand, hotMachine } from "./thermal.ts";
import type {
  Action,
  CommandFacts,
  CommandLimits,
  Decision,
  Desired,
  Observed,
  Verdict,
  VerdictKind,
} from "./types.ts";
import { watch } from "./watchdog.ts";

/** A lost event, a sleep of the machine, a clock that was set: noticed after so long. */
const LOOK_AGAIN_MS = 60_000;
/** The same while anything runs: then it may heat against the demand. */
const LOOK_AGAIN_RUNNING_MS = 10_000;

/** What to do now, why each command stands where it stands, and when to look again. */
export function decide(
  desired: Desired,
  observed: Observed,
  now: number,
): Decision {
  const heat = heatVerdict(desired, now);
  const { safety } = desired.limits;
  const machine = hotMachine(observed, safety, now);
  const steps: Step[] = [];
  let lastStartAt = latestStart(observed.commands);
  for (const [index, limits] of desired.limits.commands.entries()) {
    const facts = observed.commands[index];
    const told = observed.telemetry[index];
    if (facts?.name !== limits.name || told === undefined) {
      throw new Error(`No facts of command "${limits.name}" at its place`);
    }
    const hot = machine ?? hotCommand(facts, told, { safety, now });
    const scene = { desired, heat, limits, facts, told, hot, now, lastStartAt };
    const step = stepOf(scene, {
      quietMs: quietForMs(limits.quietHours, observed.local),
      nextMinuteAt: now + 60_000 - observed.local.msOfMinute,
    });
    if (step.actions.some((action) => action.kind === "start")) {
      lastStartAt = now;
    }
    steps.push(step);
  }
  const actions = order(steps);
  if (heat.forget !== undefined) {
    actions.unshift({ kind: "forget", why: heat.forget });
  }
  if (desired.shutdown === "asked" && !observed.commands.some(isAlive)) {
    actions.push({ kind: "power_off" });
  }
  const runs = observed.commands.some(isAlive);
  return {
    heat: heat.heat,
    cause: heat.cause,
    actions,
    verdicts: steps.map((step) => step.verdict),
    wakeAt: Math.min(
      now + (runs ? LOOK_AGAIN_RUNNING_MS : LOOK_AGAIN_MS),
      heat.wakeAt,
      heardChangesAt(desired, now),
      telemetryWakeAt(observed, desired.limits, now),
      ...steps.map((step) => step.wakeAt),
    ),
  };
}

interface Step {
  readonly verdict: Verdict;
  readonly actions: readonly Action[];
  readonly wakeAt: number;
}

interface Scene {
  readonly desired: Desired;
  readonly heat: HeatVerdict;
  readonly limits: CommandLimits;
  readonly facts: CommandFacts;
  readonly told: TelemetryFacts;
  /** What is too hot for this command to heat. */
  readonly hot: Hot | undefined;
  readonly now: number;
  /** When any command was started last. */
  readonly lastStartAt: number;
}

/** Quiet hours begin and end on a full minute of the local day. */
interface Quiet {
  readonly quietMs: number | undefined;
  readonly nextMinuteAt: number;
}

function stepOf(scene: Scene, quiet: Quiet): Step {
  const quietUntil = quiet.quietMs === undefined
    ? undefined
    : scene.now + quiet.quietMs;
  const step = isAlive(scene.facts)
    ? runningStep(scene, quietUntil)
    : restingStep(scene, quietUntil);
  if (scene.limits.quietHours.length === 0) return step;
  return { ...step, wakeAt: Math.min(step.wakeAt, quiet.nextMinuteAt) };
}

function runningStep(scene: Scene, quietUntil: number | undefined): Step {
  const { desired, heat, limits, facts, hot, now } = scene;
  const wanted = heat.heat && quietUntil === undefined && hot === undefined;
  const untouched = facts.exitedAt === undefined && facts.leftover === 0 &&
    facts.signalledAt === undefined && facts.kills === 0 &&
    facts.bark === undefined;
  if (untouched && wanted) return goOn(scene);
  const minOnUntil = (facts.startedAt ?? 0) + desired.limits.heat.minOnMs;
  const ordinary = hot === undefined && (heat.heat || heat.cause === "word");
  if (untouched && ordinary && minOnUntil > now) {
    return stay(scene, "min_on", minOnUntil);
  }
  const force = desired.ending === "force";
  const rung = ladder(facts, limits, { now, force });
  return {
    verdict: {
      command: facts.name,
      kind: rung.stuck ? "stuck" : "stopping",
      wanted: heat.heat,
      until: rung.killAt,
    },
    actions: rung.actions,
    wakeAt: rung.wakeAt,
  };
}

/** It runs and may: unless the watchdog has something against it. */
function goOn(scene: Scene): Step {
  const { facts, told, limits, now } = scene;
  const watched = watch(facts, told, { limits: limits.watchdog, now });
  const step = stay(scene, "running");
  const { bark } = watched;
  return {
    ...step,
    actions: bark === undefined
      ? []
      : [{ kind: "bark", command: facts.name, bark }],
    wakeAt: watched.wakeAt,
  };
}

function restingStep(scene: Scene, quietUntil: number | undefined): Step {
  const { desired, heat, limits, facts, hot, now } = scene;
  const hold = holdBack(facts, limits, { heat: desired.limits.heat, now });
  // A lockout is worth knowing even while nobody wants heat.
  if (hold?.kind === "lockout") return stay(scene, "lockout", hold.until);
  if (!heat.heat) return stay(scene, "idle");
  if (quietUntil !== undefined) return stay(scene, "quiet_hours", quietUntil);
  if (hot !== undefined) return stay(scene, "too_hot", hot.until);
  if (hold !== undefined) return stay(scene, hold.kind, hold.until);
  const turnAt = scene.lastStartAt + desired.limits.heat.staggerMs;
  if (turnAt > now) return stay(scene, "stagger", turnAt);
  const step = stay(scene, "running");
  return { ...step, actions: [{ kind: "start", command: facts.name }] };
}

function stay(scene: Scene, kind: VerdictKind, until?: number): Step {
  return {
    verdict: {
      command: scene.facts.name,
      kind,
      wanted: scene.heat.heat,
      until,
    },
    actions: [],
    wakeAt: until ?? Infinity,
  };
}

function latestStart(commands: readonly CommandFacts[]): number {
  // What was found at the start was not started now.
  const own = commands.filter((facts) => facts.leftover === 0);
  return Math.max(
    -Infinity,
    ...own.map((facts) => facts.startedAt ?? -Infinity),
  );
}

/** Starts in the order of the stages, all that stops in reverse. */
function order(steps: readonly Step[]): Action[] {
  const forward = steps.flatMap((step) => step.actions);
  const starts = forward.filter((action) => action.kind === "start");
  const reversed = steps.toReversed().flatMap((step) => step.actions);
  return [...reversed.filter((action) => action.kind !== "start"), ...starts];
}
