/** What a small world has in it. */

import type { CommandLimits, HeatLimits } from "../../lib/core/types.ts";
import { commandLimits, heatLimits } from "../core/make.ts";
import { UNIT_MS } from "./opened.ts";

/** What may happen, beside that time passes and that looks are answered. */
export type Happening =
  | "on"
  | "off"
  /** A level of 50 %, and one of 100 %. */
  | "level"
  | "broker"
  | "home_assistant"
  | "shutdown"
  | "stop"
  | "force"
  | "sleep"
  | "crash"
  /** A start is refused. */
  | "refusal"
  /** Children end by themselves, or with their leader. */
  | "kids"
  /** A tree hangs in the kernel. */
  | "hang"
  /** A leader's end is told later than it happens. */
  | "late"
  /** A look that was given up is answered after all. */
  | "old_look"
  | "failing_look"
  /** A second thing happens before the loop has turned. */
  | "batch";

/** All durations in units. */
export interface Plan {
  readonly name: string;
  readonly happens: readonly Happening[];
  /** Of each command's tree. */
  readonly kids: number;
  readonly killOnly: boolean;
  /** Looks are answered at once: with two commands all else is too much. */
  readonly isPrompt: boolean;
  /** An earlier controller left a tree of each command. */
  readonly isLeft: boolean;
  readonly heat: HeatLimits;
  readonly commands: readonly CommandLimits[];
  /** No limit asks for a time that lies further back than so many units. */
  readonly longest: number;
}

type Units<T> = { readonly [K in keyof T]?: T[K] };

export interface PlanParts {
  readonly heat?: Units<HeatLimits>;
  readonly command?: Units<CommandLimits>;
  readonly count?: number;
  readonly kids?: number;
  readonly killOnly?: boolean;
  readonly isPrompt?: boolean;
  readonly isLeft?: boolean;
}

/** As little as can be; what is not named never counts. */
export function plan(
  name: string,
  happens: readonly Happening[],
  parts: PlanParts = {},
): Plan {
  const heat = heatLimits({
    brokerLostAfterMs: Infinity,
    thermostatOfflineAfterMs: Infinity,
    crashGraceMs: 0,
    modulationPeriodMs: Infinity,
    ...inMs(parts.heat ?? {}),
  });
  const command = inMs({
    stopTimeoutMs: 2,
    restartRestMs: 1,
    restartRestMaxMs: 2,
    stableAfterMs: 2,
    lockoutForMs: 3,
    ...parts.command,
  });
  const limits = ["a", "b"].slice(0, parts.count ?? 1).map((name) =>
    commandLimits({ name, lockoutFailures: 2, watts: 100, ...command })
  );
  const finite = [...Object.values(heat), ...limits.flatMap(durationsOf)]
    .filter((ms) => Number.isFinite(ms));
  return {
    name,
    happens,
    kids: parts.kids ?? 0,
    killOnly: parts.killOnly ?? false,
    isPrompt: parts.isPrompt ?? false,
    isLeft: parts.isLeft ?? false,
    heat,
    commands: limits,
    longest: Math.max(...finite) / UNIT_MS,
  };
}

function durationsOf(limits: CommandLimits): number[] {
  const { restartRestMaxMs, stableAfterMs, lockoutForMs } = limits;
  return [restartRestMaxMs, stableAfterMs, lockoutForMs];
}

function inMs<T extends object>(units: T): T {
  const entries = Object.entries(units).map(([name, value]) => [
    name,
    name.endsWith("Ms") ? Number(value) * UNIT_MS : value,
  ]);
  return Object.fromEntries(entries);
}
