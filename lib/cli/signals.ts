/** The ways an operating system asks a program to end, or to stand still. */

import { systemClock } from "../clock.ts";

/** What a signal asks for: to end politely, or at once because little time is left. */
export type Ask = "stop" | "force";

/** Who is told what came. */
export interface Ears {
  /** First to stop, then at most once more, for force. */
  onAsk(ask: Ask, signal: string): void;
  /** A signal that would end or stop another program; told now and then, however often it comes. */
  onPassed?(signal: string): void;
}

/** Signals as they come, from now until the program exits. */
export interface EndSignals {
  /** From now on they go here; those that ask to end and came before, at once. */
  heed(ears: Ears): void;
}

/** Each of them would end the program as it stands, with all that it started left alone. */
const ENDING: readonly Deno.Signal[] = [
  "SIGINT",
  "SIGTERM",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGVTALRM",
  "SIGPROF",
  "SIGIO",
  "SIGPWR",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGSTKFLT",
];
const ENDING_ON_WINDOWS: readonly Deno.Signal[] = [
  "SIGINT",
  "SIGBREAK",
  "SIGHUP",
  "SIGTERM",
];

/** What is passed over is told once in so long. */
const REMIND_MS = 10_000;

export interface ListenOptions {
  readonly os?: string;
  /** Is it over when its terminal is closed? On Windows it always is. */
  readonly endsAtHangup: boolean;
}

/**
 * Listens to each signal that ends a program: the first asks to stop, any
 * further one for force. Closing a Windows console leaves about five seconds,
 * too few for a polite stop. Nothing stops listening: without a listener the
 * next signal would end the program before its exit code is told.
 */
export function listenForEnd(options: ListenOptions): EndSignals {
  const { os = Deno.build.os, endsAtHangup } = options;
  const waiting: [Ask, string][] = [];
  let ears: Ears = { onAsk: (...ask) => waiting.push(ask) };
  let asked: Ask | undefined;
  const ask = (signal: string, isHurried: boolean) => {
    if (asked === "force") return;
    asked = asked === undefined && !isHurried ? "stop" : "force";
    ears.onAsk(asked, signal);
  };
  const toldAt = new Map<string, number>();
  const pass = (signal: string) => {
    const now = systemClock.now();
    if (now - (toldAt.get(signal) ?? -Infinity) < REMIND_MS) return;
    toldAt.set(signal, now);
    ears.onPassed?.(signal);
  };
  if (os === "windows") {
    for (const signal of ENDING_ON_WINDOWS) {
      // The window was closed, or the owner logs off.
      const isHurried = signal === "SIGHUP" || signal === "SIGTERM";
      listen(signal, () => ask(signal, isHurried));
    }
  } else {
    for (const signal of ENDING) listen(signal, () => ask(signal, false));
    listen(
      "SIGHUP",
      () => endsAtHangup ? ask("SIGHUP", false) : pass("SIGHUP"),
    );
    // Who stands still cannot hear OFF, while all that was started runs on.
    listen("SIGTSTP", () => pass("SIGTSTP"));
  }
  return {
    heed(given) {
      ears = given;
      for (const [what, signal] of waiting.splice(0)) ears.onAsk(what, signal);
    },
  };
}

/** Not every system and runtime knows all of them. */
function listen(signal: Deno.Signal, listener: () => void): void {
  try {
    Deno.addSignalListener(signal, listener);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
