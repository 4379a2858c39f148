/** CommandCollection: observe, decide, act, report, sleep. */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "./clock.ts";
import { decide } from "./core/decide.ts";
import type { EnergyCounts } from "./core/energy.ts";
import { eventsOf, type Seen } from "./core/events.ts";
import { Pace } from "./core/pace.ts";
import { isOver, report } from "./core/report.ts";
import type { LevelFacts } from "./core/staging.ts";
import { expiringTopics, numberTopics } from "./core/telemetry_report.ts";
import type { Topics } from "./core/topics.ts";
import type {
  Action,
  Bark,
  CommandFacts,
  Decision,
  Desired,
  Limits,
  Observed,
} from "./core/types.ts";
import { wordsOf } from "./core/words.ts";
import type { Doorbell } from "./doorbell.ts";
import type { InputBuffer } from "./input_buffer.ts";
import type { OutputBuffer } from "./output_buffer.ts";
import type { TelemetryBuffer } from "./telemetry_buffer.ts";

const log = getLogger(["kolikko", "heat"]);

/** So often what was used is kept, so that a power cut costs little of it. */
const KEEP_MS = 30_000;

/** So often a step acts on what fell due while it acted; the next step does the rest. */
const ROUNDS_MAX = 5;

/** All that was seen and decided at one moment. */
interface Look {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly decision: Decision;
  readonly now: number;
}

/** What the collection needs of a command. */
export interface Commandable {
  readonly facts: CommandFacts;
  start(): void;
  signal(rung: "polite" | "terminate"): void;
  kill(): void;
  bark(bark: Bark): void;
  forgive(): void;
  look(): void;
}

export interface CommandCollectionOptions {
  /** One for each of `limits.commands`, in the same order. */
  readonly commands: readonly Commandable[];
  readonly limits: Limits;
  readonly topics: Topics;
  readonly input: InputBuffer;
  readonly output: OutputBuffer;
  readonly telemetry: TelemetryBuffer;
  /**
   * Told now and then what was used so far, so that a power cut costs little of
   * it; resolves once that is kept as well as can be. Never rejects.
   */
  readonly keepEnergy: (counts: EnergyCounts) => Promise<void>;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  /** Called at each turn of the loop with what it has to say. */
  readonly onTurn?: (said: ReadonlyMap<string, string>) => void;
  /** Powers the machine off, once everything is stopped and published. */
  readonly powerOff: () => Promise<void>;
}

/** The one loop: all that is decided and done passes through here. */
export class CommandCollection {
  readonly #options: CommandCollectionOptions;
  readonly #pace: Pace;
  #lastWordAt: number | undefined;
  #lastSeen = "";
  #powersOff = false;
  #keepAt = -Infinity;
  #level: LevelFacts | undefined;
  #seen: Seen | undefined;

  constructor(options: CommandCollectionOptions) {
    this.#options = options;
    const { topics, commands } = options;
    const names = commands.map(({ facts }) => facts.name);
    this.#pace = new Pace({
      numbers: numberTopics(topics, names),
      expiring: expiringTopics(topics, names),
    });
  }

  /** Runs until the controller is asked to end and nothing is left of any command. */
  async run(): Promise<void> {
    const { clock, doorbell, input } = this.#options;
    while (true) {
      const { decision, over } = this.step();
      if (over) return;
      this.#keep();
      const wakeAt = Math.min(decision.wakeAt, this.#keepAt);
      input.rest(wakeAt);
      await doorbell.wait(wakeAt - clock.now(), clock);
      input.awake();
    }
  }

  /** One look, decision and report; `over` once there is nothing left to do. */
  step(): { readonly decision: Decision; readonly over: boolean } {
    const { clock, topics, onTurn } = this.#options;
    // What the actions changed is a fact by now: report that, not the intention. And what
    // fell due meanwhile is done first, or a restart would show as a heater that is off.
    let look = this.#look();
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (look.decision.actions.length === 0) break;
      for (const action of look.decision.actions) this.#act(action);
      look = this.#look();
    }
    const { desired, observed, decision } = look;
    const said = report({ ...look, topics });
    const over = isOver(observed, decision);
    const sayAt = this.#say(said, { word: desired.word, over });
    onTurn?.(said);
    this.#tellEvents({
      isEngaged: said.get(topics.status) === "ON",
      observed,
      decision,
      notice: desired.notice,
      notices: desired.notices,
    });
    if (this.#powersOff) this.#powerOff();
    this.#tell(decision);
    const wakeAt = decision.actions.length > 0
      ? clock.now()
      : Math.min(decision.wakeAt, sayAt);
    return { decision: { ...decision, wakeAt }, over };
  }

  /** Says what is to be said by now; returns when there is more. */
  #say(
    said: ReadonlyMap<string, string>,
    { word, over }: { readonly word: Desired["word"]; readonly over: boolean },
  ): number {
    const { clock, output, topics } = this.#options;
    const { changed, again, nextAt } = this.#pace.next(said, clock.now(), {
      isLast: over,
    });
    output.put(changed);
    for (const topic of again) output.repeat(topic);
    if (word?.at !== this.#lastWordAt) {
      this.#lastWordAt = word?.at;
      output.repeat(topics.status);
    }
    return nextAt;
  }

  #tellEvents(seen: Seen): void {
    const { output, topics } = this.#options;
    const events = eventsOf(this.#seen ?? seen, seen);
    this.#seen = seen;
    for (const event of events) output.say(topics.event, JSON.stringify(event));
  }

  #look(): Look {
    const now = this.#options.clock.now();
    const desired = this.#desired();
    const observed = this.#observe();
    const decision = decide(desired, observed, now);
    this.#level = decision.level;
    return { desired, observed, now, decision };
  }

  #keep(): void {
    const { clock, telemetry, keepEnergy } = this.#options;
    if (clock.now() < this.#keepAt) return;
    this.#keepAt = clock.now() + KEEP_MS;
    const { energy } = telemetry;
    // Home Assistant takes a count that falls for a new one, and counts it again.
    void keepEnergy(energy).then(() => telemetry.energyKept(energy));
  }

  #desired(): Desired {
    return { ...this.#options.input.read(), limits: this.#options.limits };
  }

  #observe(): Observed {
    const { clock, telemetry } = this.#options;
    const commands = this.#options.commands.map((command) => command.facts);
    return {
      commands,
      local: clock.local(),
      level: this.#level,
      ...telemetry.observe(commands),
    };
  }

  #act(action: Action): void {
    switch (action.kind) {
      case "forget":
        log.warn("Failsafe: the last ON no longer counts", { ...action.why });
        return this.#options.input.forget(action.why);
      case "power_off":
        this.#powersOff = true;
        return this.#options.input.shutdownBegun();
      case "start":
        return this.#command(action.command).start();
      case "signal":
        return this.#command(action.command).signal(action.rung);
      case "kill":
        return this.#command(action.command).kill();
      case "bark":
        return this.#command(action.command).bark(action.bark);
      case "forgive":
        return this.#command(action.command).forgive();
      case "look":
        return this.#command(action.command).look();
    }
  }

  #command(name: string): Commandable {
    const command = this.#options.commands.find((one) =>
      one.facts.name === name
    );
    if (command === undefined) throw new Error(`No command "${name}"`);
    return command;
  }

  /** After the report, so that the last OFF is out before. */
  #powerOff(): void {
    const { input, powerOff } = this.#options;
    this.#powersOff = false;
    log.warn("Powering the machine off, as SHUTDOWN was said");
    powerOff().catch((error) => {
      const reason = wordsOf(error);
      log.error("Cannot power the machine off", { reason });
      input.shutdownFailed(reason);
    });
  }

  /** Logs a decision when it differs from the last one. */
  #tell(decision: Decision): void {
    const verdicts = decision.verdicts.map(({ command, kind }) =>
      `${command}=${kind}`
    );
    const seen = `${decision.heat} ${decision.cause} ${verdicts}`;
    if (seen === this.#lastSeen) return;
    this.#lastSeen = seen;
    log.info("Decided", {
      heat: decision.heat ? "on" : "off",
      cause: decision.cause,
      verdicts: verdicts.join(" "),
    });
  }
}
