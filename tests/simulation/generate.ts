/** Makes a script from a seed: what the thermostat says, and all that goes wrong. */

import type { CommandLimits, HeatLimits } from "../../lib/core/types.ts";
import { Random } from "./random.ts";
import { randomBehaviour, randomExit } from "./random_behaviour.ts";
import {
  randomTelling,
  randomWatchdog,
  tellingEvents,
} from "./random_telling.ts";
import { levelEvents, thermostatEvents } from "./random_words.ts";
import type {
  BrokerDeed,
  Scenario,
  Setup,
  Times,
  WorldEvent,
} from "./script.ts";

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

/** The same seed gives the same scenario; it begins somewhere in ten years of uptime. */
export function generate(seed: number, days: number): Scenario {
  const random = new Random(seed);
  const setup = randomSetup(random);
  const fromMs = random.pick([0, random.int(0, 3650) * DAY]);
  const times = { fromMs, untilMs: fromMs + days * DAY };
  const events = [
    ...thermostatEvents(random, times, setup),
    ...levelEvents(random, times, setup),
    ...programEvents(random, times, setup),
    ...brokerEvents(random, times),
    ...controllerEvents(random, times),
    ...localEvents(random, times, setup),
    ...sleepEvents(random, times),
    ...tellingEvents(random, times, setup),
  ];
  events.sort((a, b) => a.at - b.at);
  return { setup, events, ...times };
}

/** Long ones make for long sentences. */
const NAMES = ["a", "lolminer_3080", "old_cards_of_the_rig_in_the_garage"];

function randomSetup(random: Random): Setup {
  const names = NAMES.slice(0, random.pick([1, 1, 2, 2, 3]));
  const telling = randomTelling(random);
  return {
    heat: randomHeat(random),
    commands: names.map((name) => randomLimits(random, name)),
    retainedCommands: random.pick(["off-only", "off-only", "ignore", "accept"]),
    allowShutdown: random.chance(0.3),
    powerOff: random.pick(["works", "fails"]),
    localMs: random.int(0, 7 * 24 * 60) * MIN + random.int(0, MIN - 1),
    ...telling === undefined ? {} : { telling },
  };
}

function randomHeat(random: Random): HeatLimits {
  return {
    brokerLostAfterMs: random.pick([2 * MIN, 10 * MIN, 10 * MIN, Infinity]),
    thermostatOfflineAfterMs: random.pick([MIN, 10 * MIN, Infinity]),
    silentAfterMs: random.pick([
      Infinity,
      Infinity,
      Infinity,
      15 * MIN,
      2 * HOUR,
    ]),
    maxOnMs: random.pick([Infinity, Infinity, Infinity, 45 * MIN, 3 * HOUR]),
    minOnMs: random.pick([0, 0, 30 * S, 10 * MIN]),
    minOffMs: random.pick([0, 0, S, 3 * MIN, 10 * MIN]),
    staggerMs: random.pick([0, 0, 10 * S, 2 * MIN]),
    crashGraceMs: random.pick([MIN, MIN, 0, 5 * S, 10 * MIN]),
    modulationPeriodMs: random.pick([Infinity, 10 * MIN, 30 * MIN]),
  };
}

function randomLimits(random: Random, name: string): CommandLimits {
  const restartRestMs = random.pick([S, 5 * S, 5 * S, 30 * S]);
  return {
    name,
    stopSignal: random.pick(["SIGINT", "SIGINT", "SIGTERM"]),
    stopTimeoutMs: random.pick([10 * S, 10 * S, 10 * S, 2 * S, 45 * S]),
    quietHours: random.chance(0.6) ? [] : randomQuiet(random),
    restartRestMs,
    restartRestMaxMs: random.pick([MIN, 5 * MIN, 5 * MIN, 5 * MIN]),
    stableAfterMs: random.pick([10 * S, MIN, MIN, 10 * MIN]),
    lockoutFailures: random.pick([1, 2, 5, 5, 5, 100]),
    lockoutForMs: random.pick([5 * MIN, 30 * MIN, 30 * MIN, 6 * HOUR]),
    watchdog: randomWatchdog(random),
    watts: random.chance(0.3) ? undefined : random.pick([120, 300, 1_500]),
  };
}

function randomQuiet(random: Random): CommandLimits["quietHours"] {
  return Array.from({ length: random.int(1, 3) }, () => {
    const fromMinute = random.pick([0, 7 * 60, random.int(0, 1439)]);
    return {
      days: [0, 1, 2, 3, 4, 5, 6].filter(() => random.chance(0.5)),
      fromMinute,
      // To the same minute is a whole day.
      toMinute: random.pick([
        fromMinute,
        6 * 60,
        19 * 60,
        1440,
        random.int(0, 1439),
      ]),
    };
  });
}

function programEvents(
  random: Random,
  times: Times,
  setup: Setup,
): WorldEvent[] {
  const events: WorldEvent[] = [];
  for (const { name: command } of setup.commands) {
    let at = times.fromMs;
    while ((at += random.span(8 * HOUR)) < times.untilMs) {
      const behaves = randomBehaviour(random);
      events.push({ at, kind: "program", command, behaves });
    }
    at = times.fromMs;
    while ((at += random.span(20 * HOUR)) < times.untilMs) {
      const exit = randomExit(random);
      events.push({ at, kind: "crash", command, exit });
      if (!random.chance(0.2)) continue;
      // Somebody replaces the program just now.
      const startFails = "The file is busy";
      const behaves = { startFails };
      events.push({ at: at + 1, kind: "program", command, behaves });
      at += random.span(20 * S);
      events.push({ at, kind: "program", command, behaves: {} });
    }
  }
  return events;
}

/** What breaks, and what mends it. */
const BREAKS: readonly (readonly [BrokerDeed, BrokerDeed | undefined])[] = [
  ["kill", "restart"],
  ["freeze", "thaw"],
  ["deny", "allow"],
  ["unplug", "plug"],
  ["unplug", "plug"],
  ["cut", undefined],
  ["cut", undefined],
  ["take_over", undefined],
  ["forget", undefined],
];

/** What is said while nobody may hear it. */
function wordsMeanwhile(random: Random, from: number): WorldEvent[] {
  const words = random.pick([["OFF"], ["ON"], ["OFF", "ON"], ["ON", "OFF"]]);
  let at = from;
  return words.map((payload) => {
    at += random.span(random.pick([S, 20 * S, 5 * MIN]));
    return { at, kind: "say", payload };
  });
}

function brokerEvents(random: Random, times: Times): WorldEvent[] {
  const events: WorldEvent[] = [];
  let at = times.fromMs;
  while ((at += random.span(9 * HOUR)) < times.untilMs) {
    const [breaks, mends] = random.pick(BREAKS);
    events.push({ at, kind: "broker", does: breaks });
    if (random.chance(0.5)) events.push(...wordsMeanwhile(random, at));
    // A permission is asked for at the next connection.
    if (breaks === "deny") events.push({ at, kind: "broker", does: "cut" });
    if (breaks === "take_over") {
      // Now and then it is a fight: the other one comes back each time.
      for (let more = random.pick([0, 0, 3, 25]); more > 0; more--) {
        at += random.span(70 * S);
        events.push({ at, kind: "broker", does: "take_over" });
      }
    }
    if (mends === undefined) continue;
    at += random.span(
      random.pick([3 * S, 40 * S, 2 * MIN, 10 * MIN, 2 * HOUR]),
    );
    events.push({ at, kind: "broker", does: mends });
  }
  return events;
}

function controllerEvents(random: Random, times: Times): WorldEvent[] {
  const events: WorldEvent[] = [];
  let at = times.fromMs;
  while ((at += random.span(40 * HOUR)) < times.untilMs) {
    const does = random.pick(
      ["stop", "stop", "force", "die", "vanish", "vanish"] as const,
    );
    events.push({ at, kind: "controller", does });
    if (does === "stop" && random.chance(0.3)) {
      at += random.span(3 * S);
      events.push({ at, kind: "controller", does: "force" });
    }
    at += random.span(random.pick([20, 3 * MIN]));
    events.push({ at, kind: "controller", does: "start" });
    // One that was still busy ending is started again all the same.
    at += 5 * MIN;
    events.push({ at, kind: "controller", does: "start" });
  }
  return events;
}

/** A machine that is suspended, for moments or for a night. */
function sleepEvents(random: Random, times: Times): WorldEvent[] {
  const events: WorldEvent[] = [];
  let at = times.fromMs;
  while ((at += random.span(60 * HOUR)) < times.untilMs) {
    const forMs = random.pick([S, 20 * S, 4 * MIN, 6 * MIN, HOUR, 9 * HOUR]);
    const says = random.pick([[], ["OFF"], ["ON"], ["OFF", "ON"]] as const);
    events.push({ at, kind: "sleep", forMs, says });
  }
  return events;
}

/** Summer time comes and goes at full hours; a millisecond before, so that 3:00 is met. */
function localEvents(
  random: Random,
  times: Times,
  setup: Setup,
): WorldEvent[] {
  const events: WorldEvent[] = [];
  const toFullHour = HOUR - setup.localMs % HOUR;
  let at = times.fromMs + toFullHour - 1;
  let shiftMs = HOUR;
  while ((at += random.int(24, 24 * 40) * HOUR) < times.untilMs) {
    events.push({ at, kind: "local", shiftMs });
    shiftMs = -shiftMs;
  }
  return events;
}
