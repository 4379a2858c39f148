/** The rules for starts, stops and what is left behind. */

import type { Invariants } from "./invariants.ts";
import { DUST_MS, moment, Violation } from "./script.ts";
import type { Watched } from "./watched.ts";

/** Beyond the stop timeout: a kill that has to be repeated, and the looks in between. */
const KILL_SLACK_MS = 5_000;
/** A look that is not answered for so long tells that something is left. */
const LOOK_SILENT_MS = 2_000;
/** Kills are repeated with rests that grow up to this. */
const KILL_REST_MS_MAX = 30_000;
/** Looks are repeated with rests that grow up to this. */
const LOOK_REST_MS_MAX = 1_000;

/** A start happens now: may it? */
export function checkStart(
  all: Invariants,
  watched: Watched,
  now: number,
): void {
  const { name } = watched.limits;
  const refuse = (rule: string, what: string) => {
    throw new Violation(rule, now, `${name} is started ${what}`);
  };
  if (!all.demand.heat) {
    refuse("start without demand", `while the word is ${all.demand.word}`);
  }
  if (watched.quietSince < Infinity) refuse("quiet hours", "in quiet hours");
  if (all.isMachineHeld(now)) refuse("too hot", "while the machine is too hot");
  if (watched.coolsUntil > now + DUST_MS) {
    refuse("too hot", `before ${moment(watched.coolsUntil)}`);
  }
  if (watched.runs) refuse("two instances", "before the proof of OFF");
  if (all.processes.living(name).length > 1) {
    refuse("two instances", "while an earlier run lives");
  }
  if (watched.minOffUntil > now + DUST_MS) {
    refuse("min_off", `before ${moment(watched.minOffUntil)}`);
  }
  const { least } = watched.failureHold();
  if (least > now + DUST_MS) {
    const rule = watched.isLockedOut ? "lockout" : "backoff";
    refuse(rule, `before ${moment(least)} (${watched.failures} failures)`);
  }
  const turnAt = all.lastStartAt + all.setup.heat.staggerMs;
  if (turnAt > now + DUST_MS) refuse("stagger", `before ${moment(turnAt)}`);
}

/** A stop or a kill happens now: may it? */
export function checkStop(
  all: Invariants,
  watched: Watched,
  deed: { readonly now: number; readonly kill: boolean },
): void {
  const { now, kill } = deed;
  const { run, limits } = watched;
  if (run === undefined) return;
  const begun = run.askedAt !== undefined || run.exitToldAt !== undefined;
  const due = Math.min(
    stopDueAt(all, watched, now),
    // A stage may rest whenever its shortest run is over.
    all.demand.heat && all.demand.isPartial
      ? run.startedAt + all.setup.heat.minOnMs
      : Infinity,
  );
  if (!begun && due > now + DUST_MS) {
    const rule = due === Infinity ? "stop without a reason" : "stop too soon";
    const until = due === Infinity ? "" : ` before ${moment(due)}`;
    throw new Violation(rule, now, `${limits.name} is stopped${until}`);
  }
  const killOnly = all.processes.latest(limits.name)?.killOnly ?? false;
  if (!kill || killOnly || all.demand.ending === "force") return;
  const killAt = (run.askedAt ?? now) + limits.stopTimeoutMs;
  if (killAt > now + DUST_MS) {
    throw new Violation(
      "kill too soon",
      now,
      `${limits.name} has time until ${moment(killAt)}`,
    );
  }
}

/** When a run has to be asked to stop; Infinity while it may go on. */
function stopDueAt(all: Invariants, watched: Watched, now: number): number {
  const { demand, setup } = all;
  const startedAt = watched.run?.startedAt ?? 0;
  if (watched.run?.isLeftover) return startedAt;
  if (watched.run?.bark !== undefined) return watched.run.askedAt ?? now;
  const ordinary = Math.min(demand.noHeatSince, watched.quietSince);
  const minOnAt = startedAt + setup.heat.minOnMs;
  return Math.min(
    demand.hardSince,
    all.hotSince(watched, now),
    barkDueAt(all, watched, now),
    Math.max(ordinary, minOnAt),
  );
}

/** When the watchdog ends a run, if nothing else does. */
export function barkDueAt(
  all: Invariants,
  watched: Watched,
  now: number,
): number {
  const isWanted = all.demand.heat && watched.quietSince === Infinity &&
    all.hotSince(watched, now) > now;
  return isWanted ? watched.told?.barkAt(now) ?? Infinity : Infinity;
}

/** Is all done that this moment asks for? */
export function checkProgress(
  all: Invariants,
  watched: Watched,
  now: number,
): void {
  const { name } = watched.limits;
  const trees = all.processes.living(name);
  if (trees.length > 1) {
    throw new Violation("two instances", now, `${trees.length} of ${name}`);
  }
  if (trees.length > 0 && !watched.runs) {
    throw new Violation("wrong proof", now, `${name} lives unknown`);
  }
  if (watched.runs) {
    checkAsked(all, watched, now);
    checkLadder(all, watched, now);
    checkLife(all, watched, now);
  } else checkStarted(all, watched, now);
}

function checkAsked(all: Invariants, watched: Watched, now: number): void {
  const run = watched.run;
  if (run === undefined || run.exitToldAt !== undefined) return;
  const due = stopDueAt(all, watched, now);
  const byClock = due === watched.quietSince && now <= all.shiftedUntil;
  if (run.askedAt === undefined && due + DUST_MS <= now && !byClock) {
    throw new Violation(
      "stop too late",
      now,
      `${watched.limits.name} was to be asked at ${moment(due)}`,
    );
  }
  if (all.demand.ending === "force" && run.kills === 0) {
    throw new Violation(
      "no force",
      now,
      `${watched.limits.name} is not killed`,
    );
  }
}

function checkLadder(all: Invariants, watched: Watched, now: number): void {
  const { run, limits } = watched;
  if (run === undefined) return;
  const fail = (rule: string, what: string) => {
    throw new Violation(rule, now, `${limits.name}: ${what}`);
  };
  const { exitToldAt = Infinity, lookBeganAt = -Infinity } = run;
  if (exitToldAt <= now && lookBeganAt < exitToldAt && !run.kills) {
    fail("no look after an end", `ended at ${moment(exitToldAt)}`);
  }
  if (run.shown.length > 0 && exitToldAt <= now && run.askedAt === undefined) {
    fail("left behind", `pids ${run.shown} are not asked to stop`);
  }
  if (run.askedAt === undefined) return;
  const killAt = run.askedAt + limits.stopTimeoutMs;
  const killOnly = all.processes.latest(limits.name)?.killOnly ?? false;
  if (killOnly && run.kills === 0) fail("no kill", "nothing else reaches it");
  if (run.kills === 0 && run.signals < 2) {
    const insistAt = run.askedAt + limits.stopTimeoutMs / 2;
    if (insistAt + DUST_MS <= now) {
      fail("no SIGTERM", `due at ${moment(insistAt)}`);
    }
  }
  if (run.kills === 0 && killAt + DUST_MS <= now) {
    fail("no kill", `due at ${moment(killAt)}`);
  }
  const { killedAt = Infinity } = run;
  if (killedAt + KILL_REST_MS_MAX < now) {
    fail("gives up", `last killed at ${moment(killedAt)}`);
  }
}

/** Does it live longer than it may, or is it gone and nobody noticed? */
function checkLife(all: Invariants, watched: Watched, now: number): void {
  const { run, limits } = watched;
  const tree = all.processes.latest(limits.name);
  if (run === undefined || tree === undefined) return;
  if (tree.lives) {
    const askAt = stopDueAt(all, watched, now);
    // A clock that was set is noticed when it is looked at next.
    const noticedAt = askAt === watched.quietSince
      ? Math.max(askAt, all.shiftedUntil)
      : askAt;
    // What a leader left behind has to go, wanted or not: a silent look is waited for, but not for long.
    const due = run.exitToldAt === undefined
      ? noticedAt
      : run.exitToldAt + LOOK_SILENT_MS;
    const askedAt = Math.min(run.askedAt ?? Infinity, due);
    const gone = askedAt + limits.stopTimeoutMs + KILL_SLACK_MS;
    if (gone < now && tree.unkillableUntil < now) {
      throw new Violation(
        "heats on",
        now,
        `${limits.name} was to be gone at ${moment(gone)}`,
      );
    }
    return;
  }
  const { exitLateMs = 0, lookMs = 5 } = tree.behaviour;
  // A look may be under way, the next one may rest first, and it takes its time.
  const known = LOOK_REST_MS_MAX + 2 * lookMs;
  const seenAt = Math.max(tree.endsAt + exitLateMs, tree.looksFailUntil);
  if (seenAt + known < now) {
    throw new Violation(
      "no proof",
      now,
      `${limits.name} is gone since ${moment(tree.endsAt)}, nobody noticed`,
    );
  }
}

function checkStarted(all: Invariants, watched: Watched, now: number): void {
  const { demand, setup, lastStartAt, shiftedUntil } = all;
  if (!demand.heat || watched.quietSince < Infinity) return;
  // Which stage rests when is for the tests of staging.
  if (all.isMachineHeld(now) || demand.isPartial) return;
  const holds = [
    demand.fullSince,
    watched.minOffUntil,
    watched.failureHold().most,
    watched.coolsUntil,
    all.machineFreeSince,
  ];
  const freeAt = Math.max(
    ...holds,
    demand.heatSince,
    watched.awakeSince,
    watched.run?.provenAt ?? -Infinity,
    lastStartAt + setup.heat.staggerMs,
  );
  // The end of quiet hours after a shifted clock is noticed within a minute.
  if (freeAt + DUST_MS > now || now <= shiftedUntil) return;
  throw new Violation(
    "start too late",
    now,
    `nothing holds ${watched.limits.name} since ${moment(freeAt)}`,
  );
}
