/** The ways an operating system asks a program to end. */

/** What a signal asks for: to end politely, or at once because little time is left. */
export type Ask = "stop" | "force";

/**
 * Calls `onAsk` for each signal to end: the first asks to stop, each further
 * one asks for force. Closing a Windows console leaves about five seconds, too
 * few for a polite stop. Returns a function that stops listening.
 */
export function listenForEnd(
  onAsk: (ask: Ask, signal: string) => void,
  os: string = Deno.build.os,
): () => void {
  const signals: readonly Deno.Signal[] = os === "windows"
    ? ["SIGINT", "SIGBREAK", "SIGHUP", "SIGTERM"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  let asked = false;
  const listeners = signals.map((signal) => {
    const listener = () => {
      // The window was closed, or the owner logs off.
      const hurried = os === "windows" &&
        (signal === "SIGHUP" || signal === "SIGTERM");
      onAsk(asked || hurried ? "force" : "stop", signal);
      asked = true;
    };
    if (!listens(signal, listener)) return () => {};
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/** Older runtimes do not know SIGTERM on Windows. */
function listens(signal: Deno.Signal, listener: () => void): boolean {
  try {
    Deno.addSignalListener(signal, listener);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
