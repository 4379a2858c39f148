/** What happens in a simulated world, written down: the same script, the same run. */

import type { CommandLimits, Exit, HeatLimits } from "../../lib/core/types.ts";
import type { SafetyLimits } from "../../lib/core/limits.ts";
import type { Behaviour } from "../fakes/fake_process.ts";
import type { Mood } from "./sim_miners.ts";

/** How miners and sensors are read. */
export interface Telling {
  readonly intervalMs: number;
  readonly safety: SafetyLimits;
  /** The machine has a sensor of its own. */
  readonly hasMachine: boolean;
}

/** What the owner configured, and how the world is made. */
export interface Setup {
  readonly heat: HeatLimits;
  readonly commands: readonly CommandLimits[];
  readonly retainedCommands: "off-only" | "ignore" | "accept";
  readonly allowShutdown: boolean;
  /** What becomes of a machine that is told to power off. */
  readonly powerOff: "works" | "fails";
  /** The local time at the beginning, in milliseconds of the week from Sunday 00:00 on. */
  readonly localMs: number;
  /** Absent: nothing is read. */
  readonly telling?: Telling;
}

export type WorldEvent =
  /** The thermostat, or somebody else, says something; spaces fill it up to `bytes`. */
  | {
    readonly at: number;
    readonly kind: "say";
    readonly payload: string;
    /** On the topic of the level instead of that of ON and OFF. */
    readonly isLevel?: boolean;
    readonly retain?: boolean;
    readonly bytes?: number;
  }
  | {
    readonly at: number;
    readonly kind: "thermostat";
    readonly state: "online" | "offline";
  }
  | {
    readonly at: number;
    readonly kind: "broker";
    readonly does: BrokerDeed;
  }
  /** From its next start on, a command's program behaves so. */
  | {
    readonly at: number;
    readonly kind: "program";
    readonly command: string;
    readonly behaves: Behaviour;
  }
  /** A leader dies now, if it runs. */
  | {
    readonly at: number;
    readonly kind: "crash";
    readonly command: string;
    readonly exit: Exit;
  }
  /** From now on a command's miner tells this. */
  | {
    readonly at: number;
    readonly kind: "miner";
    readonly command: string;
    readonly mood: Mood;
  }
  /** From now on the machine's sensor tells this. */
  | {
    readonly at: number;
    readonly kind: "machine";
    readonly celsius: number;
  }
  /** The controller is asked to end, is killed, or is started if it does not run. */
  | {
    readonly at: number;
    readonly kind: "controller";
    readonly does: ControllerDeed;
  }
  /** The machine is suspended for so long, or this one process is stopped; the thermostat says this meanwhile. */
  | {
    readonly at: number;
    readonly kind: "sleep";
    readonly forMs: number;
    readonly says?: readonly ("ON" | "OFF")[];
  }
  /** The local clock is set forward or back. */
  | {
    readonly at: number;
    readonly kind: "local";
    readonly shiftMs: number;
  };

export type ControllerDeed =
  | "stop"
  | "force"
  /** Killed; the platform cleans up after it. */
  | "die"
  /** Killed, and nobody cleans up: its programs run on. */
  | "vanish"
  | "start";

export type BrokerDeed =
  | "kill"
  | "restart"
  | "freeze"
  | "thaw"
  | "cut"
  /** The network between the rig and the broker: others still reach it. */
  | "unplug"
  | "plug"
  /** Another client connects with our id. */
  | "take_over"
  /** It loses what was retained. */
  | "forget"
  | "deny"
  | "allow";

/** Virtual time at the beginning and at the end. */
export interface Times {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Scenario extends Times {
  readonly setup: Setup;
  /** In the order of their moments. */
  readonly events: readonly WorldEvent[];
}

/** How a played scenario went. */
export interface Outcome {
  readonly violation: Violation | undefined;
  /** The last happenings before its end. */
  readonly lines: readonly string[];
  readonly steps: number;
  readonly starts: number;
}

/** How long the broker keeps the session of a rig that is away. */
export function sessionMsOf({ heat }: Setup): number {
  return Math.min(heat.brokerLostAfterMs, 3_600_000);
}

/** The bytes of something said. */
export function bytesOf(
  event: Extract<WorldEvent, { kind: "say" }>,
): Uint8Array {
  return new TextEncoder().encode(textOf(event));
}

/** The text of something said. */
export function textOf(event: Extract<WorldEvent, { kind: "say" }>): string {
  return event.payload.padEnd(event.bytes ?? 0);
}

/**
 * Moments are sums of fractions of milliseconds, and two ways of adding differ
 * in the last digit: so much earlier or later is the same moment.
 */
export const DUST_MS = 0.01;

/** Something that must never happen did. */
export class Violation extends Error {
  /** Which rule; shrinking keeps to the same one. */
  readonly rule: string;
  readonly at: number;

  constructor(rule: string, at: number, what: string) {
    super(`${rule} at ${moment(at)}: ${what}`);
    this.name = "Violation";
    this.rule = rule;
    this.at = at;
  }
}

/** "12d 07:05:03.123": virtual time for people. */
export function moment(ms: number): string {
  if (!Number.isFinite(ms)) return `${ms}`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(ms / 86_400_000);
  const ofDay = ms - days * 86_400_000;
  const time = [ofDay / 3_600_000, ofDay / 60_000 % 60, ofDay / 1000 % 60];
  return `${days}d ${time.map(two).join(":")}` +
    `.${String(Math.floor(ofDay % 1000)).padStart(3, "0")} (${ms})`;
}
