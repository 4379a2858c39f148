/** Runs a small program for its output, for so long and so much and no more. */

import type { Clock } from "../../clock.ts";

/** How it ended. */
export type HelperResult =
  | { readonly kind: "ended"; readonly code: number; readonly output: string }
  /** It was killed; `gone` resolves when it has ended, which a hanging driver can delay for ever. */
  | { readonly kind: "hung"; readonly gone: Promise<unknown> }
  | { readonly kind: "missing" }
  /** Deno may not run it. */
  | { readonly kind: "refused" };

export interface HelperOptions {
  readonly args: readonly string[];
  readonly limitMs: number;
  readonly clock: Clock;
}

/** Never rejects for what the program does. */
export type RunHelper = (
  path: string,
  options: HelperOptions,
) => Promise<HelperResult>;

const BYTES_MAX = 64 * 1024;

/** All that such a program needs of our environment; our secrets are not in it. */
const INHERITED = ["PATH", "SystemRoot", "windir"];

/** Starts it directly, without a shell. */
export async function runHelper(
  path: string,
  options: HelperOptions,
): Promise<HelperResult> {
  const child = start(path, options.args);
  if (child === "missing" || child === "refused") return { kind: child };
  const ended = new AbortController();
  const reader = child.stdout.getReader();
  const whole = Promise.all([readSome(reader), child.status])
    .finally(() => ended.abort());
  // It is awaited below, unless it hangs: then nobody wants to know.
  whole.catch(() => {});
  await options.clock.sleep(options.limitMs, ended.signal);
  if (ended.signal.aborted) {
    const [output, { code }] = await whole;
    return { kind: "ended", code, output };
  }
  kill(child);
  void reader.cancel().catch(() => {});
  return { kind: "hung", gone: child.status.catch(() => {}) };
}

function start(
  path: string,
  args: readonly string[],
): Deno.ChildProcess | "missing" | "refused" {
  try {
    return new Deno.Command(path, {
      args: [...args],
      clearEnv: true,
      env: environment(),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "refused";
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied
    ) return "missing";
    throw error;
  }
}

function environment(): Record<string, string> {
  // The mark says that it is no program of the owner's, though it is a child of ours.
  const env: Record<string, string> = { LC_ALL: "C", KOLIKKO_MARK: "helper" };
  for (const variable of INHERITED) {
    const { state } = Deno.permissions.querySync({ name: "env", variable });
    const value = state === "granted" ? Deno.env.get(variable) : undefined;
    if (value !== undefined) env[variable] = value;
  }
  return env;
}

/** Reads on when it has enough, so that the program does not wait for us. */
async function readSome(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text;
    if (text.length < BYTES_MAX) {
      text += decoder.decode(value, { stream: true });
    }
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended.
  }
}
