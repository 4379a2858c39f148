/** The one sentence on `statusmsg`: what an owner must know now, most pressing first. */

import { CRASHES_WITHIN_MS } from "./crash_loop.ts";
import {
  asleepInWords,
  deafInWords,
  deletedInWords,
  deniedInWords,
  missedInWords,
  REMARK_MS,
  rivalInWords,
} from "./hearing.ts";
import { isAlive, isInGrace, ranForMs } from "./guard.ts";
import { lookTrouble, usualUntil } from "./ladder.ts";
import { barkInWords, telemetryProblems } from "./telemetry_message.ts";
import type {
  CommandFacts,
  CommandLimits,
  Decision,
  Desired,
  Forgotten,
  Observed,
  Verdict,
} from "./types.ts";
import { counted, dayAndTime, exitInWords, oneLine, span } from "./words.ts";

/** Home Assistant ignores a longer text. */
export const MESSAGE_CHARACTERS_MAX = 255;

/** How much is told beside what happened and what happens next. */
interface Detail {
  /** Of the reason why a program does not start. */
  readonly reasonMax: number;
  /** Of the miner's own last lines: after a crash, and once it is given up. */
  readonly lineMax: number;
  readonly linesMax: number;
  readonly hasAdvice: boolean;
}

/** The first that fits is taken: what is wrong with each command is worth more than all of one. */
const DETAILS: readonly Detail[] = [
  { reasonMax: 200, lineMax: 60, linesMax: 110, hasAdvice: true },
  { reasonMax: 110, lineMax: 60, linesMax: 60, hasAdvice: true },
  { reasonMax: 80, lineMax: 30, linesMax: 30, hasAdvice: true },
  { reasonMax: 60, lineMax: 0, linesMax: 0, hasAdvice: true },
  { reasonMax: 40, lineMax: 0, linesMax: 0, hasAdvice: false },
  { reasonMax: 20, lineMax: 0, linesMax: 0, hasAdvice: false },
];

/** What report() and its parts look at. */
export interface Picture {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly decision: Decision;
  readonly now: number;
  readonly commandTopic: string;
}

/** `OK`, or what is wrong, what is held back, what is awaited. */
export function statusMessage(picture: Picture): string {
  return fitting((detail) => statusSentences({ ...picture, detail })) ?? "OK";
}

/** Why `problem` is on; `undefined` if nothing needs the owner. */
export function problemReason(picture: Picture): string | undefined {
  return fitting((detail) => problemSentences({ ...picture, detail }));
}

/** The sentences with as much detail as there is room for. */
function fitting(sentences: (detail: Detail) => string[]): string | undefined {
  let text = "";
  for (const detail of DETAILS) {
    text = oneLine(sentences(detail).join("; "));
    if (text.length <= MESSAGE_CHARACTERS_MAX) break;
  }
  return text === "" ? undefined : cut(text, MESSAGE_CHARACTERS_MAX);
}

interface Detailed extends Picture {
  readonly detail: Detail;
}

function statusSentences(picture: Detailed): string[] {
  const time = { now: picture.now, local: picture.observed.local };
  const limitMs = picture.desired.limits.heat.brokerLostAfterMs;
  return [
    ...commandSentences(picture, STUCK),
    ...telemetrySentences(picture),
    ...commandSentences(picture, PROBLEMS),
    ...remark(picture.desired.notice),
    ...remark(picture.desired.waiting),
    ...commandSentences(picture, LEFTOVERS),
    ...remark(crashLoopInWords(picture)),
    ...remark(deniedInWords(picture.desired)),
    ...remark(deletedInWords(picture.desired)),
    ...causeSentences(picture),
    ...remark(rivalInWords(picture.desired, picture.now)),
    ...remark(missedInWords(picture.desired, { ...time, limitMs })),
    ...commandSentences(picture, HOLDS),
    ...remark(deafInWords(picture.desired, time)),
    // Why a sleep was too long is said above.
    ...picture.desired.forgotten?.kind === "asleep"
      ? []
      : remark(asleepInWords(picture.desired, time)),
  ];
}

function problemSentences(picture: Detailed): string[] {
  return [
    ...commandSentences(picture, STUCK),
    ...telemetrySentences(picture),
    ...commandSentences(picture, SERIOUS),
    ...remark(crashLoopInWords(picture)),
    ...picture.desired.forgotten === undefined ||
        picture.desired.word !== undefined
      ? []
      : [forgottenInWords(picture.desired.forgotten)],
    ...picture.decision.cause === "max_on" ? [maxOnInWords(picture)] : [],
    ...remark(rivalInWords(picture.desired, picture.now)),
    ...remark(deniedInWords(picture.desired)),
    ...remark(deletedInWords(picture.desired)),
  ];
}

/** Cuts a text at so many characters (UTF-16 units, as receivers count), visibly. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const short = text.slice(0, charactersMax - 3).replace(
    /[\uD800-\uDBFF]$/,
    "",
  );
  return `${short}...`;
}

type Sentence = (
  verdict: Verdict,
  facts: CommandFacts,
  limits: CommandLimits,
  picture: Detailed,
) => string | undefined;

/** What heats on against the demand comes first, so that no other problem cuts it off. */
const STUCK: Sentence = (verdict, facts, _limits, picture) => {
  if (verdict.kind !== "stuck") return undefined;
  const { name, kills } = facts;
  const alive = living(facts);
  const trouble = lookTrouble(facts, picture.now);
  const killed = `killed ${counted(kills, "time")} so far`;
  return alive === undefined
    ? `${name} cannot be proven gone: ${
      trouble ?? "no look has shown it yet"
    }, ${killed}`
    : `${name} does not die: ${alive} still lives, ${killed}${why(trouble)}`;
};

const PROBLEMS: Sentence = (verdict, facts, limits, picture) => {
  const { detail } = picture;
  switch (verdict.kind) {
    case "lockout":
      return `${facts.name} failed ${
        counted(facts.failures, "time")
      } in a row ` +
        `(${failure(facts, limits, detail)}): locked out${
          until(verdict, picture)
        }` +
        background(facts, detail);
    case "backoff": {
      const rest = span((verdict.until ?? 0) - (facts.exitedAt ?? 0));
      if (facts.exit?.kind === "not_started") {
        return `${
          cut(facts.exit.reason, detail.reasonMax)
        }; next try in ${rest}`;
      }
      if (facts.bark !== undefined) {
        return `${facts.name} ${barkInWords(facts.bark, limits)}: ` +
          `starts again in ${rest}`;
      }
      return `${facts.name} ended by itself after ${span(ranForMs(facts))} ` +
        `(${ending(facts, detail.lineMax)}): starts again in ${rest}` +
        background(facts, detail);
    }
    default:
      return undefined;
  }
};

/** Of the problems, those that outlast the grace after a crash. */
const SERIOUS: Sentence = (verdict, facts, limits, picture) => {
  return isInGrace(facts, verdict, picture.desired.limits.heat)
    ? undefined
    : PROBLEMS(verdict, facts, limits, picture);
};

const HOLDS: Sentence = (verdict, facts, limits, picture) => {
  switch (verdict.kind) {
    case "stopping": {
      if (picture.now < usualUntil(facts, picture.now)) return undefined;
      const alive = living(facts);
      const begun = facts.leftover > 0
        ? `Stopping what an earlier run left of ${facts.name}`
        : facts.endedByItself && alive === undefined
        ? `${facts.name} ended by itself (${
          ending(facts, picture.detail.lineMax)
        })`
        : `Stopping ${facts.name}${barked(facts, limits)}`;
      return `${begun}: ${
        alive === undefined
          ? "looking for what it left behind"
          : `${alive} still lives`
      }${why(lookTrouble(facts, picture.now))}`;
    }
    case "quiet_hours":
      return `${facts.name} keeps its quiet hours${until(verdict, picture)}`;
    case "min_off":
      return `${facts.name} keeps its min_off${until(verdict, picture)}`;
    case "min_on":
      return `${facts.name} keeps its min_on${until(verdict, picture)}`;
    case "stage": {
      // Beside one that heats it is worth no words.
      if (picture.observed.commands.some(isAlive)) return undefined;
      const level = picture.desired.word?.level ?? 100;
      return `${facts.name} rests, as the level is ${+level.toFixed(1)} %`;
    }
    case "stagger":
      return `${facts.name} waits for its turn`;
    default:
      return undefined;
  }
};

/** For a while after the start: that what was left of an earlier run is gone. */
const LEFTOVERS: Sentence = (_verdict, facts, _limits, picture) => {
  const { cleared } = facts;
  if (cleared === undefined || picture.now - cleared.at >= REMARK_MS) {
    return undefined;
  }
  const processes = counted(cleared.count, "process", "processes");
  return `Stopped ${processes} of ${facts.name} that an earlier run left`;
};

function telemetrySentences(picture: Picture): string[] {
  const { desired: { limits }, observed, decision, now } = picture;
  return telemetryProblems({ limits, observed, decision, now });
}

function commandSentences(picture: Detailed, sentence: Sentence): string[] {
  return picture.decision.verdicts.flatMap((verdict, index) => {
    const facts = picture.observed.commands[index];
    const limits = picture.desired.limits.commands[index];
    if (facts === undefined || limits === undefined) return [];
    return sentence(verdict, facts, limits, picture) ?? [];
  });
}

function causeSentences(picture: Picture): string[] {
  const { desired, decision } = picture;
  switch (decision.cause) {
    case "ending":
      return ["KolikkoControl is ending"];
    case "shutdown":
      return ["Shutting the machine down"];
    case "max_on":
      return [maxOnInWords(picture)];
    case "forgotten":
      return desired.forgotten === undefined
        ? []
        : [forgottenInWords(desired.forgotten)];
    case "no_word":
      return [`Waiting for the first ON or OFF on ${picture.commandTopic}`];
    // What holds is said whatever else does.
    case "crash_loop":
    case "word":
      return [];
  }
}

/** Why heat is held from the start on, and until when. */
function crashLoopInWords(
  { desired: { crashHold }, observed, now }: Picture,
): string | undefined {
  if (crashHold === undefined || crashHold.until <= now) return undefined;
  const { until, ends } = crashHold;
  const why = ends === undefined
    ? "How the controller ended before cannot be read"
    : `The controller ended ${counted(ends, "time")} within ${
      span(CRASHES_WITHIN_MS)
    } without an orderly stop`;
  const time = dayAndTime(observed.local, until - now);
  return `${why}: heat is held until ${time}, see its log`;
}

function maxOnInWords(picture: Picture): string {
  const { maxOnMs } = picture.desired.limits.heat;
  return `Heat was on for ${span(maxOnMs)} (max_on): off until the ` +
    `thermostat says OFF and then ON`;
}

/** Why a word no longer counts, for an owner. */
export function forgottenInWords(why: Forgotten): string {
  const fresh = "heat is off until the thermostat speaks again";
  switch (why.kind) {
    case "broker_lost":
      return `No broker for ${span(why.forMs)}: ${fresh}`;
    case "unsteady":
      return `The connection to the broker kept breaking for ${
        span(why.forMs)
      }: ${fresh}`;
    case "missed":
      return `A command may have been lost with the connection, and none came ` +
        `for ${span(why.forMs)}: ${fresh}`;
    case "thermostat_offline":
      return `Home Assistant is offline for ${span(why.forMs)}: ${fresh}`;
    case "deleted":
      return `This rig was removed from Home Assistant ${
        span(why.forMs)
      } ago: ${fresh}`;
    case "withdrawn":
      return `Home Assistant has no switch of this rig any more ` +
        `(discovery = "off"): ${fresh}`;
    case "silent":
      return `No word from the thermostat for ${span(why.forMs)}: ${fresh}`;
    case "asleep":
      return `The machine slept for ${span(why.forMs)}: ${fresh}`;
    case "shutdown_failed":
      return `Cannot power the machine off (${why.reason}): ${fresh}`;
  }
}

function remark(sentence: string | undefined): string[] {
  return sentence === undefined ? [] : [sentence];
}

/** Who lives by the last look; without one, the leader until its end is known. */
function living(facts: CommandFacts): string | undefined {
  const isGone = facts.exitedAt !== undefined;
  // The last look may be older than the leader's end.
  const known = facts.remaining.filter(({ pid }) =>
    !isGone || pid !== facts.pid
  );
  if (known.length === 0) return isGone ? undefined : `pid ${facts.pid}`;
  const named = known.slice(0, 3).map(({ pid, name }) =>
    `pid ${pid} (${name})`
  );
  const more = known.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function why(trouble: string | undefined): string {
  return trouble === undefined ? "" : ` (${trouble})`;
}

function barked({ bark }: CommandFacts, limits: CommandLimits): string {
  return bark === undefined ? "" : `, as it ${barkInWords(bark, limits)}`;
}

function failure(
  facts: CommandFacts,
  limits: CommandLimits,
  { linesMax, reasonMax }: Detail,
): string {
  if (facts.bark !== undefined) return barkInWords(facts.bark, limits);
  return facts.exit?.kind === "not_started"
    ? cut(facts.exit.reason, reasonMax)
    : ending(facts, linesMax);
}

/** How the latest run ended, with as many of its last lines as fit. */
function ending(facts: CommandFacts, charactersMax: number): string {
  const exit = facts.exit === undefined ? "?" : exitInWords(facts.exit);
  const lines = facts.lastLines.filter((line) => line.trim() !== "");
  const last = lines.pop();
  if (last === undefined || charactersMax === 0) return exit;
  if (facts.exit?.kind === "not_started") return exit;
  let text = cut(last, charactersMax);
  for (const line of lines.reverse()) {
    const longer = `${line} | ${text}`;
    if (longer.length > charactersMax) return `${exit}, last lines "${text}"`;
    text = longer;
  }
  return `${exit}, last lines "${text}"`;
}

/** A leader that only starts the real program and goes leaves nobody to watch. */
function background(facts: CommandFacts, { hasAdvice }: Detail): string {
  if (facts.leftBehind === 0 || !hasAdvice) return "";
  const advice = facts.advice ??
    "take the option that puts it into the background out of args";
  const processes = counted(facts.leftBehind, "process", "processes");
  const were = facts.leftBehind === 1 ? "was" : "were";
  return `; left ${processes} behind, which ${were} stopped: ${advice}`;
}

function until(verdict: Verdict, picture: Picture): string {
  if (verdict.until === undefined) return "";
  const aheadMs = verdict.until - picture.now;
  if (!Number.isFinite(aheadMs)) return " for ever";
  return ` until ${dayAndTime(picture.observed.local, aheadMs)}`;
}
