/** Where a command's facts begin. */

import type { CommandFacts } from "./types.ts";

/** The facts of a command that never ran. */
export function factsBefore(name: string): CommandFacts {
  return {
    name,
    leftover: 0,
    cleared: undefined,
    startedAt: undefined,
    startedOn: undefined,
    pid: undefined,
    signalledAt: undefined,
    killOnly: false,
    terminatedAt: undefined,
    killedAt: undefined,
    kills: 0,
    exitedAt: undefined,
    exit: undefined,
    endedByItself: false,
    leftBehind: 0,
    advice: undefined,
    bark: undefined,
    barks: [],
    lookingSince: undefined,
    lookedAt: undefined,
    looks: 0,
    remaining: [],
    lookError: undefined,
    emptyAt: undefined,
    aliveUntil: undefined,
    failures: 0,
    forgivenAt: undefined,
    restarts: 0,
    jitter: 0,
    lastLines: [],
  };
}
