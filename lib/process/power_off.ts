/** Powers the machine off. */
import { wordsOf } from "../core/words.ts";
import { HELPER_ENV } from "./process_table.ts";

/** What is tried, in order, on each operating system; looked up in PATH. */
const WAYS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  windows: [["shutdown", "/s", "/t", "0"]],
  linux: [["systemctl", "poweroff"], ["shutdown", "-h", "now"]],
};
const LIMIT_MS = 30_000;

/**
 * Asks the operating system to power off; resolves when it has agreed to.
 * @throws with what each way answered, if none worked.
 */
export async function powerOff(os: string = Deno.build.os): Promise<void> {
  const failures: string[] = [];
  for (const [program, ...args] of WAYS[os] ?? WAYS["linux"] ?? []) {
    if (program === undefined) continue;
    const failure = await failureOf(program, args);
    if (failure === undefined) return;
    failures.push(`${[program, ...args].join(" ")}: ${failure}`);
  }
  throw new Error(`${failures.join("; ")}; allow it to this user`);
}

async function failureOf(
  program: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const { success, code, stderr } = await new Deno.Command(program, {
      args: [...args],
      env: HELPER_ENV,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    if (success) return undefined;
    const said = new TextDecoder().decode(stderr).trim().split("\n")[0];
    return `exit code ${code}${said ? ` (${said})` : ""}`;
  } catch (error) {
    return wordsOf(error);
  }
}
