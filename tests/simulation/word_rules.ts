/** The rules for what is published. */

import type { Invariants } from "./invariants.ts";
import { Violation } from "./script.ts";
import type { Watched } from "./watched.ts";

/** What stands on the topics. */
export interface View {
  readonly status: string | undefined;
  readonly statusmsg: string | undefined;
  readonly problem: string | undefined;
  /** By command: the payload of its `state` topic. */
  readonly states: ReadonlyMap<string, string>;
  /** By command: the payloads of its topics of numbers alone; absent if nobody looks. */
  readonly numbers?: ReadonlyMap<string, ToldNumbers>;
}

/** What stands on a command's own topics. */
export interface ToldNumbers {
  hashrate: string;
  accepted: string;
}

/** What outlives its stop timeout by so long is called stuck. */
const STUCK_AFTER_MS = 5_000;

/** A stop that takes no longer is worth no words. */
const STOP_MS_USUAL = 2_000;

/** States that mean that nothing of the command lives. */
const RESTING = ["stopped", "held", "restarting", "failed"];

export function checkWords(all: Invariants, view: View, now: number): void {
  checkStatus(all, view, now);
  checkStates(all, view, now);
  checkMessage(all, view, now);
  for (const watched of all.commands) checkStuck(all, watched, { view, now });
}

function checkStatus(all: Invariants, view: View, now: number): void {
  const lives = all.commands.some(({ limits }) =>
    all.processes.living(limits.name).length > 0
  );
  if (lives && view.status !== "ON") {
    throw new Violation("OFF while something lives", now, `${view.status}`);
  }
  // What is gone but not yet proven gone counts as living: see "no proof".
  if (all.commands.some((watched) => watched.runs)) {
    if (view.status === "ON") return;
    throw new Violation("OFF before the proof", now, `${view.status}`);
  }
  const graces = all.commands.map((watched) => graceOf(all, watched, now));
  if (view.status === "ON" && !graces.some(({ may }) => may)) {
    throw new Violation("ON while nothing runs", now, "no grace is left");
  }
  if (view.status !== "ON" && graces.some(({ must }) => must)) {
    throw new Violation("status flaps", now, `${view.status} in crash_grace`);
  }
}

/** After a crash: may, must status stay ON for this command's sake? */
function graceOf(
  all: Invariants,
  watched: Watched,
  now: number,
): { readonly may: boolean; readonly must: boolean } {
  const { run } = watched;
  const none = { may: false, must: false };
  if (run?.pid === undefined || !watched.hasFailed || watched.isLockedOut) {
    return none;
  }
  if (watched.coolsUntil > now || all.isMachineHeld(now)) return none;
  if (!all.demand.heat || watched.quietSince < Infinity) return none;
  const graceUntil = watched.knownAliveAt + all.setup.heat.crashGraceMs;
  const { least, most } = watched.failureHold();
  // Whatever holds the restart longest says when it is due; its own rest depends on jitter.
  const sooner = dueAfter(all, watched, least);
  const later = dueAfter(all, watched, most);
  if (now >= graceUntil || now >= later) return none;
  return {
    may: sooner <= graceUntil,
    // A stage that crashed may not be called for any more.
    must: !all.demand.isPartial && later <= graceUntil && now < sooner,
  };
}

/** When the restart is due after a rest; a turn counts that was waited for by then. */
function dueAfter(all: Invariants, watched: Watched, restUntil: number) {
  const { lastStartAt, setup: { heat } } = all;
  const turnAt = lastStartAt < restUntil
    ? lastStartAt + heat.staggerMs
    : -Infinity;
  return Math.max(restUntil, watched.minOffUntil, turnAt);
}

function checkStates(all: Invariants, view: View, now: number): void {
  for (const { limits, runs } of all.commands) {
    const state = view.states.get(limits.name) ?? "nothing";
    const rests = RESTING.includes(state);
    const lives = all.processes.living(limits.name).length > 0;
    if (lives && (rests || state === "starting")) {
      throw new Violation("state hides life", now, `${limits.name}: ${state}`);
    }
    if (!runs && (state === "running" || state === "stopping")) {
      throw new Violation("state claims life", now, `${limits.name}: ${state}`);
    }
  }
}

function checkMessage(all: Invariants, view: View, now: number): void {
  const { statusmsg = "" } = view;
  if (statusmsg.length < 1 || statusmsg.length > 255) {
    throw new Violation(
      "statusmsg length",
      now,
      `${statusmsg.length} characters: ${statusmsg}`,
    );
  }
  for (const { run, runs } of all.commands) {
    if (run?.pid === undefined || run.exitToldAt === undefined || !runs) {
      continue;
    }
    // Of a leader whose end is known nobody may say that it lives.
    if (!new RegExp(`\\bpid ${run.pid}\\b`).test(statusmsg)) continue;
    throw new Violation("names the dead", now, statusmsg);
  }
  if (statusmsg !== "OK") return;
  const { demand } = all;
  const quietly = (why: string) => {
    throw new Violation("statusmsg is silent", now, why);
  };
  if (demand.refused) quietly("a message was refused");
  if (demand.word === undefined) quietly("there is no word that counts");
  if (demand.heat && view.status === "OFF") quietly("ON is not obeyed");
  const isLate = all.commands.some(({ run, runs }) =>
    runs && (run?.askedAt ?? now) + STOP_MS_USUAL <= now
  );
  if (!demand.heat && view.status === "ON" && isLate) {
    quietly("OFF is not obeyed");
  }
  if (demand.word === "on" && !demand.heat) quietly("ON does not count");
}

/** What cannot be killed is named, with its pid, and is a problem. */
function checkStuck(
  all: Invariants,
  watched: Watched,
  at: { readonly view: View; readonly now: number },
): void {
  const { run, limits } = watched;
  if (run?.askedAt === undefined || !watched.runs) return;
  const tree = all.processes.latest(limits.name);
  const stuckAt = run.askedAt + limits.stopTimeoutMs + STUCK_AFTER_MS;
  // Where force or the platform brings the kill forward, the words may come sooner.
  if (tree === undefined || !tree.lives || stuckAt > at.now) return;
  if (all.demand.ending === "force") return;
  const { statusmsg = "", problem = "" } = at.view;
  const named = tree.pids.some((pid) => statusmsg.includes(`pid ${pid}`));
  // Where no look ever showed who it is, there is no pid to tell.
  const isUnseen = run.exitToldAt !== undefined && run.shown.length === 0 &&
    statusmsg.includes("cannot be proven gone");
  if (!named && !isUnseen) {
    throw new Violation("stuck is not named", at.now, statusmsg);
  }
  if (!problem.includes('"ON"')) {
    throw new Violation("stuck is no problem", at.now, problem);
  }
}
