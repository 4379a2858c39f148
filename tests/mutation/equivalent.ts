/** Changes of lib/core/ that no test can notice, each with its reason. */

export interface Equivalent {
  /** In lib/core/. */
  readonly file: string;
  /** The line as it stands without types, without the white space around it. */
  readonly line: string;
  readonly changes: readonly string[];
  readonly reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: "decide.ts",
    line:
      "const minOnUntil = (facts.startedAt ?? 0) + desired.limits.heat.minOnMs;",
    changes: ["?? 0 ->", "0 -> 1", "0 -> -1"],
    reason: "what is alive has been started: isAlive() says so above",
  },
  {
    file: "decide.ts",
    line:
      "const isOld = (facts.startedAt ?? 0) < (desired.restartAt ?? -Infinity);",
    changes: ["?? 0 ->", "0 -> 1", "0 -> -1", "?? -Infinity ->"],
    reason: "what is alive has been started, and nothing is less than nothing",
  },
  {
    file: "decide.ts",
    line: "if (restartAt === undefined) return [];",
    changes: ["restartAt === undefined -> false"],
    reason: "nothing is less than nothing, so that nobody is forgiven below",
  },
  {
    file: "events.ts",
    line: "if (was === undefined) continue;",
    changes: ["was === undefined -> false"],
    reason: "the commands are the same at each look",
  },
  {
    file: "failsafe.ts",
    line: "return gap === undefined ? 0 : (gap.to ?? now) - gap.from;",
    changes: ["gap === undefined -> false", "0 -> 1", "0 -> -1"],
    reason: "it is asked for a gap that has struck, so there is one",
  },
  {
    file: "hearing.ts",
    line:
      "const steadyAt = rival === undefined ? Infinity : deaf.to + STEADY_MS;",
    changes: [
      "rival === undefined -> false",
      "rival === undefined -> true",
      "=== -> !==",
      "+ -> -",
    ],
    reason: "a remark lasts as long as it takes until all is steady",
  },
  {
    file: "ladder.ts",
    line: "killAt: Number.isFinite(killAt) ? killAt : undefined,",
    changes: ["killAt -> killAt + 1", "killAt -> killAt - 1"],
    reason: "a moment is as finite as the one beside it",
  },
  {
    file: "ladder.ts",
    line: "if (options.kills) return options.now;",
    changes: ["now -> now - 1"],
    reason: "what is due now and what was due before is done now",
  },
  {
    file: "ladder.ts",
    line: "return options.now;",
    changes: ["now -> now - 1"],
    reason: "what is due now and what was due before is done now",
  },
  {
    file: "ladder.ts",
    line: "facts.exitedAt ?? -1,",
    changes: ["1 -> 2"],
    reason: "it stands for never: any number below zero does",
  },
  {
    file: "ladder.ts",
    line: "facts.killedAt ?? -1,",
    changes: ["1 -> 2"],
    reason: "it stands for never: any number below zero does",
  },
  {
    file: "ladder.ts",
    line: "facts.leftover > 0 ? facts.signalledAt ?? -1 : -1,",
    changes: ["1 -> 2", "1 -> 2 (2)"],
    reason: "it stands for never: any number below zero does",
  },
  {
    file: "ladder.ts",
    line: "return Math.min(firstMs * 1.5 ** Math.min(count, 40), maxMs);",
    changes: ["40 -> 41", "40 -> 39"],
    reason: "both rests have reached their longest long before",
  },
  {
    file: "message.ts",
    line: "if (facts === undefined || limits === undefined) return [];",
    changes: [
      "facts === undefined || limits === undefined -> false",
      "|| -> &&",
    ],
    reason: "decide() has refused facts and limits that do not match",
  },
  {
    file: "message.ts",
    line: 'if (!Number.isFinite(aheadMs)) return " for ever";',
    changes: ["aheadMs -> aheadMs + 1", "aheadMs -> aheadMs - 1"],
    reason: "a moment is as finite as the one beside it",
  },
  {
    file: "power.ts",
    line: "isKnown && watts !== undefined ? watts : 1;",
    changes: ["1 -> 2"],
    reason: "where all weigh the same, any weight will do",
  },
  {
    file: "telemetry_message.ts",
    line: "if (told === undefined || own === undefined) continue;",
    changes: ["told === undefined || own === undefined -> false", "|| -> &&"],
    reason: "decide() has refused facts and limits that do not match",
  },
  {
    file: "telemetry_report.ts",
    line: "if (one === undefined) continue;",
    changes: ["one === undefined -> false"],
    reason: "there are numbers for each name",
  },
  {
    file: "telemetry_report.ts",
    line: "return rounded(known.reduce((sum, one) => sum + one, 0), 6);",
    changes: ["6 -> 7"],
    reason: "sums of numbers with six decimals have no seventh",
  },
  {
    file: "thermal.ts",
    line:
      "if (told === undefined || told.runAt !== facts.startedAt) return [];",
    changes: [
      "told === undefined || told.runAt !== facts.startedAt -> false",
      "|| -> &&",
    ],
    reason:
      "there are facts for each command, and a look too many does nothing",
  },
  {
    file: "payload.ts",
    line: "if (error instanceof TypeError) return undefined;",
    changes: ["error instanceof TypeError -> true"],
    reason: "a decoder of UTF-8 throws nothing else",
  },
  {
    file: "payload.ts",
    line: "const characters = [...text.slice(0, 2 * (QUOTE_MAX + 1))];",
    changes: ["2 -> 3", "1 -> 2"],
    reason: "more is looked at, but not shown",
  },
  {
    file: "payload.ts",
    line: "const code = character.codePointAt(0) ?? 0;",
    changes: ["?? 0 ->", "0 -> 1 (2)", "0 -> -1 (2)"],
    reason: "a character has a code; the types do not know that",
  },
  {
    file: "quiet_hours.ts",
    line: "while (minutes < WEEK_MINUTES) {",
    changes: ["< -> <="],
    reason: "a week that is covered is covered also after one window more",
  },
  {
    file: "report.ts",
    line: "if (verdict === undefined) continue;",
    changes: ["verdict === undefined -> false"],
    reason: "decide() gives one verdict for each command",
  },
  {
    file: "report.ts",
    line: "return verdict.until <= graceUntil && now < graceUntil;",
    changes: ["now -> now - 1", "< -> <=", "graceUntil -> graceUntil + 1 (2)"],
    reason:
      "a backoff ends after now, so what it ends before is after now, too",
  },
  {
    file: "message.ts",
    line: "const level = picture.desired.word?.level ?? 100;",
    changes: ["100 -> 101", "100 -> 99", "?? 100 ->"],
    reason: "no stage rests for a word without a level",
  },
  {
    file: "staging.ts",
    line: "if (!Number.isFinite(periodMs)) {",
    changes: ["periodMs -> periodMs + 1", "periodMs -> periodMs - 1"],
    reason: "a period is as finite as the one beside it",
  },
  {
    file: "staging.ts",
    line: "if (rest < stage.own - dust) {",
    changes: ["< -> <="],
    reason: "dust stands for next to nothing: it is on neither side of itself",
  },
  {
    file: "staging.ts",
    line: "return { full, last: rest > dust ? stage : undefined, rest };",
    changes: ["> -> >="],
    reason: "dust stands for next to nothing: it is on neither side of itself",
  },
  {
    file: "staging.ts",
    line: "const counts = order.map((_, index) => index + 1);",
    changes: ["1 -> 2"],
    reason: "the first is tried anyway, and one more than all is all",
  },
  {
    file: "staging.ts",
    line: "1,",
    changes: ["1 -> 2"],
    reason:
      "the first is tried before the second, and takes its place if it is as near",
  },
];
