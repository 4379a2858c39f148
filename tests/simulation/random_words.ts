/** What a thermostat says, and whoever else speaks on its topics. */

import type { Random } from "./random.ts";
import type { Setup, Times, WorldEvent } from "./script.ts";

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;

const NONSENSE = [
  "on",
  "off",
  "1",
  "",
  "true",
  "ON OFF",
  '{"state":"ON"}',
  "O\u0000N",
  "SHUTDOWN",
  "\u{1F525}".repeat(60),
];

/** Cycles of ON and OFF; sometimes repeated, sometimes silent, sometimes nonsense. */
export function thermostatEvents(
  random: Random,
  times: Times,
  setup: Setup,
): WorldEvent[] {
  const events: WorldEvent[] = [];
  const repeats = setup.heat.silentAfterMs < Infinity || random.chance(0.1);
  const everyMin = setup.heat.silentAfterMs === 15 * MIN ? 10 : 30;
  const retains = random.chance(0.2);
  let on = random.chance(0.5);
  let at = times.fromMs;
  while ((at += random.span(2 * S)) < times.untilMs) {
    const payload = on ? "ON" : "OFF";
    const isNervous = random.chance(0.08);
    const until = at + random.span(isNervous ? 5 * S : (on ? 70 : 220) * MIN);
    const everyMs = repeats && random.chance(0.4) ? everyMin * MIN : Infinity;
    for (; at < until; at += everyMs) {
      const retain = retains || random.chance(0.02);
      events.push({ at, kind: "say", payload, retain });
    }
    at = until;
    on = !on;
    if (random.chance(0.06)) {
      const payload = random.pick(NONSENSE);
      events.push({ at, kind: "say", payload, retain: random.chance(0.2) });
    }
    if (random.chance(0.03)) {
      events.push({ at, kind: "say", payload: "ON", bytes: 1025 });
    }
    if (random.chance(0.02)) at += random.span(10 * HOUR);
    if (random.chance(0.03)) {
      events.push({ at, kind: "thermostat", state: "offline" });
      const back = at + random.span(8 * MIN);
      events.push({ at: back, kind: "thermostat", state: "online" });
    }
  }
  return events;
}

/** Where nothing is read: then nothing but the level says which stage rests. */
export function levelEvents(
  random: Random,
  times: Times,
  { telling }: Setup,
): WorldEvent[] {
  const events: WorldEvent[] = [];
  if (telling !== undefined || random.chance(0.4)) return events;
  let at = times.fromMs;
  while ((at += random.span(5 * HOUR)) < times.untilMs) {
    const payload = random.pick(
      [
        "0",
        "1",
        "12.5",
        "33",
        "50",
        "66.7",
        "99",
        "100",
        "100",
        "101",
        "-1",
        "ON",
      ],
    );
    const retain = random.chance(0.2);
    events.push({ at, kind: "say", payload, isLevel: true, retain });
  }
  return events;
}
