/**
 * Scripts that broke a rule once, or would if somebody forgot why a line stands
 * where it stands. A failing simulation prints its script in this form.
 */

import { commandLimits, heatLimits, MIN, S } from "../core/make.ts";
import { type Layer, play } from "./episodes.ts";
import type { Behaviour } from "../fakes/fake_process.ts";
import { failureText } from "./failure_text.ts";
import type { Scenario, Setup, WorldEvent } from "./script.ts";

interface Regression {
  /** What holds now. */
  readonly name: string;
  readonly layer: Layer;
  readonly scenario: Scenario;
}

/** A Monday, noon. */
const NOON_MS = (24 + 12) * 60 * MIN;

function scenario(
  setup: Partial<Setup>,
  events: readonly WorldEvent[],
  untilMs: number,
): Scenario {
  return {
    setup: {
      heat: heatLimits(),
      commands: [commandLimits()],
      retainedCommands: "off-only",
      allowShutdown: false,
      powerOff: "works",
      localMs: NOON_MS,
      ...setup,
    },
    events,
    fromMs: 0,
    untilMs,
  };
}

/** Deaf to all but the kill; the news of its end comes long after the proof. */
const LATE_NEWS = {
  obeysAfterMs: Infinity,
  obeysTermAfterMs: Infinity,
  exitLateMs: 3 * S,
};

const ON_DURING_STOP: readonly WorldEvent[] = [
  { at: S, kind: "program", command: "a", behaves: LATE_NEWS },
  { at: 2 * S, kind: "say", payload: "ON" },
  { at: 60 * S, kind: "program", command: "a", behaves: {} },
  { at: 60 * S, kind: "say", payload: "OFF" },
  { at: 65 * S, kind: "say", payload: "ON" },
];

/** Killed so often, a minute after each start, while the thermostat wants heat. */
function killedAndStarted(times: number): WorldEvent[] {
  return Array.from({ length: times }, (_, each): WorldEvent[] => {
    const at = each * 2 * MIN;
    return [
      { at: at + 10 * S, kind: "say", payload: "ON" },
      { at: at + MIN, kind: "controller", does: "vanish" },
      { at: at + MIN + S, kind: "controller", does: "start" },
    ];
  }).flat();
}

/** It runs for two minutes, then its leader ends by itself. */
function crashing(
  behaves: Behaviour,
  ...then: readonly WorldEvent[]
): readonly WorldEvent[] {
  const exit = { kind: "code", code: 1 } as const;
  return [
    { at: S, kind: "program", command: "a", behaves },
    { at: 2 * S, kind: "say", payload: "ON" },
    { at: 2 * MIN, kind: "crash", command: "a", exit },
    ...then,
  ];
}

const REGRESSIONS: readonly Regression[] = [
  ...[4, 5].map((times): Regression => ({
    name: `heat is held after five kills of the controller, here ${times}`,
    layer: "core",
    scenario: scenario(
      { heat: heatLimits({ maxOnMs: 35 * MIN }) },
      [
        ...killedAndStarted(times),
        { at: 11 * MIN, kind: "say", payload: "ON" },
        { at: 20 * MIN, kind: "controller", does: "stop" },
        { at: 21 * MIN, kind: "controller", does: "start" },
        { at: 22 * MIN, kind: "say", payload: "ON" },
      ],
      70 * MIN,
    ),
  })),
  {
    name: "a min_off longer than the rest does not let status flap",
    layer: "core",
    scenario: scenario(
      { heat: heatLimits({ minOffMs: 20 * S }) },
      crashing({}),
      5 * MIN,
    ),
  },
  {
    name: "a turn that is waited for after the rest does not let status flap",
    layer: "core",
    scenario: scenario(
      { heat: heatLimits({ staggerMs: 2 * MIN + 20 * S }) },
      crashing({}),
      5 * MIN,
    ),
  },
  {
    name: "what a leader left behind is killed in time though no look answers",
    layer: "core",
    scenario: scenario(
      {},
      crashing(
        { children: 1, lookMs: 16 * S },
        { at: 2 * MIN + 500, kind: "say", payload: "OFF" },
      ),
      5 * MIN,
    ),
  },
  {
    name:
      "a controller that ends kills what it gives up, though no look answers",
    layer: "core",
    scenario: scenario(
      {},
      crashing(
        { children: 1, lookMs: 16 * S },
        { at: 2 * MIN + 500, kind: "controller", does: "stop" },
      ),
      5 * MIN,
    ),
  },
  {
    name: "looks that all come late prove that nothing is left",
    layer: "core",
    scenario: scenario({}, [
      { at: S, kind: "program", command: "a", behaves: { lookMs: 16 * S } },
      { at: 2 * S, kind: "say", payload: "ON" },
      { at: MIN, kind: "say", payload: "OFF" },
    ], 5 * MIN),
  },
  {
    name: "a leader that has ended is not said to live",
    layer: "core",
    scenario: scenario({}, [
      { at: S, kind: "say", payload: "ON" },
      { at: MIN, kind: "say", payload: "OFF" },
    ], 2 * MIN),
  },
  {
    name: "min_off counts from the proof if the leader's end is told later",
    layer: "core",
    scenario: scenario(
      { heat: heatLimits({ minOffMs: 3 * MIN }) },
      ON_DURING_STOP,
      5 * MIN,
    ),
  },
  {
    name: "news of an old run change nothing in a new one",
    layer: "whole",
    scenario: scenario({}, ON_DURING_STOP, 5 * MIN),
  },
  {
    name: "a word grows old while max_on holds it",
    layer: "core",
    scenario: scenario(
      { heat: heatLimits({ maxOnMs: 5 * MIN, silentAfterMs: 15 * MIN }) },
      [
        { at: S, kind: "say", payload: "ON" },
        { at: 15 * MIN + 10 * S, kind: "say", payload: "ON" },
      ],
      40 * MIN,
    ),
  },
  {
    name: "a controller that ends gives up no sooner than it said",
    layer: "whole",
    scenario: scenario(
      {},
      [
        {
          at: S,
          kind: "program",
          command: "a",
          behaves: { unkillableMs: 3 * S, children: 2 },
        },
        { at: 2 * S, kind: "say", payload: "ON" },
        { at: 60 * S, kind: "controller", does: "stop" },
        { at: 3 * MIN, kind: "controller", does: "start" },
      ],
      5 * MIN,
    ),
  },
  {
    name: "a restart that fails within the grace ends the grace",
    layer: "core",
    scenario: scenario(
      {},
      [
        { at: S, kind: "say", payload: "ON" },
        {
          at: 10 * S,
          kind: "crash",
          command: "a",
          exit: { kind: "code", code: 1 },
        },
        {
          at: 10 * S + 1,
          kind: "program",
          command: "a",
          behaves: { startFails: "The file is busy" },
        },
      ],
      5 * MIN,
    ),
  },
  {
    name: "quiet hours begin and end where summer time says",
    layer: "whole",
    scenario: scenario(
      {
        localMs: 2 * 60 * MIN - 10 * S,
        commands: [commandLimits({
          quietHours: [{ days: [0], fromMinute: 180, toMinute: 240 }],
        })],
      },
      [
        { at: S, kind: "say", payload: "ON" },
        { at: 10 * S - 1, kind: "local", shiftMs: 60 * MIN },
      ],
      90 * MIN,
    ),
  },
  {
    name:
      "a kept ON counts after a sleep, as nothing says that the thermostat is away",
    layer: "whole",
    scenario: scenario({ retainedCommands: "accept" }, [
      { at: S, kind: "say", payload: "ON", retain: true },
      { at: 20 * S, kind: "sleep", forMs: 60 * MIN },
      { at: 60 * S, kind: "broker", does: "cut" },
    ], 5 * MIN),
  },
  {
    name:
      "an ON and a level 0 that are both kept heat nobody, not even for a moment",
    layer: "whole",
    scenario: scenario({ retainedCommands: "accept" }, [
      { at: S, kind: "say", payload: "ON", retain: true },
      { at: 20 * S, kind: "say", payload: "0", isLevel: true, retain: true },
      { at: 60 * S, kind: "broker", does: "cut" },
    ], 5 * MIN),
  },
  ...(["core", "whole"] as const).flatMap((layer): Regression[] => [
    {
      name: "an OFF that waited at the broker for minutes is obeyed",
      layer,
      scenario: scenario(
        {},
        [
          { at: S, kind: "say", payload: "ON" },
          { at: 60 * S, kind: "broker", does: "unplug" },
          { at: 70 * S, kind: "say", payload: "OFF" },
          { at: 75 * S, kind: "say", payload: "ON" },
          { at: 76 * S, kind: "say", payload: "OFF" },
          { at: 6 * MIN, kind: "broker", does: "plug" },
        ],
        30 * MIN,
      ),
    },
    {
      name: "an OFF that the broker lost with its sessions is the failsafe's",
      layer,
      scenario: scenario(
        {},
        [
          { at: S, kind: "say", payload: "ON" },
          { at: 60 * S, kind: "broker", does: "unplug" },
          { at: 70 * S, kind: "say", payload: "OFF" },
          { at: 80 * S, kind: "broker", does: "kill" },
          { at: 81 * S, kind: "broker", does: "restart" },
          { at: 90 * S, kind: "broker", does: "plug" },
        ],
        30 * MIN,
      ),
    },
  ]),
  {
    name: "an OFF that waited while the machine slept is obeyed, an ON is not",
    layer: "whole",
    scenario: scenario({}, [
      { at: S, kind: "say", payload: "ON" },
      { at: 60 * S, kind: "sleep", forMs: 2 * MIN, says: ["OFF", "ON"] },
    ], 5 * MIN),
  },
];

for (const { name, layer, scenario } of REGRESSIONS) {
  Deno.test(`play() breaks no rule: ${name} (${layer})`, async () => {
    const outcome = await play(layer, scenario);
    if (outcome.violation === undefined) return;
    throw new Error(failureText({ layer, seed: 0, outcome, short: scenario }));
  });
}
