/** What the demonstration says before and after. Pure. */

import { counted, span } from "../core/words.ts";
import { HEADING } from "./happening.ts";
import { type Account, TARGET_C, TIME_LAPSE } from "./household.ts";

export interface IntroductionOptions {
  readonly version: string;
  readonly forMs: number;
  readonly toml: string;
  readonly port: number;
  /** Where the thermostat speaks; the rest stands below. */
  readonly topic: string;
  readonly os: string;
}

/** What this is, and how a second terminal can join. */
export function introduction(options: IntroductionOptions): string {
  const { version, forMs, toml, port, topic, os } = options;
  const at = `-h 127.0.0.1 -p ${port}`;
  const kill = os === "windows" ? "taskkill /F /PID" : "kill -9";
  return [
    `KolikkoControl ${version}, a demonstration: a cold office, a thermostat that is set`,
    `to ${TARGET_C} C, and a rig with two stand-in miners (nothing is mined). The controller`,
    `is the real one. Time in the office runs ${TIME_LAPSE} times as fast: a second is two minutes.`,
    "",
    "The rig's kolikko.toml:",
    "",
    ...toml.trimEnd().split("\n").map((line) => `    ${line}`.trimEnd()),
    "",
    "In a second terminal you can",
    `  watch it all          mosquitto_sub -v ${at} -t "${topic}/#"`,
    `  be the thermostat     mosquitto_pub ${at} -t ${topic} -m OFF`,
    `  let a miner crash     ${kill} N   (N stands behind the miner's name below)`,
    "",
    `It ends after ${span(forMs)}, or at Ctrl-C.`,
    "",
    HEADING,
  ].join("\n");
}

/** What there was to see. */
export function farewell(account: Account, code: number): string {
  const { heatings, heatedMs, lastedMs, coldestC, warmestC } = account;
  const times = heatings === 1 ? "once" : `${heatings} times`;
  const range = `${coldestC.toFixed(1)} to ${warmestC.toFixed(1)} C`;
  return [
    "",
    `In ${
      span(lastedMs)
    } of the office's time the heat went on ${times}, for ` +
    `${span(heatedMs)} in all; it had ${range}.`,
    `The thermostat spoke ${
      counted(account.words, "time")
    }, the rig published ` +
    `${counted(account.messages, "message")}. ` +
    (code === 0
      ? "Nothing is left running."
      : "Something may still run: see above."),
  ].join("\n");
}
