import { assertEquals } from "@std/assert";
import { listenForEnd } from "../../lib/cli/signals.ts";

interface Heard {
  readonly listened: readonly string[];
  /** What was asked for, and what was passed over. */
  readonly told: readonly string[];
}

/** What is listened to, and what is told when these signals come, one after the other; `|` is where somebody begins to heed them. */
function heard(os: string, come: readonly string[], some: {
  readonly unknown?: readonly string[];
  readonly endsAtHangup?: boolean;
} = {}): Heard {
  const real = Deno.addSignalListener;
  const listeners = new Map<string, () => void>();
  Deno.addSignalListener = (signal, listener) => {
    // As Deno does.
    if (some.unknown?.includes(signal)) {
      throw new TypeError(`Invalid: ${signal}`);
    }
    listeners.set(signal, listener);
  };
  try {
    const told: string[] = [];
    const { endsAtHangup = false } = some;
    const signals = listenForEnd({ os, endsAtHangup });
    for (const signal of come) {
      if (signal !== "|") listeners.get(signal)?.();
      else {
        signals.heed({
          onAsk: (ask, name) => told.push(`${ask} ${name}`),
          onPassed: (name) => told.push(`pass ${name}`),
        });
      }
    }
    return { listened: [...listeners.keys()], told };
  } finally {
    Deno.addSignalListener = real;
  }
}

/** All that end a program by default (signal(7)), but for those that a program cannot catch or that tell of its own fault. */
const ENDING = "SIGINT SIGTERM SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGVTALRM " +
  "SIGPROF SIGIO SIGPWR SIGXCPU SIGXFSZ SIGSTKFLT";

Deno.test("listenForEnd() hears Ctrl-C, Ctrl-Break and a closed window on Windows", () => {
  const { listened } = heard("windows", []);
  assertEquals(listened, ["SIGINT", "SIGBREAK", "SIGHUP", "SIGTERM"]);
});

Deno.test("listenForEnd() hears all that would end or stop it elsewhere", () => {
  assertEquals(heard("linux", []).listened, [
    ...ENDING.split(" "),
    "SIGHUP",
    "SIGTSTP",
  ]);
});

Deno.test("listenForEnd() passes over a signal that the runtime does not know", () => {
  const { listened } = heard("windows", [], { unknown: ["SIGTERM"] });
  assertEquals(listened, ["SIGINT", "SIGBREAK", "SIGHUP"]);
});

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["linux", "| SIGINT SIGINT", ["stop SIGINT", "force SIGINT"]],
  ["linux", "| SIGTERM SIGINT", ["stop SIGTERM", "force SIGINT"]],
  ["linux", "| SIGTERM SIGTERM SIGTERM SIGTERM", [
    "stop SIGTERM",
    "force SIGTERM",
  ]],
  ["linux", "SIGTERM | SIGINT", ["stop SIGTERM", "force SIGINT"]],
  ["linux", "SIGTERM SIGTERM SIGTERM |", ["stop SIGTERM", "force SIGTERM"]],
  // There is nothing to be read again yet.
  ["linux", "| SIGHUP SIGHUP SIGTERM", ["pass SIGHUP", "stop SIGTERM"]],
  ["linux", "| SIGTSTP SIGHUP SIGTSTP", ["pass SIGTSTP", "pass SIGHUP"]],
  ["windows", "| SIGINT SIGINT", ["stop SIGINT", "force SIGINT"]],
  ["windows", "| SIGBREAK SIGINT", ["stop SIGBREAK", "force SIGINT"]],
  // Windows kills about five seconds later.
  ["windows", "| SIGHUP", ["force SIGHUP"]],
  ["windows", "| SIGTERM SIGTERM", ["force SIGTERM"]],
  ...ENDING.split(" ").map((name) =>
    ["linux", `| ${name}`, [`stop ${name}`]] as const
  ),
];

for (const [os, come, told] of cases) {
  Deno.test(`listenForEnd() takes ${come} on ${os} for ${told.join(", ")}`, () => {
    assertEquals(heard(os, come.split(" ")).told, told);
  });
}

Deno.test("listenForEnd() ends at SIGHUP what is over with its terminal", () => {
  const { told } = heard("linux", ["|", "SIGHUP"], { endsAtHangup: true });
  assertEquals(told, ["stop SIGHUP"]);
});
