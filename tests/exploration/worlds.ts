/** The small worlds. */

import { type Plan, plan } from "./plan.ts";

/** Where rests after a failure are not what a world is about. */
const QUICK = {
  lockoutFailures: 1,
  lockoutForMs: 1,
  restartRestMaxMs: 1,
  stableAfterMs: 1,
};

/** Each of them within seconds. */
export const SMALL_WORLDS: readonly Plan[] = [
  plan("life", ["on", "off", "crash", "refusal"], {
    heat: { minOnMs: 2, minOffMs: 1, crashGraceMs: 2 },
  }),
  plan("grace", ["on", "off", "crash"], {
    heat: { minOffMs: 3, crashGraceMs: 5 },
    command: { lockoutFailures: 3 },
  }),
  plan("ladder", ["on", "off", "hang", "failing_look"], {
    command: QUICK,
  }),
  plan("late", ["on", "off", "crash", "late", "old_look"], {
    command: QUICK,
  }),
  plan("left behind", ["on", "off", "crash", "kids", "old_look"], {
    kids: 1,
    command: QUICK,
  }),
  plan("kill only", ["on", "off", "crash", "hang"], {
    kids: 1,
    killOnly: true,
    command: QUICK,
  }),
  plan("end", ["on", "crash", "stop", "force", "shutdown", "kids"], {
    kids: 1,
    heat: { minOnMs: 2 },
    command: QUICK,
  }),
  plan("failsafe", ["on", "off", "broker"], {
    heat: { brokerLostAfterMs: 2 },
    command: QUICK,
  }),
  plan("sleep", ["on", "off", "sleep", "crash"], {
    heat: { minOnMs: 2, minOffMs: 1 },
    command: QUICK,
  }),
  plan("leftover", ["on", "off", "kids", "stop"], {
    kids: 1,
    isLeft: true,
    heat: { minOffMs: 1 },
    command: QUICK,
  }),
];

/** All of them. */
export const WORLDS: readonly Plan[] = [
  ...SMALL_WORLDS,
  plan("long ladder", ["on", "off", "crash", "hang", "failing_look"], {
    kids: 1,
    command: QUICK,
  }),
  plan("batch", ["on", "off", "crash", "refusal", "batch"], {
    heat: { minOnMs: 2, minOffMs: 1, crashGraceMs: 2 },
  }),
  plan("other failsafes", ["on", "off", "home_assistant"], {
    isPrompt: true,
    heat: { thermostatOfflineAfterMs: 2, maxOnMs: 3, minOnMs: 1 },
    command: { ...QUICK, stopTimeoutMs: 1 },
  }),
  plan("all at once", ["on", "off", "crash", "broker", "stop", "batch"], {
    heat: { brokerLostAfterMs: 2, minOnMs: 2, minOffMs: 1, crashGraceMs: 1 },
    command: QUICK,
  }),
  plan("two", ["on", "off", "crash"], {
    count: 2,
    isPrompt: true,
    heat: { minOffMs: 1, staggerMs: 2, crashGraceMs: 2 },
    command: QUICK,
  }),
  plan("two levels", ["on", "off", "level"], {
    count: 2,
    isPrompt: true,
    heat: { minOnMs: 2, staggerMs: 1 },
    command: QUICK,
  }),
];
