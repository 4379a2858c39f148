/** Each rule must be able to fail: here is a controller that does everything wrong. */

import { assertThrows } from "@std/assert";
import type { OsProcess } from "../../lib/process/os_process.ts";
import { commandLimits, heatLimits, S } from "../core/make.ts";
import { type Behaviour, FakeProcesses } from "../fakes/fake_process.ts";
import { Agenda, deferAtOnce } from "./agenda.ts";
import { Invariants } from "./invariants.ts";
import { type Setup, Violation } from "./script.ts";
import type { View } from "./word_rules.ts";

const SETUP: Setup = {
  heat: heatLimits({ minOnMs: S, minOffMs: 2 * S }),
  commands: [commandLimits()],
  retainedCommands: "off-only",
  allowShutdown: false,
  powerOff: "works",
  localMs: 0,
};

const ON: View = {
  status: "ON",
  statusmsg: "Stopping a",
  problem: "{}",
  states: new Map([["a", "running"]]),
};
const OFF: View = { ...ON, status: "OFF", states: new Map([["a", "stopped"]]) };

class BadController {
  readonly agenda = new Agenda({ now: 0, localMs: 0 });
  readonly processes: FakeProcesses;
  readonly invariants: Invariants;
  process: OsProcess | undefined;

  constructor() {
    this.processes = new FakeProcesses({
      ticker: this.agenda,
      defer: deferAtOnce,
      onFact: (fact) => this.invariants.fact(fact, this.now),
    });
    this.invariants = new Invariants({
      setup: SETUP,
      processes: this.processes,
      local: () => this.agenda.local(),
      now: 0,
    });
  }

  get now(): number {
    return this.agenda.now();
  }

  say(word: "on" | "off"): this {
    this.invariants.demand.say(word, this.now);
    return this;
  }

  start(behaves: Behaviour = {}): this {
    this.processes.behave("a", behaves);
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

  ask(): this {
    this.process?.signal("SIGINT");
    return this;
  }

  kill(): this {
    void this.process?.kill();
    return this;
  }

  look(): this {
    void this.process?.remaining();
    return this;
  }

  wait(ms: number): this {
    this.agenda.moveTo(this.now + ms);
    return this;
  }

  check(view: View): void {
    this.invariants.check(this.now, view);
  }
}

const DEAF = { obeysAfterMs: Infinity };

const MISDEEDS: readonly [string, (bad: BadController) => unknown][] = [
  ["start without demand", (bad) => bad.start()],
  ["start without demand", (bad) => bad.say("on").say("off").start()],
  ["two instances", (bad) => bad.say("on").start().start()],
  ["start too late", (bad) => bad.say("on").wait(1).check(OFF)],
  ["stop without a reason", (bad) => bad.say("on").start().ask()],
  [
    "stop too soon",
    (bad) => bad.say("on").start().say("off").wait(S - 1).ask(),
  ],
  [
    "stop too late",
    (bad) => bad.say("on").start().wait(S).say("off").wait(1).check(ON),
  ],
  ["kill too soon", (bad) => stopping(bad, DEAF).wait(9_999).kill()],
  ["no SIGTERM", (bad) => stopping(bad, DEAF).wait(5 * S + 1).check(ON)],
  ["no kill", (bad) => stopping(bad, DEAF).ask().wait(10 * S + 1).check(ON)],
  ["no look after an end", (bad) => stopping(bad).wait(S).check(ON)],
  [
    "left behind",
    (bad) => {
      const running = bad.say("on").start({ children: 1, endsAfterMs: S });
      running.wait(S).look().wait(S).check(ON);
    },
  ],
  [
    "gives up",
    (bad) => stopping(bad, DEAF).wait(10 * S).kill().wait(31 * S).check(ON),
  ],
  [
    "heats on",
    (bad) => {
      const killed = stopping(bad, { ...DEAF, flees: 99 }).wait(10 * S).kill();
      killed.wait(5 * S + 1).check(ON);
    },
  ],
  [
    // A look that is not answered is no excuse.
    "heats on",
    (bad) => {
      const left = { children: 1, endsAfterMs: S, lookMs: 60 * S };
      bad.say("on").start(left).wait(S).look().wait(17 * S + 1).check(ON);
    },
  ],
  [
    "names the dead",
    (bad) => {
      const said = "Stopping a: pid 1001 still lives";
      stopping(bad).wait(S).look().check({ ...ON, statusmsg: said });
    },
  ],
  [
    "gives up unkilled",
    (bad) => stopping(bad, DEAF).ask().invariants.giveUp(0),
  ],
  [
    "status flaps",
    (bad) => {
      const crashed = bad.say("on").start({ endsAfterMs: S }).wait(S).look();
      crashed.wait(S).check(OFF);
    },
  ],
  [
    "no proof",
    (bad) => {
      const killed = stopping(bad, DEAF).ask().wait(10 * S).kill();
      killed.wait(2 * S).check(ON);
    },
  ],
  [
    "min_off",
    (bad) => stopping(bad).wait(300).look().wait(S).say("on").start(),
  ],
  [
    "backoff",
    (bad) => {
      const crashed = bad.say("on").start({ endsAfterMs: S }).wait(S).look();
      crashed.wait(3 * S).start();
    },
  ],
  ["OFF while something lives", (bad) => bad.say("on").start().check(OFF)],
  [
    "state hides life",
    (bad) => bad.say("on").start().check({ ...OFF, status: "ON" }),
  ],
  ["ON while nothing runs", (bad) => bad.check(ON)],
  ["statusmsg length", (bad) => bad.check({ ...OFF, statusmsg: "" })],
  ["statusmsg is silent", (bad) => bad.check({ ...OFF, statusmsg: "OK" })],
  ["power off", (bad) => bad.invariants.powerOff(0)],
];

function stopping(bad: BadController, behaves: Behaviour = {}): BadController {
  return bad.say("on").start(behaves).wait(S).say("off").ask();
}

for (const [index, [rule, misdeed]] of MISDEEDS.entries()) {
  Deno.test(`Invariants.check() finds "${rule}" (${index})`, () => {
    assertThrows(() => misdeed(new BadController()), Violation, rule);
  });
}
