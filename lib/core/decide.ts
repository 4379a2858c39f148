/** The only place that decides. Pure: the same facts give the same decision. */

import { type HeatVerdict, heatVerdict } from "./failsafe.ts";
import { clearedChangesAt, heardChangesAt } from "./hearing.ts";
import { holdBack, isAlive } from "./guard.ts";
import { ladder } from "./ladder.ts";
import { quietForMs } from "./quiet_hours.ts";
import { type Stages, stagesOf } from "./staging.ts";
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
  const held = desired.limits.commands.map((limits, index): Held => {
    const facts = observed.commands[index];
    const told = observed.telemetry[index];
    if (facts?.name !== limits.name || told === undefined) {
      throw new Error(`No facts of command "${limits.name}" at its place`);
    }
    const hot = machine ?? hotCommand(facts, told, { safety, now });
    const quietMs = quietForMs(limits.quietHours, observed.local);
    return { limits, facts, told, hot, quietMs };
  });
  const level = heat.heat
    ? stagesWanted(desired, { held, before: observed.level, now })
    : undefined;
  const steps: Step[] = [];
  let lastStartAt = latestStart(observed.commands);
  for (const [index, { quietMs, ...own }] of held.entries()) {
    const isCalled = level?.wanted[index] === true;
    const scene = { desired, heat, ...own, isCalled, now, lastStartAt };
    const step = stepOf(scene, {
      quietMs,
      nextMinuteAt: now + 60_000 - observed.local.msOfMinute,
    });
    if (step.actions.some((action) => action.kind === "start")) {
      lastStartAt = now;
    }
    steps.push(step);
  }
  const actions = [...forgiveness(desired, observed), ...order(steps)];
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
    level: level?.facts,
    wakeAt: Math.min(
      now + (runs ? LOOK_AGAIN_RUNNING_MS : LOOK_AGAIN_MS),
      heat.wakeAt,
      level?.facts.switchAt ?? Infinity,
      heardChangesAt(desired, now),
      clearedChangesAt(observed.commands, now),
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

/** What is known of one command, and what keeps it from heating. */
interface Held {
  readonly limits: CommandLimits;
  readonly facts: CommandFacts;
  readonly told: TelemetryFacts;
  /** What is too hot for this command to heat. */
  readonly hot: Hot | undefined;
  /** How long its quiet hours last, in which it is. */
  readonly quietMs: number | undefined;
}

/** The level in stages; what something else holds is not counted on. */
function stagesWanted(
  desired: Desired,
  { held, before, now }: {
    readonly held: readonly Held[];
    readonly before: Observed["level"];
    readonly now: number;
  },
): Stages {
  const { heat } = desired.limits;
  const lastStartAt = latestStart(held.map(({ facts }) => facts));
  const stages = held.map(({ limits, facts, told, hot, quietMs }) => ({
    watts: limits.watts ?? told.ratedW,
    isAlive: isAlive(facts),
    isAvailable: hot === undefined && quietMs === undefined &&
      (isAlive(facts) ||
        holdBack(facts, limits, { heat, now, lastStartAt })?.kind !==
          "lockout"),
  }));
  return stagesOf(stages, before, {
    level: desired.word?.level ?? 100,
    periodMs: heat.modulationPeriodMs,
    minOnMs: heat.minOnMs,
    minOffMs: heat.minOffMs,
    now,
  });
}

interface Scene extends Omit<Held, "quietMs"> {
  readonly desired: Desired;
  readonly heat: HeatVerdict;
  /** The level calls for this stage. */
  readonly isCalled: boolean;
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
  const isOld = (facts.startedAt ?? 0) < (desired.restartAt ?? -Infinity);
  const wanted = heat.heat && scene.isCalled && quietUntil === undefined &&
    hot === undefined && !isOld;
  const untouched = facts.exitedAt === undefined && facts.leftover === 0 &&
    facts.signalledAt === undefined && facts.kills === 0 &&
    facts.bark === undefined;
  if (untouched && wanted) return goOn(scene);
  const minOnUntil = (facts.startedAt ?? 0) + desired.limits.heat.minOnMs;
  const ordinary = hot === undefined && !isOld &&
    (heat.heat || heat.cause === "word");
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
  const { desired, heat, limits, facts, hot, now, lastStartAt } = scene;
  const hold = holdBack(facts, limits, {
    heat: desired.limits.heat,
    now,
    lastStartAt,
  });
  // A lockout is worth knowing even while nobody wants heat.
  if (hold?.kind === "lockout") return stay(scene, "lockout", hold.until);
  if (!heat.heat) return stay(scene, "idle");
  if (quietUntil !== undefined) return stay(scene, "quiet_hours", quietUntil);
  // What holds it is worth more words than that others take its place.
  if (hot !== undefined) return stay(scene, "too_hot", hot.until);
  if (!scene.isCalled) return stay(scene, "stage");
  if (hold !== undefined) return stay(scene, hold.kind, hold.until);
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

/** A fresh start forgets what failed before it. */
function forgiveness({ restartAt }: Desired, { commands }: Observed): Action[] {
  if (restartAt === undefined) return [];
  return commands
    .filter(({ forgivenAt = -Infinity }) => forgivenAt < restartAt)
    .map(({ name }) => ({ kind: "forgive", command: name }));
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
