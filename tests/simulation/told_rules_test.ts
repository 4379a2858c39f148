/** The rules for what is told must be able to fail, too. */

import { assertThrows } from "@std/assert";
import type { Found } from "../../lib/core/reading.ts";
import type { OsProcess } from "../../lib/process/os_process.ts";
import {
  commandLimits,
  heatLimits,
  MIN,
  S,
  SAFETY,
  WATCHDOG,
} from "../core/make.ts";
import { FakeProcesses } from "../fakes/fake_process.ts";
import { Agenda, deferAtOnce } from "./agenda.ts";
import { Invariants } from "./invariants.ts";
import { type Setup, Violation } from "./script.ts";
import type { View } from "./word_rules.ts";

const SETUP: Setup = {
  heat: heatLimits({ minOnMs: 60 * MIN }),
  commands: [
    commandLimits({
      watchdog: {
        ...WATCHDOG,
        minHashrateHs: 1_000,
        silentForMs: 5 * MIN,
        restartsADay: 1,
      },
    }),
  ],
  retainedCommands: "off-only",
  allowShutdown: false,
  powerOff: "works",
  localMs: 0,
  telling: { intervalMs: 20 * S, safety: SAFETY, hasMachine: true },
};

const STATES = { ON: "running", OFF: "stopped" };

/** A controller that is told everything and minds nothing. */
class BadController {
  readonly agenda = new Agenda({ now: 0, localMs: 0 });
  readonly processes: FakeProcesses;
  readonly invariants: Invariants;
  process: OsProcess | undefined;

  constructor() {
    this.processes = new FakeProcesses({
      ticker: this.agenda,
      defer: deferAtOnce,
      onFact: (fact) => this.invariants.fact(fact, this.agenda.now()),
    });
    this.invariants = new Invariants({
      setup: SETUP,
      processes: this.processes,
      local: () => this.agenda.local(),
      now: 0,
    });
    this.invariants.demand.say("on", 0);
  }

  start(): this {
    this.process = this.processes.spawn({
      name: "a",
      exec: "miner",
      args: [],
      cwd: "/",
      env: {},
      mark: "a",
      onLine: () => {},
    });
    return this;
  }

  /** Asks to stop, and looks until nothing is left. */
  stop(): this {
    this.process?.signal("SIGINT");
    this.wait(S);
    void this.process?.remaining();
    return this.wait(S);
  }

  wait(ms: number): this {
    this.agenda.moveTo(this.agenda.now() + ms);
    return this;
  }

  tell(celsius: number, some: Found = {}): this {
    const temperatures = [{ device: "GPU0", celsius }];
    const found = { hashrateHs: 2_000, accepted: 0, temperatures, ...some };
    this.invariants.told("a", found, this.agenda.now());
    return this;
  }

  warm(celsius: number): this {
    this.invariants.toldMachine(celsius, this.agenda.now());
    return this;
  }

  check(status: "ON" | "OFF", hashrate: string, accepted: string): this {
    const view: View = {
      status,
      statusmsg: "x",
      problem: "{}",
      states: new Map([["a", STATES[status]]]),
      numbers: new Map([["a", { hashrate, accepted }]]),
    };
    this.invariants.check(this.agenda.now(), view);
    return this;
  }
}

const MISDEEDS: readonly [string, (bad: BadController) => unknown][] = [
  [
    "stop too late",
    (bad) => {
      bad.start().tell(91).wait(S).tell(91).check("ON", "2", "0");
      bad.wait(1).check("ON", "2", "0");
    },
  ],
  // One reading is none, and min_on holds.
  ["stop too soon", (bad) => bad.start().tell(91).wait(S).stop()],
  [
    "stop too late",
    (bad) => bad.start().tell(60).wait(MIN + 1).check("ON", "null", "null"),
  ],
  [
    "stop too late",
    (bad) => bad.start().warm(60).wait(MIN + 1).check("ON", "null", "0"),
  ],
  [
    "too hot",
    (bad) => {
      bad.start().tell(91).wait(S).tell(91).stop();
      bad.wait(10 * MIN - 3 * S).start();
    },
  ],
  ["too hot", (bad) => bad.warm(91).wait(S).warm(91).start()],
  // The watchdog may not yet, may no more, and must.
  ["stop too soon", (bad) => bad.start().wait(8 * MIN - 1).stop()],
  [
    "stop too soon",
    (bad) => {
      bad.start().wait(8 * MIN).stop();
      bad.wait(MIN).start().wait(8 * MIN).stop();
    },
  ],
  [
    "stop too late",
    (bad) => bad.start().wait(8 * MIN + 1).check("ON", "null", "null"),
  ],
  ["backoff", (bad) => bad.start().wait(8 * MIN).stop().start()],
  [
    "stopped is not 0",
    (bad) => bad.warm(91).wait(S).warm(91).check("OFF", "null", "0"),
  ],
  ["wrong number", (bad) => bad.start().tell(60).check("ON", "3", "0")],
  [
    "number of which nobody knows",
    (bad) =>
      bad.start().tell(60).wait(MIN - 1).warm(5).wait(1).check("ON", "2", "0"),
  ],
  ["wrong count", (bad) => bad.start().tell(60).check("ON", "2", "1")],
  [
    "count falls",
    (bad) => {
      bad.start().tell(60, { accepted: 5 }).check("ON", "2", "5");
      bad.tell(60, { accepted: 6 }).check("ON", "2", "4");
    },
  ],
];

for (const [index, [rule, misdeed]] of MISDEEDS.entries()) {
  Deno.test(`Invariants.check() finds "${rule}" in what is told (${index})`, () => {
    assertThrows(() => misdeed(new BadController()), Violation, rule);
  });
}
