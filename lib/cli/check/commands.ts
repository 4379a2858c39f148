/** Is each program there, and does its API answer? */

import { systemClock } from "../../clock.ts";
import type { Config } from "../../config.ts";
import { watchdogAdvice } from "../../core/own_watchdog.ts";
import type { CommandSpec } from "../../process/command_spec.ts";
import { StartError } from "../../process/os_process.ts";
import { findProgram } from "../../process/spawn.ts";
import { ReadError } from "../../telemetry/read_error.ts";
import { readFrom } from "../../telemetry/read_from.ts";
import { type Way, wayOf } from "../../telemetry/way.ts";
import type { Finding } from "./finding.ts";

/** A miner that runs answers within this time. */
const ANSWER_MS = 5_000;

/** What is known of a controller of this rig. */
export interface Seen {
  /** One runs on this machine. */
  readonly runs: boolean;
  /** None is seen here, but the broker says that one is online. */
  readonly isElsewhere: boolean;
}

/** Two lines for each command, and what else is worth knowing of it. */
export async function checkCommands(
  config: Config,
  seen: Seen,
): Promise<Finding[]> {
  const found = await Promise.all(
    config.commands.map(async (command, index) => {
      const settings = config.telemetry[index];
      if (settings === undefined) return [];
      const way = wayOf(settings, command);
      return [
        program(command),
        ...joined(command),
        ...forShell(command),
        ...ownWatchdog(command),
        await api(command.name, way, seen),
      ];
    }),
  );
  return found.flat();
}

function program(command: CommandSpec): Finding {
  const what = command.name;
  try {
    const path = findProgram(command);
    return mayRun(path) ? { level: "ok", what, found: `starts ${path}` } : {
      level: "wrong",
      what,
      found: `${path} may not be run, as the permission is missing`,
      advice: "run it with --allow-run, without a list of programs",
    };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { level: "wrong", what, found: error.message };
  }
}

function mayRun(command: string): boolean {
  return Deno.permissions.querySync({ name: "run", command }).state ===
    "granted";
}

/** What a shell alone understands; a miner gets it as it stands. */
function forShell({ name, args }: CommandSpec): Finding[] {
  return args.flatMap((arg, index) =>
    !/^(?:\|\|?|&&?|\d?>>?(?:&\d)?|<)$/.test(arg) ? [] : [{
      level: "note",
      what: name,
      found:
        `gets "${arg}" as an argument, args[${index}], as there is no shell`,
      advice: "leave it out: output goes to [log] dir, and nothing needs a &",
    }]
  );
}

/** An option and its value in one text; what it says may be secret, so the option alone is named. */
function joined({ name, args }: CommandSpec): Finding[] {
  return args.flatMap((arg, index) => {
    const option = /^(--?[A-Za-z][\w-]*) +\S/.exec(arg)?.[1];
    return option === undefined ? [] : [{
      level: "note",
      what: name,
      found: `gets "${option}" and what stands behind it as one argument, ` +
        `args[${index}]`,
      advice: "if it is an option and its value, give each a text of its own",
    }];
  });
}

function ownWatchdog({ name, exec, args }: CommandSpec): Finding[] {
  const advice = watchdogAdvice(exec, args);
  if (advice === undefined) return [];
  return [{
    level: "note",
    what: name,
    found: "looks after itself, behind the back of the controller",
    advice,
  }];
}

async function api(
  name: string,
  way: Way,
  { runs, isElsewhere }: Seen,
): Promise<Finding> {
  if (way.kind === "none") {
    return { level: "ok", what: name, found: "is not to be read" };
  }
  if (way.kind === "stdout") {
    const found = "is read by what it prints";
    return way.advice === undefined
      ? { level: "ok", what: name, found }
      : { level: "note", what: name, found, advice: way.advice };
  }
  const { reader, where } = way;
  const place = `${reader.program} at ${where.host}:${where.port}`;
  try {
    const reading = await readFrom(reader, where, {
      clock: systemClock,
      signal: new AbortController().signal,
      timeLimitMs: ANSWER_MS,
    });
    const rate = reading.hashrateHs;
    const said = rate === undefined ? "no rate" : `${rate / 1000} kH/s`;
    if (runs) {
      return { level: "ok", what: name, found: `${place} tells ${said}` };
    }
    // It may be one that this user cannot see, as in a container: never call what it runs a stranger.
    return isElsewhere
      ? {
        level: "note",
        what: name,
        found: `${place} tells ${said}; the controller that is online cannot ` +
          `be seen from here, and this may be its miner`,
        advice: "leave it, if the controller runs in a container here",
      }
      : {
        level: "wrong",
        what: name,
        found:
          `${place} tells ${said}, and no controller of this rig is seen, ` +
          `neither here nor on the broker`,
        advice:
          "find out who started this miner; if nobody of yours, end it, " +
          "or take another port",
      };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    if (!runs) {
      return {
        level: "ok",
        what: name,
        found: `${place} is asked once it runs`,
      };
    }
    return {
      level: "note",
      what: name,
      found: error.message,
      advice: "nothing to do if it does not run now",
    };
  }
}
