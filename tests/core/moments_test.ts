/** Each guard, and what they do together, as tables of moments. */

import type { QuietWindow } from "../../lib/core/types.ts";
import { follow } from "./follow.ts";
import { MIN, S } from "./make.ts";

const HOUR = 60 * MIN;

const STOP = ["signal a polite"];
const START = ["start a"];

Deno.test("decide() keeps min on, a change of mind within it costs nothing", () => {
  follow({ heat: { minOnMs: 5 * MIN } }, [
    { at: 100, say: "on", does: START },
    { at: MIN, say: "off", verdicts: ["min_on"] },
    { at: 2 * MIN, say: "on", verdicts: ["running"] },
    { at: 3 * MIN, say: "off", verdicts: ["min_on"] },
    { at: 100 + 5 * MIN - 1, verdicts: ["min_on"] },
    { at: 100 + 5 * MIN, does: STOP },
    // It counts from the start of each run.
    { at: 6 * MIN, say: "on", does: START },
    { at: 11 * MIN - 1, say: "off", verdicts: ["min_on"] },
    { at: 11 * MIN, does: STOP },
  ]);
});

Deno.test("decide() keeps min off, a change of mind within it costs nothing", () => {
  follow({ heat: { minOffMs: 5 * MIN } }, [
    // Before the first run there is nothing to rest from.
    { at: 0, say: "on", does: START },
    { at: MIN, say: "off", does: STOP },
    { at: 2 * MIN, say: "on", verdicts: ["min_off"] },
    { at: 3 * MIN, say: "off", verdicts: ["idle"] },
    { at: 4 * MIN, say: "on", verdicts: ["min_off"] },
    { at: 6 * MIN - 1, verdicts: ["min_off"] },
    { at: 6 * MIN, does: START },
  ]);
});

Deno.test("decide() ends a heat after max on, until the word was OFF in between", () => {
  follow({ heat: { maxOnMs: HOUR, minOnMs: 2 * HOUR } }, [
    { at: 100, say: "on", does: START },
    // Neither a repetition nor min on makes it longer.
    { at: 50 * MIN, say: "on" },
    { at: 100 + HOUR - 1, verdicts: ["running"] },
    { at: 100 + HOUR, does: STOP },
    { at: 2 * HOUR, say: "on", verdicts: ["idle"] },
    { at: 3 * HOUR, say: "off", verdicts: ["idle"] },
    { at: 3 * HOUR + 1, say: "on", does: START },
    { at: 4 * HOUR, verdicts: ["running"] },
    { at: 4 * HOUR + 1, does: STOP },
  ]);
});

Deno.test("decide() keeps the stagger after a restart, too", () => {
  const commands = [{ name: "a" }, { name: "b" }];
  follow({ commands, heat: { staggerMs: 10 * S } }, [
    { at: 0, say: "on", does: START, verdicts: ["running", "stagger"] },
    { at: 10 * S - 1, verdicts: ["running", "stagger"] },
    { at: 10 * S, does: ["start b"] },
    { at: 12 * S, crash: "a", verdicts: ["backoff", "running"] },
    // Its rest is over, but b was started less than ten seconds ago: it still waits because of the crash.
    { at: 17 * S, verdicts: ["backoff", "running"] },
    { at: 20 * S - 1, verdicts: ["backoff", "running"] },
    { at: 20 * S, does: START },
  ]);
});

Deno.test("decide() rests for longer after each crash, then locks out, and forgets after a healthy run", () => {
  const commands = [{ lockoutFailures: 3, lockoutForMs: 30 * MIN }];
  follow({ commands }, [
    { at: 0, say: "on", does: START },
    { at: 1 * S, crash: "a", verdicts: ["backoff"] },
    { at: 6 * S - 1, verdicts: ["backoff"] },
    { at: 6 * S, does: START },
    { at: 7 * S, crash: "a", verdicts: ["backoff"] },
    { at: 17 * S - 1, verdicts: ["backoff"] },
    { at: 17 * S, does: START },
    { at: 18 * S, crash: "a", verdicts: ["lockout"] },
    // OFF and ON are no way around it.
    { at: 19 * S, say: "off", verdicts: ["lockout"] },
    { at: 20 * S, say: "on", verdicts: ["lockout"] },
    { at: 18 * S + 30 * MIN - 1, verdicts: ["lockout"] },
    { at: 18 * S + 30 * MIN, does: START },
    // One more short run: it is locked out again at once.
    { at: 18 * S + 31 * MIN - 1, crash: "a", verdicts: ["lockout"] },
    { at: 18 * S + 61 * MIN - 1, does: START },
    // A run that was long enough: it starts from the first rest.
    { at: 18 * S + 62 * MIN - 1, crash: "a", verdicts: ["backoff"] },
    { at: 23 * S + 62 * MIN - 2, verdicts: ["backoff"] },
    { at: 23 * S + 62 * MIN - 1, does: START },
  ]);
});

Deno.test("decide() waits for the longest of min off and backoff", () => {
  follow({ heat: { minOffMs: 8 * S } }, [
    { at: 0, say: "on", does: START },
    { at: S, crash: "a", verdicts: ["backoff"] },
    { at: 9 * S - 1, verdicts: ["backoff"] },
    { at: 9 * S, does: START },
    { at: 10 * S, crash: "a", verdicts: ["backoff"] },
    { at: 18 * S, verdicts: ["backoff"] },
    { at: 20 * S - 1, verdicts: ["backoff"] },
    { at: 20 * S, does: START },
  ]);
});

const NIGHT: QuietWindow = {
  days: [5, 6],
  fromMinute: 22 * 60,
  toMinute: 6 * 60,
};

Deno.test("decide() keeps quiet hours over midnight and the end of the week", () => {
  follow({ commands: [{ quietHours: [NIGHT] }] }, [
    { at: 0, say: "on", local: "Fri 21:59:59.999", does: START },
    { at: 1, local: "Fri 22:00", does: STOP, verdicts: ["stopping"] },
    { at: 2, local: "Fri 23:59:59.999", verdicts: ["quiet_hours"] },
    { at: 3, local: "Sat 00:00", verdicts: ["quiet_hours"] },
    { at: 4, local: "Sat 05:59:59.999", verdicts: ["quiet_hours"] },
    { at: 5, local: "Sat 06:00", does: START },
    { at: 6, local: "Sat 22:00", does: STOP },
    { at: 7, local: "Sat 23:59:59.999", verdicts: ["quiet_hours"] },
    { at: 8, local: "Sun 00:00", verdicts: ["quiet_hours"] },
    { at: 9, local: "Sun 05:59:59.999", verdicts: ["quiet_hours"] },
    { at: 10, local: "Sun 06:00", does: START },
    { at: 11, local: "Sun 22:00", verdicts: ["running"] },
  ]);
});

Deno.test("decide() keeps quiet hours in both passes of an hour that comes twice", () => {
  const quietHours = [{ days: [0], fromMinute: 0, toMinute: 150 }];
  follow({ commands: [{ quietHours }] }, [
    { at: 0, say: "on", local: "Sun 02:29:59.999", verdicts: ["quiet_hours"] },
    { at: 1, local: "Sun 02:30", does: START },
    { at: 2, local: "Sun 02:59:59.999", verdicts: ["running"] },
    { at: 3, local: "Sun 02:00", does: STOP },
    { at: 4, local: "Sun 02:29:59.999", verdicts: ["quiet_hours"] },
    { at: 5, local: "Sun 02:30", does: START },
  ]);
});

Deno.test("decide() lets quiet hours begin late that begin in an hour left out", () => {
  const quietHours = [{ days: [0], fromMinute: 150, toMinute: 300 }];
  follow({ commands: [{ quietHours }] }, [
    { at: 0, say: "on", local: "Sun 01:59:59.999", does: START },
    { at: 1, local: "Sun 03:00", does: STOP },
    { at: 2, local: "Sun 04:59:59.999", verdicts: ["quiet_hours"] },
    { at: 3, local: "Sun 05:00", does: START },
  ]);
});

Deno.test("decide() lets min on end before quiet hours stop a command, and min off after them", () => {
  const heat = { minOnMs: MIN, minOffMs: MIN };
  follow({ heat, commands: [{ quietHours: [NIGHT] }] }, [
    { at: 0, say: "on", local: "Fri 21:59:30", does: START },
    { at: 30 * S, local: "Fri 22:00", verdicts: ["min_on"] },
    { at: MIN - 1, local: "Fri 22:00:29.999", verdicts: ["min_on"] },
    { at: MIN, local: "Fri 22:00:30", does: STOP },
    { at: MIN + 30 * S, local: "Fri 22:01", verdicts: ["quiet_hours"] },
    // As if the clock was set: quiet hours are over, min off is not.
    { at: 2 * MIN - 1, local: "Sat 06:00", verdicts: ["min_off"] },
    { at: 2 * MIN, local: "Sat 06:00", does: START },
  ]);
});
