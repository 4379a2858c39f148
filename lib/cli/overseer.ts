/** Who watches over the controller: systemd, if it started us. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Overseer } from "../controller.ts";
import {
  notificationOf,
  openNotifySocket,
  SYSTEMD_VARIABLES,
} from "../service/notify_socket.ts";
import { askStopLimit } from "../service/stop_limit.ts";
import { Systemd } from "../service/systemd.ts";
import { variable } from "./variable.ts";

const log = getLogger(["kolikko", "service"]);

/** Messages that fail are told once in so long. */
const REMIND_MS = 600_000;

/** An end takes so much longer than the longest stop. */
const STOP_SPARE_S = 30;

const FAILURE =
  "Cannot tell systemd how we fare, so it may take us for hung: " +
  "use Type=exec without WatchdogSec in the unit";

/** The part of the world that it is, if it is there. */
export interface OpenOverseer extends AsyncDisposable {
  readonly part: { readonly overseer?: Overseer };
}

const NOBODY: OpenOverseer = {
  part: {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Listens to what the environment says, and takes it out of there: it is for no child of ours. Never throws. */
export function openOverseer(stateDir: string | undefined): OpenOverseer {
  const notification = notificationOf(variable, Deno.pid);
  if (notification === undefined) return NOBODY;
  for (const name of SYSTEMD_VARIABLES) {
    if (variable(name) !== undefined) Deno.env.delete(name);
  }
  const { path, watchdogMs } = notification;
  try {
    const systemd = new Systemd({
      socket: openNotifySocket(path, variable("RUNTIME_DIRECTORY") ?? stateDir),
      clock: systemClock,
      watchdogMs,
      onFailure: nowAndThen(),
    });
    return {
      part: { overseer: systemd },
      [Symbol.asyncDispose]: () => systemd[Symbol.asyncDispose](),
    };
  } catch (error) {
    log.warn(FAILURE, { path, error });
    return NOBODY;
  }
}

function nowAndThen(): (error: unknown) => void {
  let toldAt = -Infinity;
  return (error) => {
    const now = systemClock.now();
    if (now - toldAt < REMIND_MS) return;
    toldAt = now;
    log.warn(FAILURE, { error });
  };
}

/** Says so where systemd would kill us before the longest stop is over. Never rejects. */
export async function warnOfShortStop(longestStopMs: number): Promise<void> {
  const limitMs = await askStopLimit(systemClock);
  if (limitMs === undefined || limitMs > longestStopMs) return;
  log.warn(
    "TimeoutStopSec is no longer than the longest stop_timeout; systemd is " +
      "asked for more time, if the unit has Type=notify: set it to {wanted}",
    {
      wanted: `${Math.ceil(longestStopMs / 1_000) + STOP_SPARE_S}`,
      timeoutStopMs: limitMs,
      stopTimeoutMs: longestStopMs,
    },
  );
}

/** Several as one. */
export function together(overseers: readonly Overseer[]): Overseer {
  return {
    turned: (status) => overseers.forEach((one) => one.turned(status)),
    ending: (withinMs) => overseers.forEach((one) => one.ending(withinMs)),
    async run(signal, wake) {
      await Promise.all(overseers.map((one) => one.run(signal, wake)));
    },
  };
}
