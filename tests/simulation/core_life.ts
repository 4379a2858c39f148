/** One life of a controller without promises: its loop, its buffers, its commands. */

import { CommandCollection } from "../../lib/command_collection.ts";
import { decide } from "../../lib/core/decide.ts";
import { NO_ENERGY } from "../../lib/core/energy.ts";
import type { Decision, Limits, LocalMoment } from "../../lib/core/types.ts";
import { Doorbell } from "../../lib/doorbell.ts";
import { InputBuffer } from "../../lib/input_buffer.ts";
import { OutputBuffer } from "../../lib/output_buffer.ts";
import { Command } from "../../lib/process/command.ts";
import { TelemetryBuffer } from "../../lib/telemetry_buffer.ts";
import { SAFETY } from "../core/make.ts";
import type { FakeProcesses } from "../fakes/fake_process.ts";
import type { Agenda } from "./agenda.ts";
import { Invariants } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Setup } from "./script.ts";
import { Topicboard, TOPICS } from "./topicboard.ts";

/** From a controller's start to its end. */
export interface Life {
  readonly limits: Limits;
  readonly input: InputBuffer;
  readonly output: OutputBuffer;
  readonly telemetry: TelemetryBuffer;
  readonly commands: readonly Command[];
  readonly collection: CommandCollection;
  readonly invariants: Invariants;
  readonly board: Topicboard;
  decision: Decision | undefined;
  steppedAt: number;
  /** By when it ends although something lives. */
  endsBy: number;
}

export interface LifeOptions {
  readonly setup: Setup;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly processes: FakeProcesses;
  readonly powerOff: () => Promise<void>;
}

/** A controller that was started just now. */
export function newLife(options: LifeOptions): Life {
  const { setup, agenda: clock, random, processes, powerOff } = options;
  const { commands, telling } = setup;
  const limits = limitsOf(setup);
  const doorbell = new Doorbell();
  const input = new InputBuffer({ clock, doorbell });
  const output = new OutputBuffer({ doorbell });
  const running = commands.map((one) =>
    new Command({
      spec: { name: one.name, exec: "miner", args: [], cwd: "/", env: {} },
      limits: one,
      spawn: processes.spawn,
      clock,
      doorbell,
      random: () => random.next(),
      newMark: (command) => command,
      onLine: () => {},
    })
  );
  const telemetry = new TelemetryBuffer({
    clock,
    doorbell,
    limits,
    reads: commands.map(() => {
      const staleAfterMs = 3 * (telling?.intervalMs ?? 10_000);
      return { isRead: telling !== undefined, staleAfterMs };
    }),
    energy: NO_ENERGY,
  });
  return {
    limits,
    input,
    output,
    telemetry,
    commands: running,
    collection: new CommandCollection({
      commands: running,
      limits,
      telemetry,
      keepEnergy: () => Promise.resolve(),
      topics: TOPICS,
      input,
      output,
      clock,
      doorbell,
      powerOff,
    }),
    invariants: new Invariants({
      setup,
      processes,
      local: () => clock.local(),
      now: clock.now(),
    }),
    board: new Topicboard(commands.map(({ name }) => name)),
    decision: undefined,
    steppedAt: clock.now(),
    endsBy: Infinity,
  };
}

/** What it would decide at another moment, if nothing happens until then. */
export function decideAt(
  { input, limits, commands, telemetry, decision }: Life,
  local: LocalMoment,
  at: number,
): Decision {
  const facts = commands.map(({ facts }) => facts);
  const observed = {
    ...telemetry.observe(facts),
    commands: facts,
    level: decision?.level,
    local,
  };
  return decide({ ...input.read(), limits }, observed, at);
}

function limitsOf({ heat, commands, telling }: Setup): Limits {
  return { heat, safety: telling?.safety ?? SAFETY, commands };
}
