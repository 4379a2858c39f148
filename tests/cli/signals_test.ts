import { assertEquals } from "@std/assert";
import { listenForEnd } from "../../lib/cli/signals.ts";

/** What is listened to, and what is asked when these signals come, one after the other. */
function heard(os: string, come: readonly string[], unknown: string[] = []): {
  readonly listened: readonly string[];
  readonly asks: readonly string[];
} {
  const real = {
    addSignalListener: Deno.addSignalListener,
    removeSignalListener: Deno.removeSignalListener,
  };
  const listeners = new Map<string, () => void>();
  Deno.addSignalListener = (signal, listener) => {
    // As Deno does.
    if (unknown.includes(signal)) throw new TypeError(`Invalid: ${signal}`);
    listeners.set(signal, listener);
  };
  Deno.removeSignalListener = (signal, listener) => {
    if (listeners.get(signal) === listener) listeners.delete(signal);
  };
  try {
    const asks: string[] = [];
    const deaf = listenForEnd((ask, name) => asks.push(`${ask} ${name}`), os);
    const listened = [...listeners.keys()];
    for (const signal of come) listeners.get(signal)?.();
    deaf();
    assertEquals([...listeners.keys()], []);
    return { listened, asks };
  } finally {
    Object.assign(Deno, real);
  }
}

Deno.test("listenForEnd() hears Ctrl-C, Ctrl-Break and a closed window on Windows", () => {
  const { listened } = heard("windows", []);
  assertEquals(listened, ["SIGINT", "SIGBREAK", "SIGHUP", "SIGTERM"]);
});

Deno.test("listenForEnd() hears the three usual signals elsewhere", () => {
  assertEquals(heard("linux", []).listened, ["SIGINT", "SIGTERM", "SIGHUP"]);
});

Deno.test("listenForEnd() passes over a signal that the runtime does not know", () => {
  const { listened } = heard("windows", [], ["SIGTERM"]);
  assertEquals(listened, ["SIGINT", "SIGBREAK", "SIGHUP"]);
});

const cases: readonly [string, readonly string[], readonly string[]][] = [
  ["linux", ["SIGINT", "SIGINT"], ["stop SIGINT", "force SIGINT"]],
  ["linux", ["SIGTERM", "SIGINT"], ["stop SIGTERM", "force SIGINT"]],
  ["linux", ["SIGHUP", "SIGTERM"], ["stop SIGHUP", "force SIGTERM"]],
  ["windows", ["SIGINT", "SIGINT"], ["stop SIGINT", "force SIGINT"]],
  ["windows", ["SIGBREAK", "SIGINT"], ["stop SIGBREAK", "force SIGINT"]],
  // Windows kills about five seconds later.
  ["windows", ["SIGHUP"], ["force SIGHUP"]],
  ["windows", ["SIGTERM"], ["force SIGTERM"]],
];

for (const [os, come, asks] of cases) {
  Deno.test(`listenForEnd() takes ${come.join(", ")} on ${os} for ${asks.join(", ")}`, () => {
    assertEquals(heard(os, come).asks, asks);
  });
}
