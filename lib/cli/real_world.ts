/** The outside world as it is: this machine's processes, clock and network. */

import { getLogger } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { World } from "../controller.ts";
import { outputLog } from "../log.ts";
import { Broker } from "../mqtt/broker.ts";
import { withCare } from "../mqtt/careful_link.ts";
import { createConnect } from "../mqtt/connect.ts";
import { subjectOf } from "../mqtt/subject.ts";
import type { Cgroups } from "../process/cgroup.ts";
import type { Family } from "../process/family.ts";
import { makeMark } from "../process/mark.ts";
import { OutputLimiter } from "../process/output_limiter.ts";
import { powerOff } from "../process/power_off.ts";
import { controllerId } from "../process/process_id.ts";
import { createSpawn } from "../process/spawn.ts";
import {
  type ControllerGuard,
  guardController,
} from "../process/windows_job.ts";
import { readMachine } from "../telemetry/machine.ts";
import { Miners } from "../telemetry/miners.ts";
import { systemSources } from "../telemetry/sensors/sensors.ts";
import { UNKEPT_ENERGY } from "./energy.ts";

/** What a controller with this configuration works on. */
export function realWorld(
  config: Config,
  options: {
    readonly version: string;
    readonly cgroups?: Cgroups;
    readonly family?: Family | undefined;
    /** From `openGuard()`, which must be called once alone. */
    readonly guard?: ControllerGuard | undefined;
  },
): World {
  const { version, cgroups, family, guard = openGuard() } = options;
  const clock = systemClock;
  const random = Math.random;
  const mqttLog = getLogger(["kolikko", "mqtt"]);
  const broker = new Broker({
    connect: withCare(
      createConnect(config.broker, {
        log: mqttLog,
        subject: subjectOf(config),
      }),
      clock,
    ),
    clock,
    log: mqttLog,
    random,
  });
  const controller = controllerId(guard);
  const rig = config.rig.id;
  const miners = new Miners({
    clock,
    programs: config.commands,
    settings: config.telemetry,
  });
  return {
    clock,
    random,
    newMark: (command) =>
      makeMark({ rig, command, controller, run: crypto.randomUUID() }),
    spawn: createSpawn({
      clock,
      ...(guard === undefined ? {} : { guard }),
      ...(cgroups === undefined ? {} : { cgroups }),
      ...(family === undefined ? {} : { family }),
    }),
    leftovers: [],
    telemetry: {
      reads: miners.reads,
      run: async (buffer, signal) => {
        await Promise.all([
          miners.run(buffer, signal),
          readMachine(buffer, { clock, sources: systemSources(clock), signal }),
        ]);
      },
    },
    energy: UNKEPT_ENERGY,
    links: (signal, isHeating) => broker.links(signal, isHeating),
    rival: () => broker.rival,
    hurry: () => broker.hurry(),
    powerOff: () => powerOff(),
    outputOf: (name) => {
      const limiter = new OutputLimiter({ clock, sink: outputLog(name) });
      return (line, leftOut) => {
        limiter.push(line, leftOut);
        miners.push(name, line);
      };
    },
    info: {
      version,
      host: hostname(),
      os: `${Deno.build.os} ${Deno.build.arch}`,
      runtime: `deno ${Deno.version.deno}`,
    },
  };
}

/** On Windows the controller goes into a job of its own: whatever it starts ends with it. */
export function openGuard(): ControllerGuard | undefined {
  if (Deno.build.os !== "windows") return undefined;
  const guard = guardController();
  if (guard.kind === "unguarded") {
    getLogger(["kolikko", "process"]).warn(
      "Programs may outlive a controller that is killed",
      { reason: guard.reason },
    );
  }
  return guard;
}

/** The machine's name; a narrow set of permissions may hide it. */
function hostname(): string {
  try {
    return Deno.hostname();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "unknown";
    throw error;
  }
}
